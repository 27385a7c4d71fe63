import pRetry, { AbortError } from 'p-retry';
import type { Session } from '../../database/database.js';
import { PLAN_BY_PARAMETERS, PLAN_ONCE } from '../../database/session-settings.js';
import { LOCK_NOT_AVAILABLE, PASSING, sqlStateOf } from '../../database/sql-state.js';
import { messageOf } from '../../errors.js';
import { formatDay, toDay } from '../../metrics/calendar.js';
import {
  aggregateState,
  FIRST_DAY,
  firstDay,
  lastDay,
  type AggregateStateRow,
} from '../../timescale/aggregate-state.js';
import { CONTINUOUS_AGGREGATES } from '../../timescale/catalog.js';
import { tidyGrownChunks } from '../../timescale/tidy-chunks.js';
import { toAggregateState, type AggregateState, type PendingRange } from '../aggregate-state.js';
import {
  clipRanges,
  countDays,
  mergeRanges,
  subtractRanges,
  type DayRange,
} from '../day-ranges.js';
import { formatRange } from '../freshness.js';
import { AGGREGATES } from '../registry.js';
import { toRanges, TRANSACTION_DAYS, type RangesJson } from '../revisions/change-log.js';
import type { RefreshOutcome, RefreshStore } from './refresh-store.js';
import type { Refresh } from './refresh.js';
import { adaptBudget, forcedRanges, nextSlice, partAt, rangeOf } from './slices.js';

const FIRST = toDay(FIRST_DAY);

/** About how long one slice may take, in milliseconds; on the embedded engine all requests wait for it. */
const SLICE_MS = 1000;
/** Pending days in the first slice: of 10,000 portfolios about a second on the embedded engine. */
const FIRST_BUDGET = 5;
/** A slice is tried this often when it fails for a passing reason. */
const TRIES = 5;
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 2000;

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
   * Runs it and returns how it ended: SUCCEEDED when everything committed before it started is
   * materialized. Null where a refresh from outside this software blocked it: then it waits
   * again.
   */
  async run(): Promise<RefreshOutcome | null> {
    try {
      const before = await this.inspect();
      const requested = rangeOf(this.refresh.from, this.refresh.to);
      const [range] = before.extent ? clipRanges([before.extent], requested) : [];
      if (!range) return { state: 'SUCCEEDED' };
      const outcome = await this.refreshAndVerify(range, before).catch(outcomeOf);
      // What a refresh has done counts also where it failed or was cancelled, and how it ended does
      // not depend on this.
      if (outcome && before.state.pending.length > 0) {
        await tidyGrownChunks(this.session, before.materialization, this.signal).catch(
          () => undefined,
        );
      }
      return outcome;
    } catch (error) {
      return outcomeOf(error);
    }
  }

  private async refreshAndVerify(range: DayRange, before: Inspection): Promise<RefreshOutcome> {
    let { state } = before;
    for (let pass = 1; ; pass++) {
      await this.runSlices(range, state, pass === 1);
      const after = await this.inspect();
      ({ state } = after);
      const left = state.pending.flatMap((days): PendingRange[] =>
        clipRanges([days], range).map((clipped) => ({ ...days, ...clipped })),
      );
      const unverified = subtractRanges(mergeRanges(left), daysWrittenSince(before, after));
      if (unverified.length === 0) {
        return { state: 'SUCCEEDED', ...(left.length > 0 ? { pendingAfter: left } : {}) };
      }
      if (pass === 2) {
        const days = unverified.map(formatRange).join(', ');
        return {
          state: 'FAILED',
          error: `Days are still pending after two passes, and no later write explains it: ${days}. Look for a trigger, a lock or a full disk in the server's log, and refresh again.`,
        };
      }
    }
  }

  private async runSlices(
    range: DayRange,
    state: AggregateState,
    isFirstPass: boolean,
  ): Promise<void> {
    const pending = clipRanges(state.pending, range);
    const total = countDays(pending);
    const forced = forcedRanges(clipRanges(state.missing, range));
    let budget = FIRST_BUDGET;
    for (let { from } = range; from <= range.to;) {
      const part = partAt(from, range.to, forced);
      const slice = nextSlice(part, pending, budget);
      const startedMs = performance.now();
      const hasBegun = !isFirstPass || from > range.from;
      await retried(
        () => this.refreshSlice(slice, part.isForced),
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

  private async refreshSlice({ from, to }: DayRange, isForced: boolean): Promise<void> {
    await this.session.query(PLAN_BY_PARAMETERS);
    try {
      await this.session.query(
        `CALL refresh_continuous_aggregate($1::regclass, $2::date, $3::date${isForced ? ', force => true' : ''})`,
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
   * Planned once: of one late day planning takes five times as long as the statement itself. The
   * first day of all is looked for only where no day is requested: its chunk is compressed.
   */
  private async inspect(): Promise<Inspection> {
    const { name, from } = this.refresh;
    const { sqlName } = AGGREGATES[name];
    const [row] = await this.session.queryPrepared<{
      state: AggregateStateRow;
      first_day: string | null;
      last_day: string | null;
      transactions: Inspection['transactions'];
      materialization: string | null;
    }>(
      `SELECT (${aggregateState(sqlName)}) AS state,
        coalesce($1::date, ${firstDay(sqlName)}) AS first_day, ${lastDay(sqlName)} AS last_day,
        ${TRANSACTION_DAYS} AS transactions,
        (SELECT aggregate.hypertable FROM (${CONTINUOUS_AGGREGATES}) AS aggregate
          WHERE aggregate.view_name = '${sqlName}') AS materialization`,
      [from === null ? null : formatDay(Math.max(from, FIRST))],
    );
    if (!row?.materialization) throw new Error(`continuous aggregate ${sqlName} does not exist`);
    const { first_day: first, last_day: last } = row;
    return {
      state: toAggregateState(row.state),
      extent: first && last ? { from: toDay(first), to: toDay(last) } : null,
      transactions: row.transactions,
      materialization: row.materialization,
    };
  }
}

/** What a refresh needs to know of its aggregate, in one snapshot. */
interface Inspection {
  readonly state: AggregateState;
  /**
   * From the first requested day, or else the first with a source row or a materialized one, to the
   * last one with such a row; null without any.
   */
  readonly extent: DayRange | null;
  /** The recorded transactions, and the days from the first to the last that each changed. */
  readonly transactions: readonly (readonly [id: string, days: RangesJson])[];
  /** The hypertable that holds what is materialized. */
  readonly materialization: string;
}

/** The days that transactions changed after the refresh had started: they may be pending again. */
function daysWrittenSince(before: Inspection, after: Inspection): DayRange[] {
  const known = new Set(before.transactions.map(([id]) => id));
  const later = after.transactions.filter(([id]) => !known.has(id));
  return mergeRanges(later.flatMap(([, days]) => toRanges(days)));
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
    minTimeout: MIN_WAIT_MS,
    maxTimeout: MAX_WAIT_MS,
    onFailedAttempt: ({ error }) => beforeRetry(error),
  });
}
