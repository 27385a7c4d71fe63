import { Failure } from '../errors.js';
import type { Queryable } from './database.js';

const LEAST_VERSION = [2, 19] as const;

interface Installation {
  readonly database: string;
  readonly installed: string | null;
  readonly available: string | null;
  readonly license: string | null;
}

/**
 * Makes sure that the database has TimescaleDB with continuous aggregates, creating the
 * extension where the server offers it. Throws a Failure that says what is missing.
 */
export async function checkTimescale(session: Queryable): Promise<void> {
  let installation = await inspect(session);
  if (installation.installed === null && installation.available !== null) {
    refuseOlder(installation.database, installation.available);
    await session.query('CREATE EXTENSION IF NOT EXISTS timescaledb');
    installation = await inspect(session);
  }
  const { database, installed, license } = installation;
  if (installed === null) {
    throw new Failure(
      `The server of database "${database}" does not have TimescaleDB. Install TimescaleDB ${LEAST_VERSION.join('.')} or later on it (with shared_preload_libraries = 'timescaledb'), or unset DATABASE_URL to use the embedded database.`,
    );
  }
  refuseOlder(database, installed);
  if (license !== 'timescale') {
    throw new Failure(
      `TimescaleDB in database "${database}" runs with the licence "${license ?? 'none'}", which has no continuous aggregates. Install the community edition and set timescaledb.license = 'timescale'.`,
    );
  }
}

async function inspect(session: Queryable): Promise<Installation> {
  const [row] = await session.query<Installation>(`
    SELECT current_database() AS database,
      (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS installed,
      (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS available,
      current_setting('timescaledb.license', true) AS license`);
  return row!;
}

function refuseOlder(database: string, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [leastMajor, leastMinor] = LEAST_VERSION;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new Failure(
    `TimescaleDB in database "${database}" is version ${version}, but ${LEAST_VERSION.join('.')} or later is needed. Upgrade it: ALTER EXTENSION timescaledb UPDATE.`,
  );
}
