import type { Database } from '../../database/database.js';

/**
 * A subquery (view_name, job_id, …) with the refresh policies and what is known of their runs: on
 * a server as TimescaleDB's scheduler keeps it, on the embedded engine, where this software
 * runs the policies, from aggregate_refreshes. Recent failures are those among about the last
 * ten runs: a server may keep a history of failures only, so there they are counted by time.
 */
export function policyRuns(engine: Database['engine']): string {
  return engine === 'server' ? ofServer : ofEmbedded;
}

const POLICIES = `
  SELECT view.user_view_name AS view_name, job.job_id, job.scheduled, job.schedule_interval,
    extract(epoch FROM job.schedule_interval)::float8 AS schedule_seconds,
    (job.config ->> 'start_offset')::interval AS start_offset,
    (job.config ->> 'end_offset')::interval AS end_offset
  FROM timescaledb_information.jobs AS job
  JOIN _timescaledb_catalog.continuous_agg AS view
    ON view.mat_hypertable_id = (job.config ->> 'mat_hypertable_id')::int
  WHERE job.proc_name = 'policy_refresh_continuous_aggregate'
    AND view.user_view_schema = current_schema()`;

const ofServer = `
  SELECT policy.*,
    CASE WHEN isfinite(stats.next_start) THEN stats.next_start END AS next_run,
    CASE WHEN isfinite(stats.last_successful_finish) THEN stats.last_successful_finish END AS last_success,
    CASE WHEN stats.last_finish > stats.last_start
      THEN extract(epoch FROM stats.last_finish - stats.last_start)::float8 END AS last_duration_seconds,
    CASE WHEN NOT isfinite(stats.last_finish) THEN NULL WHEN stats.last_run_success THEN 'Success'
      WHEN NOT stats.last_run_success THEN 'Failed' END AS last_run_status,
    coalesce(stats.total_runs, 0)::int AS total_runs,
    coalesce(stats.total_successes, 0)::int AS total_successes,
    -- A run counts as a crash until it ends.
    coalesce(stats.total_failures + stats.total_crashes
      - (stats.last_finish = '-infinity')::int, 0)::int AS total_failures,
    (SELECT error.err_message FROM timescaledb_information.job_errors AS error
      WHERE error.job_id = policy.job_id ORDER BY error.finish_time DESC LIMIT 1) AS last_error,
    (SELECT count(*)::int FROM timescaledb_information.job_errors AS error
      WHERE error.job_id = policy.job_id
        AND error.start_time > stats.last_start - 10 * policy.schedule_interval) AS recent_failures
  FROM (${POLICIES}) AS policy
  LEFT JOIN _timescaledb_internal.bgw_job_stat AS stats ON stats.job_id = policy.job_id`;

const ofEmbedded = `
  SELECT policy.*, runs.last_success, runs.last_duration_seconds, runs.last_run_status, runs.last_error,
    runs.runs + coalesce(pruned.successes + pruned.failures, 0) AS total_runs,
    runs.successes + coalesce(pruned.successes, 0) AS total_successes,
    runs.failures + coalesce(pruned.failures, 0) AS total_failures,
    CASE WHEN policy.scheduled
      THEN coalesce(scheduled.last_started_at + policy.schedule_interval, now()) END AS next_run,
    (SELECT count(*)::int FROM (
      SELECT state FROM aggregate_refreshes
      WHERE view_name = policy.view_name AND origin = 'POLICY' AND state IN ('SUCCEEDED', 'FAILED')
      ORDER BY id DESC LIMIT 10
    ) AS recent WHERE recent.state = 'FAILED') AS recent_failures
  FROM (${POLICIES}) AS policy
  LEFT JOIN scheduled_jobs AS scheduled ON scheduled.job_id = policy.job_id
  LEFT JOIN pruned_policy_runs AS pruned ON pruned.view_name = policy.view_name
  CROSS JOIN LATERAL (
    SELECT max(run.finished_at) FILTER (WHERE run.state = 'SUCCEEDED') AS last_success,
      (array_agg(extract(epoch FROM run.finished_at - run.started_at)::float8 ORDER BY run.id DESC)
        FILTER (WHERE run.finished_at IS NOT NULL))[1] AS last_duration_seconds,
      (array_agg(CASE WHEN run.state = 'SUCCEEDED' THEN 'Success' ELSE 'Failed' END ORDER BY run.id DESC)
        FILTER (WHERE run.finished_at IS NOT NULL))[1] AS last_run_status,
      (array_agg(run.error ORDER BY run.id DESC) FILTER (WHERE run.state = 'FAILED'))[1] AS last_error,
      count(run.finished_at)::int AS runs,
      (count(*) FILTER (WHERE run.state = 'SUCCEEDED'))::int AS successes,
      (count(*) FILTER (WHERE run.state = 'FAILED'))::int AS failures
    FROM aggregate_refreshes AS run
    WHERE run.view_name = policy.view_name AND run.origin = 'POLICY'
      AND run.state IN ('SUCCEEDED', 'FAILED')
  ) AS runs`;
