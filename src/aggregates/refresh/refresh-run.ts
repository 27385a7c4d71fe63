import pRetry, { AbortError } from 'p-retry';
import type { Session } from '../../database/database.js';
import { PLAN_BY_PARAMETERS, PLAN_ONCE } from '../../database/session-settings.js';
import { LOCK_NOT_AVAILABLE, PASSING, sqlStateOf } from '../../database/sql-state.js';
import { messageOf } from '../../errors.js';
import { formatDay, toDay } from '../../metrics/calendar.js';
import type { AggregateStateRow } from '../../timescale/aggregate-state.js';
import { aggregateState, firstDay, lastDay } from '../../timescale/aggregate-state.js';
import type { AggregateState, PendingRange } from '../aggregate-state.js';
import { toAggregateState } from '../aggregate-state.js';
import { clipRanges, countDays } from '../day-ranges.js';
import type { DayRange } from '../day-ranges.js';
import { formatRange } from '../freshness.js';
import type { Refresh } from './refresh.js';
import type { RefreshOutcome, RefreshStore } from './refresh-store.js';
import { AGGREGATES } from '../registry.js';
import { adaptBudget, nextSlice, rangeOf } from './slices.js';

/** About how long one slice may take, in milliseconds; on the embedded engine everybody waits for it. */
const SLICE_MS = 1000;
/** Pending days in the first slice: of 10,000 portfolios about a second on the embedded engine. */
const FIRST_BUDGET = 5;
/** A slice is tried this often when it fails for a passing reason. */
const TRIES = 5;
const LEAST_WAIT_MS = 100;
const MOST_WAIT_MS = 2000;
/** Statistics of less than this are brought up to date in a few milliseconds. */
const SMALL_BYTES = 1_048_576;

/** Thrown between two slices when a refresh is not to go on; null: it waits again. */
class Stopped extends Error {
  constructor(readonly outcome: RefreshOutcome | null) {
    super(outcome?.state ?? 'QUEUED');
  }
}

/**
 * A refresh that has been started, under its aggregate's lock. Every slice is a transaction of its
 * own, so that what is done stays done.
 */
export class RefreshRun {
  constructor(
    private readonly session: Session,
    private readonly store: RefreshStore,
    private readonly refresh: Refresh,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Runs it and gives how it ended: SUCCEEDED when everything committed before it started is
   * materialized. Null where a refresh that this software does not run kept it from doing
   * anything: then it waits again.
   */
  async run(): Promise<RefreshOutcome | null> {
    try {
      const before = await this.inspect();
      const asked = rangeOf(this.refresh.from, this.refresh.to);
      const [range] = before.extent ? clipRanges([before.extent], asked) : [];
      if (!range) return { state: 'SUCCEEDED' };
      const outcome = await this.refreshAndVerify(range, before).catch(outcomeOf);
      // What a refresh has done counts also where it failed or was cancelled, and how it ended does
      // not depend on this.
      if (outcome && before.state.pending.length > 0) {
        await this.tidyGrown(before.materialization).catch(() => undefined);
      }
      return outcome;
    } catch (error) {
      return outcomeOf(error);
    }
  }

  private async refreshAndVerify(range: DayRange, before: Inspection): Promise<RefreshOutcome> {
    let pending = clipRanges(before.state.pending, range);
    for (let pass = 1; ; pass++) {
      await this.runSlices(range, pending, pass === 1);
      const after = await this.inspect();
      const left = after.state.pending.flatMap((days): PendingRange[] =>
        clipRanges([days], range).map((clipped) => ({ ...days, ...clipped })),
      );
      if (left.length === 0) return { state: 'SUCCEEDED' };
      if (isWrittenBetween(before, after)) return { state: 'SUCCEEDED', pendingAfter: left };
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

  private async runSlices(
    range: DayRange,
    pending: readonly DayRange[],
    isFirstPass: boolean,
  ): Promise<void> {
    const total = countDays(pending);
    let budget = FIRST_BUDGET;
    for (let { from } = range; from <= range.to;) {
      const slice = nextSlice({ from, to: range.to }, pending, budget);
      const startedMs = performance.now();
      const hasBegun = !isFirstPass || from > range.from;
      await retried(
        () => this.refreshSlice(slice),
        (error) => this.beforeRetry(error, hasBegun),
      );
      const days = countDays(clipRanges(pending, slice));
      budget = adaptBudget(budget, days, performance.now() - startedMs, SLICE_MS);
      from = slice.to + 1;
      this.stopIfAborted();
      // After the last slice nothing is left to cancel, and its end is soon recorded.
      if (from > range.to) return;
      const done = total - countDays(clipRanges(pending, { from, to: Infinity }));
      const progress = total === 0 ? 1 : done / total;
      stopIfCancelled(await this.store.progress(this.session, this.refresh.id, progress));
    }
  }

  private async beforeRetry(error: Error, hasBegun: boolean): Promise<void> {
    this.stopIfAborted();
    stopIfCancelled(await this.store.find(this.refresh.id));
    if (hasBegun || sqlStateOf(error) !== LOCK_NOT_AVAILABLE) return;
    if (await this.store.requeue(this.session, this.refresh.id)) throw new Stopped(null);
  }

  private async refreshSlice({ from, to }: DayRange): Promise<void> {
    await this.session.query(PLAN_BY_PARAMETERS);
    try {
      await this.session.query(
        'CALL refresh_continuous_aggregate($1::regclass, $2::date, $3::date)',
        [AGGREGATES[this.refresh.name].sqlName, formatDay(from), formatDay(to + 1)],
      );
    } finally {
      await this.session.cleanUp(PLAN_ONCE);
    }
  }

  private stopIfAborted(): void {
    if (!this.signal.aborted) return;
    throw new Stopped({
      state: 'FAILED',
      error: 'The process that ran it was stopped; what it had done is kept.',
    });
  }

  /**
   * Brings statistics up to date, from which row counts come: a server does so only later, the
   * embedded engine never. That one is vacuumed, too, so that daily series are read from their
   * index alone and what was replaced makes room. Of large chunks only those that have grown by a
   * tenth since, for that takes a second, and a refresh of one late row is to take none.
   */
  private async tidyGrown(hypertableId: number): Promise<void> {
    const chunks = await this.session.queryPrepared<{ name: string }>(
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
    const tidy = this.session.engine === 'embedded' ? 'VACUUM (ANALYZE)' : 'ANALYZE';
    for (const { name } of chunks) {
      if (!this.signal.aborted) await this.session.query(`${tidy} ${name}`);
    }
  }

  /** Planned once: of one late day planning takes five times as long as the statement itself. */
  private async inspect(): Promise<Inspection> {
    const { sqlName } = AGGREGATES[this.refresh.name];
    const [row] = await this.session.queryPrepared<{
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

/** Whether pending days may be those of rows that came after the refresh had started. */
function isWrittenBetween(before: Inspection, after: Inspection): boolean {
  return after.writes !== before.writes;
}

function outcomeOf(error: unknown): RefreshOutcome | null {
  return error instanceof Stopped ? error.outcome : { state: 'FAILED', error: messageOf(error) };
}

function stopIfCancelled(refresh: Refresh | undefined): void {
  if (refresh?.cancelRequested) throw new Stopped({ state: 'CANCELLED' });
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
