import type { Database } from './database.js';

/** Any number that no other program takes for an advisory lock: the digits spell "metrics". */
const MIGRATION_LOCK = 6_387_427;

/**
 * Runs the migrations that have not run yet, each in a transaction, and gives their names.
 * Of several processes that start at once, one migrates and the others wait for it.
 */
export async function migrate(database: Database): Promise<string[]> {
  const run = async (): Promise<string[]> => {
    const migrations = await database.dataSource.runMigrations();
    return migrations.map(({ name }) => name);
  };
  // The embedded engine belongs to this process alone, and has no second connection for a lock.
  if (database.engine === 'embedded') return run();
  return database.session(async (session) => {
    await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      return await run();
    } finally {
      await session.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  });
}
