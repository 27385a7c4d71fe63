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
  if (before.changes === after.changes) return [];
  const known = new Set(before.changes!.map(keyOf));
  return after.changes!.filter((record) => !known.has(keyOf(record)));
}

/**
 * Whether a snapshot follows on another one: every record that was pruned since is in the first,
 * and every record that was not is in the second. One of a server that is behind does not.
 */
export function isSeen(before: Snapshot, after: Snapshot): boolean {
  const prunes = BigInt(after.epoch) - BigInt(before.epoch);
  if (prunes !== 0n) return prunes === 1n;
  if (!before.changes || !after.changes) return true;
  // A list that was continued begins with the one before.
  const last = before.changes.length - 1;
  if (last < 0 || after.changes[last] === before.changes[last]) return true;
  const known = new Set(after.changes.map(keyOf));
  return before.changes.every((record) => known.has(keyOf(record)));
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

function keyOf({ transactionId, portfolioId }: ChangeRecord): string {
  return `${transactionId} ${portfolioId}`;
}
