import type { Queryable } from '../database/database.js';
import { CONTINUOUS_AGGREGATES } from './catalog.js';

/** A job of TimescaleDB that is to run now. */
export interface DueJob {
  readonly job_id: number;
  /** The aggregate of a refresh policy; null for another job. */
  readonly view_name: string | null;
  /** The days that a refresh policy takes now; null: unlimited. */
  readonly from_day: string | null;
  /** The first day that it leaves out. */
  readonly end_day: string | null;
}

/**
 * The jobs whose schedule has passed since this program last ran them: refresh and compression of
 * portfolio_metrics and the continuous aggregates of the current schema. Jobs of other tables of
 * the database belong to other programs.
 */
export function findDueJobs(session: Queryable, now: Date): Promise<DueJob[]> {
  return session.query<DueJob>(
    `WITH aggregates AS (${CONTINUOUS_AGGREGATES})
    SELECT job.job_id, refreshed.view_name,
      (($1::timestamptz AT TIME ZONE 'UTC') - (job.config ->> 'start_offset')::interval)::date AS from_day,
      (($1::timestamptz AT TIME ZONE 'UTC') - (job.config ->> 'end_offset')::interval)::date AS end_day
    FROM timescaledb_information.jobs AS job
    LEFT JOIN aggregates AS refreshed
      ON job.proc_name = 'policy_refresh_continuous_aggregate'
      AND refreshed.id = (job.config ->> 'mat_hypertable_id')::int
    LEFT JOIN scheduled_jobs AS run ON run.job_id = job.job_id
    WHERE job.scheduled
      -- Only its owner may run a job: a serving role leaves compression to TimescaleDB.
      AND pg_has_role(job.owner, 'USAGE')
      AND (refreshed.id IS NOT NULL OR job.proc_name = 'policy_compression'
        AND to_regclass(format('%I.%I', job.hypertable_schema, job.hypertable_name)) IN (
          SELECT to_regclass('portfolio_metrics') UNION ALL SELECT relid FROM aggregates
          UNION ALL SELECT to_regclass(quote_ident(view_name)) FROM aggregates))
      -- A run further ahead than that is one of a clock that was wrong; instances differ by less.
      AND (run.last_started_at IS NULL OR run.last_started_at > $1 + job.schedule_interval
        OR run.last_started_at + job.schedule_interval <= $1)
    ORDER BY job.job_id`,
    [now],
  );
}

/** Runs a job here and now, not in TimescaleDB's background workers. */
export async function runJob(session: Queryable, { job_id }: DueJob): Promise<void> {
  await session.query('CALL run_job($1)', [job_id]);
}
