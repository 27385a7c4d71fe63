import { AGGREGATE_NAMES } from '../registry.js';
import { EVERY_PORTFOLIO } from './change-log.js';
import type { ChangeRecord, Snapshot } from './snapshot.js';

/** Portfolios whose rows may have changed: those named, or all. */
export type Changed = ReadonlySet<string> | 'all';

/** The portfolios of records. */
export function portfoliosOf(records: readonly Pick<ChangeRecord, 'portfolioId'>[]): Changed {
  const ids = new Set(records.map(({ portfolioId }) => portfolioId));
  return ids.has(EVERY_PORTFOLIO) ? 'all' : ids;
}

/** The records that the snapshot before does not have. Both must know their records. */
export function newRecords(before: Snapshot, after: Snapshot): readonly ChangeRecord[] {
  const [was, is] = [before.changes!, after.changes!];
  return continues(was, is) ? is.slice(was.length) : without(is, was);
}

/**
 * Whether a snapshot follows on another one: every record that was pruned since is in the first,
 * and every record that was not is in the second. One in another history does not.
 */
export function isSeen(before: Snapshot, after: Snapshot): boolean {
  if (before.history !== after.history) return false;
  const prunes = BigInt(after.epoch) - BigInt(before.epoch);
  if (prunes !== 0n) return prunes === 1n;
  const [was, is] = [before.changes, after.changes];
  return !was || !is || continues(was, is) || without(was, is).length === 0;
}

/** Portfolios whose rows in portfolio_metrics may have changed: those with a record that is new. */
export function changedSources(before: Snapshot, after: Snapshot): Changed {
  if (before.triggers !== after.triggers || after.triggers === '') return 'all';
  if (losesChunk(before, after)) return 'all';
  if (!isSeen(before, after) || !before.changes || !after.changes) return 'all';
  return portfoliosOf(newRecords(before, after));
}

/** Whether a chunk disappeared, of the source or of a materialization: its rows go without a record. */
function losesChunk(before: Snapshot, after: Snapshot): boolean {
  return AGGREGATE_NAMES.some((name) => {
    const chunks = new Set(after.aggregates[name].chunks);
    return before.aggregates[name].chunks.some((chunk) => !chunks.has(chunk));
  });
}

/** Whether a list of records is the other one with some added, the very same objects. */
function continues(before: readonly ChangeRecord[], after: readonly ChangeRecord[]): boolean {
  const last = before.length - 1;
  return last < 0 || after[last] === before[last];
}

/** The records that others do not have. */
function without(
  records: readonly ChangeRecord[],
  others: readonly ChangeRecord[],
): readonly ChangeRecord[] {
  const known = new Set(others.map(keyOf));
  return records.filter((record) => !known.has(keyOf(record)));
}

function keyOf({ transactionId, portfolioId }: ChangeRecord): string {
  return `${transactionId} ${portfolioId}`;
}
