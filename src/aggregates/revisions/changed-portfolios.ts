import type { AggregateState } from '../aggregate-state.js';
import { mergeRanges, rangesMeet, subtractRanges, type DayRange } from '../day-ranges.js';
import type { AggregateName } from '../registry.js';
import { EVERY_PORTFOLIO } from './change-log.js';
import { changedSources, newRecords, portfoliosOf, type Changed } from './changes.js';
import type { Known } from './pending-writes.js';
import type { Snapshot } from './snapshot.js';

/**
 * Portfolios whose rows in an aggregate may differ between two snapshots; those of all others are
 * the same. docs/caching.md has the proof, and each clause a test.
 */
export function changedPortfolios(
  name: AggregateName,
  { snapshot: before, pendingWrites, isSettling }: Known,
  after: Snapshot,
): Changed {
  const sources = changedSources(before, after);
  if (sources === 'all') return 'all';
  const [was, is] = [before.aggregates[name], after.aggregates[name]];
  if (!mayHaveRefreshed(name, before, after)) {
    // Rows that changed without a refresh were changed by hand, or written without a trace before it.
    const isTouched = was.rowChanges !== is.rowChanges && !isSettling[name];
    return isTouched ? 'all' : unlogged(before, after);
  }
  // A refresh may have taken any pending day.
  const { portfolios, unexplained } = pendingWrites[name];
  if (unexplained.length > 0 || portfolios.has(EVERY_PORTFOLIO)) return 'all';
  if (rangesMeet(was.state.withoutSource, [refreshedDays(name, before, after)])) return 'all';
  return new Set([...sources, ...portfolios.keys()]);
}

/**
 * The days that a refresh may have computed again: TimescaleDB merges the pending ranges of one
 * refresh when they are many, with the days between them.
 */
function refreshedDays(name: AggregateName, before: Snapshot, after: Snapshot): DayRange {
  const ranges = [
    ...before.aggregates[name].state.pending,
    ...newRecords(before, after).flatMap(({ days }) => days),
  ];
  return {
    from: Math.min(...ranges.map(({ from }) => from)),
    to: Math.max(...ranges.map(({ to }) => to)),
  };
}

/**
 * Whether a refresh may have run between two snapshots: unless TimescaleDB's catalogs say the same
 * of the aggregate, all changes that were logged are logged still, for a refresh takes them all,
 * and every pending day is pending still, for a forced one leaves no other trace.
 */
export function mayHaveRefreshed(name: AggregateName, before: Snapshot, after: Snapshot): boolean {
  const [was, is] = [before.aggregates[name], after.aggregates[name]];
  if (was.identity !== is.identity) return true;
  const logged = new Set(after.logged);
  if (!before.logged.every((change) => logged.has(change))) return true;
  const pending = (state: AggregateState): DayRange[] => mergeRanges(state.pending);
  return subtractRanges(pending(was.state), pending(is.state)).length > 0;
}

/** Portfolios with a new record of which TimescaleDB's log has nothing: a refresh may have taken it. */
function unlogged(before: Snapshot, after: Snapshot): Changed {
  const logged = new Set(after.logged.map((change) => change.split(' ')[1]));
  return portfoliosOf(
    newRecords(before, after).filter(({ transactionId }) => !logged.has(xidOf(transactionId))),
  );
}

/** A transaction id as rows carry it: its lower 32 bits. */
function xidOf(transactionId: string): string {
  return String(BigInt.asUintN(32, BigInt(transactionId)));
}
