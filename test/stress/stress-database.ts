import type { Database } from '../../src/database/database.js';
import { connect } from '../../src/database/open-database.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { openTestDatabase } from '../helpers/test-database.js';

/** Connections of an instance to a server. */
export const POOL_SIZE = 12;

/** An empty database: on the server at STRESS_DATABASE_URL, else on the embedded engine. */
export async function openStressDatabase(): Promise<{
  readonly database: Database;
  readonly close: () => Promise<void>;
}> {
  const url = process.env['STRESS_DATABASE_URL'];
  if (!url) return openTestDatabase();
  const opened = await connect(
    'server',
    { url, replicaUrls: [], poolSize: POOL_SIZE },
    { check: checkTimescale },
  );
  // The server's own jobs come at any time; a test calls them by itself.
  await opened.database.write(
    `SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs
    WHERE hypertable_name IS NOT NULL`,
  );
  return opened;
}
