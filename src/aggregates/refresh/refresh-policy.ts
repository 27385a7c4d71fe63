import type { Database, Queryable } from '../../database/database.js';
import { sqlStateOf } from '../../database/sql-state.js';
import { badUserInput, messageOf } from '../../errors.js';
import { AGGREGATES } from '../registry.js';
import type { AggregateName } from '../registry.js';

/** What is to change of a refresh policy, as ISO 8601 durations; what is absent stays as it is. */
export interface PolicyChange {
  readonly enabled?: boolean;
  readonly scheduleInterval?: string;
  /** Null: from the oldest day. */
  readonly startOffset?: string | null;
  /** Null: to the newest day. */
  readonly endOffset?: string | null;
}

interface Policy {
  readonly job_id: number;
  readonly enabled: boolean;
  readonly schedule: string;
  readonly start: string | null;
  readonly end: string | null;
}

const LONGEST_SCHEDULE = '100 years';

/** What a policy that is made anew has where nothing else is asked for. */
const NEW_POLICY = { enabled: true, schedule: '1 hour', start: null, end: '1 hour' };

/**
 * Changes the refresh policy of an aggregate, making one where there is none. Throws
 * BAD_USER_INPUT with the reason where TimescaleDB would refuse it.
 */
export async function setRefreshPolicy(
  database: Database,
  name: AggregateName,
  change: PolicyChange,
): Promise<void> {
  const { sqlName } = AGGREGATES[name];
  try {
    await database.transaction(async (session) => {
      const policy = await findPolicy(session, sqlName);
      const now = policy ?? NEW_POLICY;
      const next = {
        enabled: change.enabled ?? now.enabled,
        schedule: change.scheduleInterval ?? now.schedule,
        start: change.startOffset === undefined ? now.start : change.startOffset,
        end: change.endOffset === undefined ? now.end : change.endOffset,
      };
      await checkSchedule(session, next.schedule);
      await checkOffsets(session, next);
      const isNewWindow = change.startOffset !== undefined || change.endOffset !== undefined;
      let jobId = policy?.job_id;
      // TimescaleDB checks a window only where a policy is made, so one is made for that, and only
      // then: it ends a run of the old one. That one is altered afterwards: it keeps its number
      // and with it what is known of its runs.
      if (policy && isNewWindow) {
        await session.query('SAVEPOINT trial');
        await session.query('SELECT remove_continuous_aggregate_policy($1::regclass)', [sqlName]);
        await addPolicy(session, sqlName, next);
        await session.query('ROLLBACK TO SAVEPOINT trial');
      }
      jobId ??= await addPolicy(session, sqlName, next);
      await session.query(
        `SELECT alter_job(job.job_id, scheduled => $2, schedule_interval => $3::interval,
          config => job.config || jsonb_build_object(
            'start_offset', $4::interval, 'end_offset', $5::interval))
        FROM timescaledb_information.jobs AS job WHERE job.job_id = $1`,
        [jobId, next.enabled, next.schedule, next.start, next.end],
      );
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw badUserInput(`The refresh policy of ${sqlName} cannot be so: ${reasonOf(error)}`);
  }
}

async function findPolicy(session: Queryable, sqlName: string): Promise<Policy | undefined> {
  const [policy] = await session.query<Policy>(
    `SELECT job.job_id, job.scheduled AS enabled, job.schedule_interval::text AS schedule,
      job.config ->> 'start_offset' AS start, job.config ->> 'end_offset' AS "end"
    FROM timescaledb_information.jobs AS job
    JOIN _timescaledb_catalog.continuous_agg AS view
      ON view.mat_hypertable_id = (job.config ->> 'mat_hypertable_id')::int
    WHERE job.proc_name = 'policy_refresh_continuous_aggregate' AND view.user_view_name = $1
      AND view.user_view_schema = current_schema()`,
    [sqlName],
  );
  return policy;
}

async function addPolicy(
  session: Queryable,
  sqlName: string,
  { schedule, start, end }: Omit<Policy, 'job_id'>,
): Promise<number> {
  const [made] = await session.query<{ job_id: number }>(
    `SELECT add_continuous_aggregate_policy($1::regclass, start_offset => $2::interval,
      end_offset => $3::interval, schedule_interval => $4::interval) AS job_id`,
    [sqlName, start, end, schedule],
  );
  return made!.job_id;
}

/** Refuses a schedule without a next run: reading when that is would fail for everybody. */
async function checkSchedule(session: Queryable, schedule: string): Promise<void> {
  const [row] = await session.query<{ positive: boolean; fits: boolean }>(
    `SELECT $1::interval > interval '0' AS positive, $1::interval <= $2::interval AS fits`,
    [schedule, LONGEST_SCHEDULE],
  );
  if (!row!.positive)
    throw badUserInput(`scheduleInterval must be longer than nothing, but got ${schedule}`);
  if (!row!.fits) {
    throw badUserInput(`scheduleInterval must be at most ${LONGEST_SCHEDULE}, but got ${schedule}`);
  }
}

/** Refuses offsets that reach beyond the calendar: no run of the policy could name its days. */
async function checkOffsets(
  session: Queryable,
  { start, end }: Pick<Policy, 'start' | 'end'>,
): Promise<void> {
  for (const [field, offset] of Object.entries({ startOffset: start, endOffset: end })) {
    if (offset === null) continue;
    const [row] = await session.query<{ fits: boolean }>(
      `SELECT ((now() AT TIME ZONE 'UTC') - $1::interval)::date
        BETWEEN date '0001-01-01' AND date '9999-12-31' AS fits`,
      [offset],
    );
    if (!row!.fits)
      throw badUserInput(`${field} must stay within the years 1 to 9999, but got ${offset}`);
  }
}

/** Whether the database refused a value: the class "data exception" and what TimescaleDB raises. */
function isRefusal(error: unknown): boolean {
  const sqlState = sqlStateOf(error);
  return sqlState !== undefined && (sqlState.startsWith('22') || sqlState === '0A000');
}

/** What TimescaleDB says, with its detail and hint. */
function reasonOf(error: unknown): string {
  const { driverError } = error as { driverError?: { detail?: string; hint?: string } };
  return [messageOf(error), driverError?.detail, driverError?.hint].filter(Boolean).join('. ');
}
