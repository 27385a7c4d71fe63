import type { Database } from '../../src/database/database.js';
import { InterceptedDatabase } from './intercepted-database.js';

/**
 * Runs a part of a test in one transaction, which is rolled back after it: also a dropped aggregate
 * is there again. No aggregate can be refreshed in a transaction.
 */
export async function rolledBack(
  database: Database,
  part: (inside: Database) => Promise<void>,
): Promise<void> {
  const done = new Error('rolled back');
  const outcome = database.transaction(async (session) => {
    const inside = new InterceptedDatabase(database, ({ sql, parameters }) =>
      session.query(sql, parameters),
    );
    inside.transaction = (work) => work(session);
    await part(inside);
    throw done;
  });
  await outcome.catch((error: unknown) => {
    if (error !== done) throw error;
  });
}
