import type { Database } from '../../database/database.js';
import { refreshLocks } from '../refresh-locks.js';
import { AGGREGATE_NAMES, AGGREGATES } from '../registry.js';

/**
 * Moves the changes that TimescaleDB has logged, a row for each transaction, to the aggregates' own
 * logs, where it merges ranges that touch: as any refresh does before it looks for what it is to
 * refresh, and here on a day before all rows. Does nothing while that aggregate is refreshed.
 */
export async function mergeLog(database: Database): Promise<void> {
  const { sqlName } = AGGREGATES[AGGREGATE_NAMES[0]!];
  await refreshLocks(database).tryWith(sqlName, async (session) => {
    await session.query(
      `CALL refresh_continuous_aggregate('${sqlName}', date '1899-12-30', date '1899-12-31')`,
    );
  });
}
