import { jobRuns, REFRESH_POLICIES } from '../../timescale/refresh-policies.js';

/** What runs the policies: TimescaleDB's background workers, or the instances of this program. */
export const POLICY_RUNNERS = ['database', 'application'] as const;
export type PolicyRunner = (typeof POLICY_RUNNERS)[number];

/**
 * A subquery (view_name, job_id, …) with the refresh policies and what is known of their runs by
 * whichever runs them: as TimescaleDB's scheduler records them, or from aggregate_refreshes.
 */
export function policyRuns(runner: PolicyRunner): string {
  return `
  SELECT policy.*, extract(epoch FROM policy.schedule_interval)::float8 AS schedule_seconds, runs.*
  FROM (${REFRESH_POLICIES}) AS policy
  CROSS JOIN LATERAL (${runner === 'database' ? jobRuns('policy') : APPLICATION_RUNS}) AS runs`;
}

/** Recent failures are those among the last ten runs; runs that are pruned are counted still. */
const APPLICATION_RUNS = `
  SELECT runs.last_success, runs.last_duration_seconds, runs.last_run_status, runs.last_error,
    runs.successes + runs.failures + coalesce(pruned.successes + pruned.failures, 0) AS total_runs,
    runs.successes + coalesce(pruned.successes, 0) AS total_successes,
    runs.failures + coalesce(pruned.failures, 0) AS total_failures,
    CASE WHEN policy.scheduled THEN coalesce((
      SELECT scheduled.last_started_at + policy.schedule_interval FROM scheduled_jobs AS scheduled
      WHERE scheduled.job_id = policy.job_id), now()) END AS next_run,
    (SELECT count(*)::int FROM (
      SELECT state FROM aggregate_refreshes
      WHERE view_name = policy.view_name AND origin = 'POLICY' AND state IN ('SUCCEEDED', 'FAILED')
      ORDER BY id DESC LIMIT 10
    ) AS recent WHERE recent.state = 'FAILED') AS recent_failures
  FROM (
    SELECT max(run.finished_at) FILTER (WHERE run.state = 'SUCCEEDED') AS last_success,
      (array_agg(extract(epoch FROM run.finished_at - run.started_at)::float8 ORDER BY run.id DESC)
        FILTER (WHERE run.finished_at IS NOT NULL))[1] AS last_duration_seconds,
      (array_agg(CASE WHEN run.state = 'SUCCEEDED' THEN 'Success' ELSE 'Failed' END ORDER BY run.id DESC)
        FILTER (WHERE run.finished_at IS NOT NULL))[1] AS last_run_status,
      (array_agg(run.error ORDER BY run.id DESC) FILTER (WHERE run.state = 'FAILED'))[1] AS last_error,
      (count(*) FILTER (WHERE run.state = 'SUCCEEDED'))::int AS successes,
      (count(*) FILTER (WHERE run.state = 'FAILED'))::int AS failures
    FROM aggregate_refreshes AS run
    WHERE run.view_name = policy.view_name AND run.origin = 'POLICY'
      AND run.state IN ('SUCCEEDED', 'FAILED')
  ) AS runs
  LEFT JOIN pruned_policy_runs AS pruned ON pruned.view_name = policy.view_name`;
