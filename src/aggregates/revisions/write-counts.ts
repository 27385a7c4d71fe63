import type { Queryable } from '../../database/database.js';

/** An expression for how many transactions have written to portfolios; it moves with what they wrote. */
export const PORTFOLIO_WRITES = `(
  (SELECT count FROM portfolio_writes_pruned) + (SELECT count(*) FROM portfolio_writes))::float8`;

/** The transactions that every later snapshot has. */
const OLD = 'transaction_id < pg_snapshot_xmin(pg_current_snapshot())';

/** Keeps counting quick: these transactions become a number. */
export async function pruneWrites(session: Queryable, which = OLD): Promise<void> {
  await session.query(`
    WITH pruned AS (
      DELETE FROM portfolio_writes WHERE ${which}
      RETURNING transaction_id
    )
    UPDATE portfolio_writes_pruned SET count = count + (SELECT count(*) FROM pruned)
    WHERE EXISTS (SELECT FROM pruned)`);
}
