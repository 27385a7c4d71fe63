import type { Database, Queryable } from './database.js';

/** Any number that no other program takes for an advisory lock: the digits spell "metrics". */
const MIGRATION_LOCK = 6_387_427;

/** Makes sure that a database is fit for the migrations. Throws a Failure where it is not. */
export type DatabaseCheck = (session: Queryable) => Promise<void>;

/**
 * Checks the database, runs the migrations that have not run yet, each in a
 * transaction, and gives their names. Of several processes that start at once, one does it and
 * the others wait.
 */
export async function migrate(database: Database, check?: DatabaseCheck): Promise<string[]> {
  return database.session(async (session) => {
    // The embedded engine belongs to this process alone, and a lock would hold its one connection.
    const isShared = database.engine === 'server';
    if (isShared) await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await check?.(session);
      const migrations = await database.dataSource.runMigrations();
      return migrations.map(({ name }) => name);
    } finally {
      if (isShared) await session.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  });
}
