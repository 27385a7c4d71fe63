import pRetry, { AbortError } from 'p-retry';
import type { Queryable, Session } from '../../database/database.js';
import { PLAN_BY_PARAMETERS, PLAN_ONCE } from '../../database/session-settings.js';
import { LOCK_NOT_AVAILABLE, PASSING, sqlStateOf } from '../../database/sql-state.js';
import { messageOf } from '../../errors.js';
import { formatDay, toDay } from '../../metrics/calendar.js';
import type { AggregateStateRow } from '../../timescale/aggregate-state.js';
import { aggregateState, firstDay, lastDay } from '../../timescale/aggregate-state.js';
import type { AggregateState, PendingRange } from '../aggregate-state.js';
import { toAggregateState } from '../aggregate-state.js';
import { clipRanges } from '../day-ranges.js';
import type { DayRange } from '../day-ranges.js';
import { formatRange } from '../freshness.js';
import type { Refresh } from './refresh.js';
import type { RefreshOutcome, RefreshStore } from './refresh-store.js';
import { AGGREGATES } from '../registry.js';
import type { AggregateName } from '../registry.js';
import { adaptBudget, countDays, nextSlice, rangeOf } from './slices.js';

/** About how long one slice may take, in milliseconds; on the embedded engine everybody waits for it. */
const SLICE_MS = 1000;
/** Pending days in the first slice: of 10,000 portfolios about a second on the embedded engine. */
const FIRST_BUDGET = 5;
/** A slice is tried this often when it fails for a passing reason. */
const TRIES = 5;
const LEAST_WAIT_MS = 100;
const MOST_WAIT_MS = 2000;

/** Thrown between two slices when a refresh is not to go on; null: it waits again. */
class Stopped extends Error {
  constructor(readonly outcome: RefreshOutcome | null) {
    super(outcome?.state ?? 'QUEUED');
  }
}

/**
 * Runs one refresh that has been started, under its aggregate's lock, and gives how it ended:
 * SUCCEEDED when everything committed before it started is materialized. Every slice is a
 * transaction of its own, so that what is done stays done. Null where a refresh of somebody else's
 * kept it from doing anything: then it waits again.
 */
export async function runRefresh(
  session: Session,
  store: RefreshStore,
  refresh: Refresh,
  signal: AbortSignal,
): Promise<RefreshOutcome | null> {
  try {
    const before = await inspect(session, refresh.name);
    const asked = rangeOf(refresh.from, refresh.to);
    const [range] = before.extent ? clipRanges([before.extent], asked) : [];
    if (!range) return { state: 'SUCCEEDED' };
    const running = refreshAndVerify(session, store, refresh, range, before, signal);
    const outcome = await running.catch(outcomeOf);
    // What a refresh has done counts also where it failed or was cancelled, and how it ended does
    // not hang on this.
    if (outcome && before.state.pending.length > 0) {
      await tidyGrown(session, before.materialization, signal).catch(() => undefined);
    }
    return outcome;
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): RefreshOutcome | null {
  return error instanceof Stopped ? error.outcome : { state: 'FAILED', error: messageOf(error) };
}

async function refreshAndVerify(
  session: Session,
  store: RefreshStore,
  refresh: Refresh,
  range: DayRange,
  before: Inspection,
  signal: AbortSignal,
): Promise<RefreshOutcome> {
  let pending = clipRanges(before.state.pending, range);
  for (let pass = 1; ; pass++) {
    await runSlices(session, store, refresh, range, pending, pass === 1, signal);
    const after = await inspect(session, refresh.name);
    const left = after.state.pending.flatMap((days): PendingRange[] =>
      clipRanges([days], range).map((clipped) => ({ ...days, ...clipped })),
    );
    if (left.length === 0) return { state: 'SUCCEEDED' };
    if (after.writes !== before.writes) return { state: 'SUCCEEDED', pendingAfter: left };
    if (pass === 2) {
      const days = left.map(formatRange).join(', ');
      return {
        state: 'FAILED',
        error: `Still pending after two passes, though nothing was written: ${days}`,
      };
    }
    pending = left;
  }
}

async function runSlices(
  session: Session,
  store: RefreshStore,
  { id, name }: Refresh,
  range: DayRange,
  pending: readonly DayRange[],
  isFirstPass: boolean,
  signal: AbortSignal,
): Promise<void> {
  const total = countDays(pending);
  let budget = FIRST_BUDGET;
  for (let from = range.from; from <= range.to;) {
    const slice = nextSlice({ from, to: range.to }, pending, budget);
    const startedMs = performance.now();
    await retried(
      () => refreshSlice(session, name, slice),
      async (error) => {
        stopIfAborted(signal);
        stopIfCancelled(await store.find(id));
        const hasBegun = !isFirstPass || from > range.from;
        if (hasBegun || sqlStateOf(error) !== LOCK_NOT_AVAILABLE) return;
        if (await store.requeue(session, id)) throw new Stopped(null);
      },
    );
    const days = countDays(clipRanges(pending, slice));
    budget = adaptBudget(budget, days, performance.now() - startedMs, SLICE_MS);
    from = slice.to + 1;
    const done = total - countDays(clipRanges(pending, { from, to: Infinity }));
    stopIfAborted(signal);
    // The last slice is done: a refresh that comes to its end is not cancelled any more.
    const now = await store.progress(session, id, total === 0 ? 1 : done / total);
    if (from <= range.to) stopIfCancelled(now);
  }
}

async function refreshSlice(
  session: Session,
  name: AggregateName,
  { from, to }: DayRange,
): Promise<void> {
  await session.query(PLAN_BY_PARAMETERS);
  try {
    await session.query('CALL refresh_continuous_aggregate($1::regclass, $2::date, $3::date)', [
      AGGREGATES[name].sqlName,
      formatDay(from),
      formatDay(to + 1),
    ]);
  } finally {
    await session.cleanUp(PLAN_ONCE);
  }
}

/** Repeats what failed for a passing reason: a few times, but as long as another refresh runs. */
function retried(
  work: () => Promise<unknown>,
  beforeRetry: (error: Error) => Promise<void>,
): Promise<unknown> {
  let failures = 0;
  const attempt = async (): Promise<unknown> => {
    try {
      return await work();
    } catch (error) {
      const sqlState = sqlStateOf(error);
      const passes = PASSING.some((state) => state === sqlState);
      if (sqlState !== LOCK_NOT_AVAILABLE) failures += 1;
      if (!passes || failures >= TRIES) throw new AbortError(error as Error);
      throw error;
    }
  };
  return pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: LEAST_WAIT_MS,
    maxTimeout: MOST_WAIT_MS,
    onFailedAttempt: ({ error }) => beforeRetry(error),
  });
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new Stopped({
      state: 'FAILED',
      error: 'The process that ran it was stopped; what it had done is kept.',
    });
  }
}

function stopIfCancelled(refresh: Refresh | undefined): void {
  if (refresh?.cancelRequested) throw new Stopped({ state: 'CANCELLED' });
}

/** Statistics of less than this are brought up to date in a few milliseconds. */
const SMALL_BYTES = 1_048_576;

/**
 * Brings statistics up to date, from which row counts come: a server does so only later, the
 * embedded engine never. That one is vacuumed, too, so that daily series are read from their
 * index alone and what was replaced makes room. Of large chunks only those that have grown by a
 * tenth since, for that takes a second, and a refresh of one late row is to take none.
 */
async function tidyGrown(
  session: Session,
  hypertableId: number,
  signal: AbortSignal,
): Promise<void> {
  const chunks = await session.query<{ name: string }>(
    `SELECT chunk_oid::regclass::text AS name
    FROM _timescaledb_catalog.chunk
    CROSS JOIN LATERAL to_regclass(format('%I.%I', chunk.schema_name, chunk.table_name)) AS chunk_oid
    CROSS JOIN LATERAL pg_relation_size(chunk_oid) AS bytes
    JOIN pg_class ON pg_class.oid = chunk_oid
    WHERE chunk.hypertable_id = $1
      AND (bytes BETWEEN 1 AND ${SMALL_BYTES}
        OR bytes > 1.1 * pg_class.relpages * current_setting('block_size')::int)`,
    [hypertableId],
  );
  const tidy = session.engine === 'embedded' ? 'VACUUM (ANALYZE)' : 'ANALYZE';
  for (const { name } of chunks) {
    if (!signal.aborted) await session.query(`${tidy} ${name}`);
  }
}

/** What a refresh needs to know of its aggregate, in one snapshot. */
interface Inspection {
  readonly state: AggregateState;
  /** From the first to the last day with a source row or a materialized one; null without any. */
  readonly extent: DayRange | null;
  /** Transactions that wrote to portfolio_metrics. */
  readonly writes: string;
  /** The id of the hypertable that holds what is materialized. */
  readonly materialization: number;
}

async function inspect(session: Queryable, name: AggregateName): Promise<Inspection> {
  const { sqlName } = AGGREGATES[name];
  const [row] = await session.query<{
    state: AggregateStateRow;
    first_day: string | null;
    last_day: string | null;
    writes: string;
    materialization: number | null;
  }>(`
    SELECT (${aggregateState(sqlName)}) AS state,
      ${firstDay(sqlName)} AS first_day, ${lastDay(sqlName)} AS last_day,
      (SELECT concat_ws(' ', epoch, (SELECT count(*) FROM metric_changes)) FROM metric_changes_pruned) AS writes,
      (SELECT view.mat_hypertable_id FROM _timescaledb_catalog.continuous_agg AS view
        WHERE view.user_view_name = '${sqlName}' AND view.user_view_schema = current_schema()) AS materialization`);
  if (!row?.materialization) throw new Error(`continuous aggregate ${sqlName} does not exist`);
  const { first_day: first, last_day: last } = row;
  return {
    state: toAggregateState(row.state),
    extent: first && last ? { from: toDay(first), to: toDay(last) } : null,
    writes: row.writes,
    materialization: row.materialization,
  };
}
