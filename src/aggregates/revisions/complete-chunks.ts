import type { Database } from '../../database/database.js';
import {
  aggregateState,
  noteComplete,
  type AggregateStateRow,
} from '../../timescale/aggregate-state.js';
import { AGGREGATE_NAMES, AGGREGATES } from '../registry.js';

/**
 * Notes which chunks of the materializations are complete, so that later snapshots need not look
 * for missing days in them: of each aggregate those without one.
 */
export async function noteCompleteChunks(database: Database): Promise<void> {
  await database.transaction(async (session) => {
    await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    for (const name of AGGREGATE_NAMES) {
      const { sqlName } = AGGREGATES[name];
      const [row] = await session.query<{ state: AggregateStateRow }>(aggregateState(sqlName));
      const { isUnnoted = false, missing = [] } = row?.state ?? {};
      const days = `{${missing.map(([from, to]) => `[${from},${to}]`).join(',')}}`;
      if (isUnnoted) await session.query(noteComplete(sqlName), [days]);
    }
  });
}
