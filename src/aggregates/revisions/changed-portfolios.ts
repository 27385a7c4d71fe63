import type { DayRange } from '../day-ranges.js';
import { intersectRanges, mergeRanges, rangesMeet, subtractRanges } from '../day-ranges.js';
import { AGGREGATE_NAMES } from '../registry.js';
import type { AggregateName } from '../registry.js';
import { EVERY_PORTFOLIO } from './change-log.js';
import type { ChangeRecord, Snapshot } from './snapshot.js';

/** Portfolios whose daily series may have changed: those named, or all. */
export type Changed = ReadonlySet<string> | 'all';

export const NONE: Changed = new Set<string>();

/** The pending days of each aggregate that may have been written without a record. */
export type UnexplainedDays = Readonly<Record<AggregateName, readonly DayRange[]>>;

/**
 * The pending days of each aggregate that records do not explain: those of the snapshot before that
 * are pending still, those of logged changes without a record, and those in no recorded transaction.
 * At first, and after records that nobody saw, every pending day is one: what was written is unknown.
 */
export function unexplainedDays(
  before: { readonly snapshot: Snapshot; readonly unexplained: UnexplainedDays } | undefined,
  after: Snapshot,
): UnexplainedDays {
  const isContinued = before && isSeen(before.snapshot, after);
  const explained = isContinued && after.changes ? transactionDays(after, after.changes) : [];
  return Object.fromEntries(
    AGGREGATE_NAMES.map((name) => {
      const { pending } = after.aggregates[name].state;
      const days = mergeRanges([
        ...(before?.unexplained[name] ?? []),
        ...after.unrecorded,
        ...subtractRanges(pending, explained),
      ]);
      return [name, intersectRanges(days, pending)];
    }),
  ) as Record<AggregateName, DayRange[]>;
}

/** Portfolios with a record that is not in the snapshot before. */
export function changedSources(before: Snapshot, after: Snapshot): Changed {
  if (!isSeen(before, after) || !before.changes || !after.changes) return 'all';
  const known = new Set(before.changes.map(keyOf));
  return portfoliosOf(after.changes.filter((record) => !known.has(keyOf(record))));
}

/**
 * Portfolios whose rows in an aggregate may differ between two snapshots; of all others they are
 * the same. That is proven in docs/caching.md, and each clause has its test.
 */
export function changedPortfolios(
  name: AggregateName,
  before: Snapshot,
  after: Snapshot,
  unexplained: readonly DayRange[],
  sources: Changed,
): Changed {
  const [was, is] = [before.aggregates[name], after.aggregates[name]];
  if (before.triggers !== after.triggers || after.triggers === '') return 'all';
  // A chunk that disappears takes rows along without a record.
  if (was.chunks.some((chunk) => !is.chunks.includes(chunk))) return 'all';
  if (sources === 'all') return 'all';
  if (was.identity === is.identity) return sources;
  // A refresh may have taken any pending day.
  if (unexplained.length > 0) return 'all';
  const { pending } = was.state;
  const refreshed = portfoliosOf(before.changes!.filter(({ days }) => rangesMeet(days, pending)));
  if (refreshed === 'all') return 'all';
  return new Set([...sources, ...refreshed]);
}

/** Whether every record that was pruned between two snapshots is in the first. */
function isSeen(before: Snapshot, after: Snapshot): boolean {
  const pruned = BigInt(after.epoch) - BigInt(before.epoch);
  return pruned === 0n || pruned === 1n;
}

/** The days from the first to the last that each recorded transaction changed, as TimescaleDB logs them. */
function transactionDays(
  { prunedDays }: Snapshot,
  changes: readonly ChangeRecord[],
): readonly DayRange[] {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { transactionId, days } of changes) {
    let span = spans.get(transactionId);
    if (!span) spans.set(transactionId, (span = { from: Infinity, to: -Infinity }));
    for (const { from, to } of days) {
      span.from = Math.min(span.from, from);
      span.to = Math.max(span.to, to);
    }
  }
  return mergeRanges([...prunedDays, ...spans.values()]);
}

function portfoliosOf(records: readonly ChangeRecord[]): Changed {
  const ids = new Set(records.map(({ portfolioId }) => portfolioId));
  return ids.has(EVERY_PORTFOLIO) ? 'all' : ids;
}

function keyOf({ transactionId, portfolioId }: ChangeRecord): string {
  return `${transactionId} ${portfolioId}`;
}
