import type { Queryable } from '../database/database.js';
import { INSUFFICIENT_PRIVILEGE, sqlStateOf } from '../database/sql-state.js';
import { Failure, messageOf } from '../errors.js';
import { CALLED_FUNCTIONS, READ_RELATIONS } from './catalog.js';

/** The first version with continuous_aggs_materialization_ranges. */
const MIN_VERSION = [2, 22] as const;
const SUPPORTED = `TimescaleDB ${MIN_VERSION.join('.')} or later on PostgreSQL 15 to 18`;

interface Installation {
  readonly database: string;
  readonly role: string;
  /** Whether the library is loaded, which makes its settings known. */
  readonly loaded: boolean;
  readonly installed: string | null;
  readonly available: string | null;
  readonly license: string | null;
}

/**
 * Makes sure that the database has a TimescaleDB with continuous aggregates and everything that
 * this program reads of it, creating the extension where the server offers it. Throws a Failure
 * that says what is missing.
 */
export async function checkTimescale(session: Queryable): Promise<void> {
  let installation = await inspect(session);
  if (installation.installed === null && installation.available !== null) {
    refuseOlder(installation.database, installation.available);
    // Creating an extension that is not loaded ends the connection.
    refuseUnloaded(installation);
    await createExtension(session, installation);
    installation = await inspect(session);
  }
  const { database, installed, license } = installation;
  if (installed === null) {
    throw new Failure(
      `The server of database "${database}" does not have TimescaleDB. Install ${SUPPORTED} on it (with shared_preload_libraries = 'timescaledb'), or unset DATABASE_URL to use the embedded database.`,
    );
  }
  refuseOlder(database, installed);
  refuseUnloaded(installation);
  if (license !== 'timescale') {
    throw new Failure(
      `TimescaleDB in database "${database}" runs with the licence "${license ?? 'none'}", which has no continuous aggregates. Install the community edition and set timescaledb.license = 'timescale'.`,
    );
  }
  const missing = await findMissing(session);
  if (missing.length > 0) {
    throw new Failure(
      `TimescaleDB ${installed} in database "${database}" does not have what this program reads: ${missing.join(', ')}. Supported is ${SUPPORTED}: install such a version, or a newer version of this program.`,
    );
  }
}

async function inspect(session: Queryable): Promise<Installation> {
  const [row] = await session.query<Installation>(`
    SELECT current_database() AS database, current_user AS role,
      current_setting('timescaledb.disable_load', true) IS NOT NULL AS loaded,
      (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS installed,
      (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS available,
      current_setting('timescaledb.license', true) AS license`);
  return row!;
}

async function createExtension(
  session: Queryable,
  { database, role }: Installation,
): Promise<void> {
  try {
    await session.query('CREATE EXTENSION IF NOT EXISTS timescaledb');
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new Failure(
      `Role "${role}" may not create the extension timescaledb in database "${database}": ${messageOf(error)}. Let a superuser run, in that database: CREATE EXTENSION timescaledb;`,
      { cause: error },
    );
  }
}

function refuseOlder(database: string, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [minMajor, minMinor] = MIN_VERSION;
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return;
  throw new Failure(
    `TimescaleDB in database "${database}" is version ${version}. Supported is ${SUPPORTED}: install it, and run ALTER EXTENSION timescaledb UPDATE;`,
  );
}

function refuseUnloaded({ database, loaded }: Installation): void {
  if (loaded) return;
  throw new Failure(
    `TimescaleDB is not loaded on the server of database "${database}". Add timescaledb to shared_preload_libraries in its postgresql.conf, and restart it.`,
  );
}

/** What TimescaleDB does not have, or the role does not see, of what this program uses. */
async function findMissing(session: Queryable): Promise<string[]> {
  const relations = Object.entries(READ_RELATIONS);
  const columns = relations.flatMap(([relation, names]) => names.map((name) => [relation, name]));
  const rows = await session.query<{ missing: string }>(
    `SELECT DISTINCT CASE WHEN to_regclass(relation) IS NULL THEN 'relation ' || relation
      ELSE 'column ' || relation || '.' || name END AS missing
    FROM unnest($1::text[], $2::text[]) AS wanted (relation, name)
    WHERE NOT EXISTS (
      SELECT FROM pg_attribute AS attribute
      WHERE attribute.attrelid = to_regclass(relation) AND attribute.attname = wanted.name
        AND NOT attribute.attisdropped)
    UNION ALL
    SELECT 'function ' || name FROM unnest($3::text[]) AS name
    WHERE NOT EXISTS (
      SELECT FROM pg_proc WHERE proname = name AND pg_function_is_visible(oid))
    ORDER BY missing`,
    [columns.map(([relation]) => relation), columns.map(([, name]) => name), CALLED_FUNCTIONS],
  );
  return rows.map(({ missing }) => missing);
}
