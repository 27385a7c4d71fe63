import type { Database, Queryable } from '../../database/database.js';
import { sqlStateOf } from '../../database/sql-state.js';
import { badUserInput, messageOf } from '../../errors.js';
import {
  addRefreshPolicy,
  alterRefreshPolicy,
  findRefreshPolicy,
  tryRefreshPolicy,
  type RefreshPolicy,
} from '../../timescale/refresh-policies.js';
import { AGGREGATES, type AggregateName } from '../registry.js';

/** What is to change of a refresh policy, as ISO 8601 durations; what is absent stays as it is. */
export interface PolicyChange {
  readonly enabled?: boolean;
  readonly scheduleInterval?: string;
  /** Null: from the oldest day. */
  readonly startOffset?: string | null;
  /** Null: to the newest day. */
  readonly endOffset?: string | null;
}

const LONGEST_SCHEDULE = '100 years';

/** What a new policy has where nothing else is given. */
const NEW_POLICY: RefreshPolicy = { enabled: true, schedule: '1 hour', start: null, end: '1 hour' };

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
      const policy = await findRefreshPolicy(session, sqlName);
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
      if (policy && isNewWindow) await tryRefreshPolicy(session, sqlName, next);
      const jobId = policy?.jobId ?? (await addRefreshPolicy(session, sqlName, next));
      await alterRefreshPolicy(session, jobId, next);
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw badUserInput(`The refresh policy of ${sqlName} cannot be so: ${reasonOf(error)}`);
  }
}

/** Refuses a schedule without a next run: reading when that is would fail for every caller. */
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
  { start, end }: Pick<RefreshPolicy, 'start' | 'end'>,
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
