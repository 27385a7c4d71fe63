import type { DayRange } from '../day-ranges.js';
import { rangesMeet } from '../day-ranges.js';
import type { AggregateName } from '../registry.js';
import { EVERY_PORTFOLIO } from './change-log.js';
import type { Changed } from './changes.js';
import { changedSources, newRecords, portfoliosOf } from './changes.js';
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
  const [was, is] = [before.aggregates[name], after.aggregates[name]];
  if (before.triggers !== after.triggers || after.triggers === '') return 'all';
  // A chunk that disappears takes rows along without a record.
  if (was.chunks.some((chunk) => !is.chunks.includes(chunk))) return 'all';
  const sources = changedSources(before, after);
  if (sources === 'all') return 'all';
  if (was.identity === is.identity && isWaiting(before, after)) {
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

/** Whether all changes that TimescaleDB had logged are logged still: no refresh has taken any. */
function isWaiting(before: Snapshot, after: Snapshot): boolean {
  if (!before.logged || !after.logged) return false;
  const now = new Set(after.logged);
  return before.logged.every((change) => now.has(change));
}

/** Portfolios with a new record of which TimescaleDB's log has nothing: a refresh may have taken it. */
function unlogged(before: Snapshot, after: Snapshot): Changed {
  const logged = new Set(after.logged!.map((change) => change.split(' ')[1]));
  return portfoliosOf(
    newRecords(before, after).filter(({ transactionId }) => !logged.has(xidOf(transactionId))),
  );
}

/** A transaction id as rows carry it: its lower 32 bits. */
function xidOf(transactionId: string): string {
  return String(BigInt.asUintN(32, BigInt(transactionId)));
}
