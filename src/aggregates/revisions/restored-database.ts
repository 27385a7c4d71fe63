import type { Database, Queryable } from '../../database/database.js';
import { INSUFFICIENT_PRIVILEGE, sqlStateOf } from '../../database/sql-state.js';
import { Failure } from '../../errors.js';
import { EVERY_PORTFOLIO } from './change-log.js';
import { pruneWrites } from './write-counts.js';

/**
 * Of this database alone: transaction ids are those of its server, and a dump that is restored
 * makes another database or another table. Copied files stay the same database, with the same ids.
 */
const IDENTITY = `concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
  (SELECT oid FROM pg_database WHERE datname = current_database()), 'metric_changes'::regclass::oid)`;

const IS_RESTORED = `
  SELECT database_identity IS DISTINCT FROM ${IDENTITY} AS is_restored FROM metric_changes_pruned`;

/**
 * Puts right what a dump does not carry into the database that it is restored to: the ids of
 * recorded transactions, which new ones will have again, and the time zone.
 */
export async function adoptRestoredDatabase(database: Database): Promise<void> {
  await ensureTimeZone(database);
  const session = { query: database.write.bind(database) };
  if (await isRestored(session, '')) await database.transaction(forgetRecords);
}

async function isRestored(session: Queryable, locking: string): Promise<boolean> {
  const [row] = await session.query<{ is_restored: boolean }>(`${IS_RESTORED} ${locking}`);
  return row!.is_restored;
}

/** In place of the records one of every portfolio and day, which no reader has seen. */
async function forgetRecords(session: Queryable): Promise<void> {
  // Another instance may have done it meanwhile.
  if (!(await isRestored(session, 'FOR UPDATE'))) return;
  await session.query('DELETE FROM metric_changes');
  await session.query(
    `INSERT INTO metric_changes VALUES (pg_current_xact_id(), '${EVERY_PORTFOLIO}', '{(,)}')`,
  );
  // Two epochs on: a process that has read the one before has not seen this one either.
  await session.query(`
    UPDATE metric_changes_pruned SET database_identity = ${IDENTITY}, epoch = epoch + 2,
      snapshot = pg_current_snapshot(), pruned_at = now(), remaining = 1, transaction_days = '{}'`);
  await pruneWrites(session, 'true');
}

/** TimescaleDB's own jobs turn instants into days in the time zone of the database. */
async function ensureTimeZone(database: Database): Promise<void> {
  const [zone] = await database.write<{ database: string; is_utc: boolean }>(`
    SELECT quote_ident(current_database()) AS database, EXISTS (
      SELECT FROM pg_db_role_setting, unnest(setconfig) AS setting
      WHERE setrole = 0 AND setting = 'TimeZone=UTC'
        AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS is_utc`);
  if (zone!.is_utc) return;
  const change = `ALTER DATABASE ${zone!.database} SET TimeZone = 'UTC'`;
  try {
    await database.write(change);
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new Failure(
      `The time zone of database ${zone!.database} is not set to UTC, in which days are counted; a restored dump does not have it. Let the owner of the database run: ${change};`,
      { cause: error },
    );
  }
}
