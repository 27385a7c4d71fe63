import type { Queryable } from '../../database/database.js';

/** Tables that count the transactions that wrote to another table. */
const COUNTERS = ['portfolio_writes'] as const;
type Counter = (typeof COUNTERS)[number];

/** An expression for how many transactions have written; seen to move with what they wrote. */
export function countOfWrites(counter: Counter): string {
  return `((SELECT count FROM ${counter}_pruned) + (SELECT count(*) FROM ${counter}))`;
}

/** Keeps counting quick: transactions that nobody can see as new become a number. */
export async function pruneWrites(session: Queryable): Promise<void> {
  for (const counter of COUNTERS) {
    await session.query(`
      WITH pruned AS (
        DELETE FROM ${counter} WHERE transaction_id < pg_snapshot_xmin(pg_current_snapshot())
        RETURNING transaction_id
      )
      UPDATE ${counter}_pruned SET count = count + (SELECT count(*) FROM pruned)
      WHERE EXISTS (SELECT FROM pruned)`);
  }
}
