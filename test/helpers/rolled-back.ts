import type { Database } from '../../src/database/database.js';
import { InterceptedDatabase } from './intercepted-database.js';

/**
 * Runs a part of a test in one transaction that is rolled back after it: for changes that nothing
 * else undoes, such as a dropped aggregate. Whatever uses `inside` must not begin transactions.
 */
export async function rolledBack(
  database: Database,
  part: (inside: Database) => Promise<void>,
): Promise<void> {
  const done = new Error('rolled back');
  const outcome = database.transaction(async (session) => {
    await part(
      new InterceptedDatabase(database, ({ sql, parameters }) => session.query(sql, parameters)),
    );
    throw done;
  });
  await outcome.catch((error: unknown) => {
    if (error !== done) throw error;
  });
}
