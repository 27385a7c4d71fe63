import type { Queryable } from '../database/database.js';
import { CONTINUOUS_AGGREGATES } from './catalog.js';

/** The view in which TimescaleDB lists the runs of jobs that failed. */
export const JOB_ERRORS = 'timescaledb_information.job_errors';

/** A subquery with the refresh policies of the continuous aggregates of the current schema. */
export const REFRESH_POLICIES = `
  SELECT aggregate.view_name, job.job_id, job.scheduled, job.schedule_interval,
    (job.config ->> 'start_offset')::interval AS start_offset,
    (job.config ->> 'end_offset')::interval AS end_offset
  FROM timescaledb_information.jobs AS job
  JOIN (${CONTINUOUS_AGGREGATES}) AS aggregate
    ON aggregate.id = (job.config ->> 'mat_hypertable_id')::int
  WHERE job.proc_name = 'policy_refresh_continuous_aggregate'`;

/**
 * A subquery with what TimescaleDB's own scheduler knows of the runs of a job, a row in any case.
 * Recent failures are those of about the last ten runs: a server may keep a history of failures
 * only, so they are counted by time.
 *
 * @param job the alias of a row with job_id and schedule_interval, beside which this is LATERAL
 */
export function jobRuns(job: string): string {
  return `
  SELECT
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
    (SELECT error.err_message FROM ${JOB_ERRORS} AS error
      WHERE error.job_id = ${job}.job_id ORDER BY error.finish_time DESC LIMIT 1) AS last_error,
    (SELECT count(*)::int FROM ${JOB_ERRORS} AS error
      WHERE error.job_id = ${job}.job_id
        AND error.start_time > stats.last_start - 10 * ${job}.schedule_interval) AS recent_failures
  FROM (SELECT) AS one
  LEFT JOIN _timescaledb_internal.bgw_job_stat AS stats ON stats.job_id = ${job}.job_id`;
}

/** A refresh policy as TimescaleDB has it; durations are texts that PostgreSQL reads as intervals. */
export interface RefreshPolicy {
  readonly enabled: boolean;
  readonly schedule: string;
  /** Null: from the oldest day. */
  readonly start: string | null;
  /** Null: to the newest day. */
  readonly end: string | null;
}

/** The refresh policy of a continuous aggregate, and its job; undefined where it has none. */
export async function findRefreshPolicy(
  session: Queryable,
  sqlName: string,
): Promise<(RefreshPolicy & { readonly jobId: number }) | undefined> {
  const [policy] = await session.query<RefreshPolicy & { readonly jobId: number }>(
    `SELECT policy.job_id AS "jobId", policy.scheduled AS enabled,
      policy.schedule_interval::text AS schedule, policy.start_offset::text AS start,
      policy.end_offset::text AS "end"
    FROM (${REFRESH_POLICIES}) AS policy WHERE policy.view_name = $1`,
    [sqlName],
  );
  return policy;
}

/** Makes a refresh policy and returns its job. TimescaleDB refuses a window that is too small. */
export async function addRefreshPolicy(
  session: Queryable,
  sqlName: string,
  { schedule, start, end }: RefreshPolicy,
): Promise<number> {
  const [added] = await session.query<{ job_id: number }>(
    `SELECT add_continuous_aggregate_policy($1::regclass, start_offset => $2::interval,
      end_offset => $3::interval, schedule_interval => $4::interval) AS job_id`,
    [sqlName, start, end, schedule],
  );
  return added!.job_id;
}

/**
 * Has TimescaleDB check the window of a policy, which it does only where a policy is made. Ends a
 * run of the present one.
 */
export async function tryRefreshPolicy(
  session: Queryable,
  sqlName: string,
  policy: RefreshPolicy,
): Promise<void> {
  await session.query('SAVEPOINT trial');
  await session.query('SELECT remove_continuous_aggregate_policy($1::regclass)', [sqlName]);
  await addRefreshPolicy(session, sqlName, policy);
  await session.query('ROLLBACK TO SAVEPOINT trial');
}

/** Changes the job of a policy; it keeps its number and with it what is known of its runs. */
export async function alterRefreshPolicy(
  session: Queryable,
  jobId: number,
  { enabled, schedule, start, end }: RefreshPolicy,
): Promise<void> {
  await session.query(
    `SELECT alter_job(job.job_id, scheduled => $2, schedule_interval => $3::interval,
      config => job.config || jsonb_build_object(
        'start_offset', $4::interval, 'end_offset', $5::interval))
    FROM timescaledb_information.jobs AS job WHERE job.job_id = $1`,
    [jobId, enabled, schedule, start, end],
  );
}
