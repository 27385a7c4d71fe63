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

/** Whether every record that was pruned between two snapshots is in the first. */
export function isSeen(before: Snapshot, after: Snapshot): boolean {
  const prunes = BigInt(after.epoch) - BigInt(before.epoch);
  return prunes === 0n || prunes === 1n;
}

/** Portfolios with a record that is not in the snapshot before: their rows in portfolio_metrics may have changed. */
export function changedSources(before: Snapshot, after: Snapshot): Changed {
  if (!isSeen(before, after) || !before.changes || !after.changes) return 'all';
  return portfoliosOf(newRecords(before, after));
}

function keyOf({ transactionId, portfolioId }: ChangeRecord): string {
  return `${transactionId} ${portfolioId}`;
}
