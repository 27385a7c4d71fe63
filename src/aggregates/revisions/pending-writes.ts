import { intersectRanges, mergeRanges, subtractRanges, type DayRange } from '../day-ranges.js';
import type { AggregateName } from '../registry.js';
import { isSeen, newRecords } from './changes.js';
import type { ChangeRecord, Snapshot } from './snapshot.js';

/** What is known of the writes that an aggregate's refresh may take: its pending days. */
export interface PendingWrites {
  /** The pending days that each portfolio's records have. */
  readonly portfolios: ReadonlyMap<string, readonly DayRange[]>;
  /** The pending days within recorded transactions. */
  readonly explained: readonly DayRange[];
  /** The pending days that may have been written without a record. */
  readonly unexplained: readonly DayRange[];
}

/** What is known in one snapshot, and the snapshot. */
export interface Known {
  readonly snapshot: Snapshot;
  /** Of each aggregate, whether a refresh was seen so lately that statistics may not show all of it. */
  readonly isSettling: Readonly<Record<AggregateName, boolean>>;
  readonly pendingWrites: Readonly<Record<AggregateName, PendingWrites>>;
}

/**
 * The pending writes of an aggregate in a snapshot: those of the snapshot before and those recorded
 * since, where their days are pending still. At first, and after records that the process did not
 * see were pruned, every pending day is unexplained.
 */
export function pendingWritesOf(
  name: AggregateName,
  before: Known | undefined,
  after: Snapshot,
): PendingWrites {
  const { pending } = after.aggregates[name].state;
  if (!after.changes) return { portfolios: new Map(), explained: [], unexplained: pending };
  const isContinued = before?.snapshot.changes && isSeen(before.snapshot, after);
  const known = isContinued ? before.pendingWrites[name] : undefined;
  const records = isContinued ? newRecords(before.snapshot, after) : after.changes;
  if (known && records.length === 0 && after.unrecorded.length === 0) {
    if (before?.snapshot.aggregates[name].state.pending === pending) return known;
  }
  const explained = intersectRanges(
    mergeRanges([...(known ? known.explained : after.prunedDays), ...transactionDays(records)]),
    pending,
  );
  const unexplained = known
    ? [...known.unexplained, ...after.unrecorded, ...subtractRanges(pending, explained)]
    : pending;
  return {
    portfolios: portfolioDays(known, records, pending),
    explained,
    unexplained: intersectRanges(mergeRanges(unexplained), pending),
  };
}

function portfolioDays(
  known: PendingWrites | undefined,
  records: readonly ChangeRecord[],
  pending: readonly DayRange[],
): Map<string, readonly DayRange[]> {
  const days = new Map(known?.portfolios);
  for (const { portfolioId, days: recorded } of records) {
    days.set(portfolioId, mergeRanges([...(days.get(portfolioId) ?? []), ...recorded]));
  }
  for (const [portfolioId, all] of days) {
    const left = intersectRanges(all, pending);
    if (left.length > 0) days.set(portfolioId, left);
    else days.delete(portfolioId);
  }
  return days;
}

/** The days from the first to the last that each transaction changed, as TimescaleDB logs them. */
function transactionDays(records: readonly ChangeRecord[]): readonly DayRange[] {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { transactionId, days } of records) {
    let span = spans.get(transactionId);
    if (!span) spans.set(transactionId, (span = { from: Infinity, to: -Infinity }));
    for (const { from, to } of days) {
      span.from = Math.min(span.from, from);
      span.to = Math.max(span.to, to);
    }
  }
  return mergeRanges([...spans.values()]);
}
