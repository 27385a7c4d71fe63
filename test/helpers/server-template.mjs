import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** Makes a database that `migrate` fills and test files clone; gives its name. */
export async function createServerTemplate(server, migrate) {
  const name = `metrics_test_${randomBytes(6).toString('hex')}`;
  const address = new URL(server);
  address.pathname = `/${name}`;
  const url = address.href;
  await execute(server, `CREATE DATABASE ${name}`);
  const version = process.env['TEST_TIMESCALE_VERSION'];
  if (version) await execute(url, `CREATE EXTENSION timescaledb VERSION '${version}'`);
  await migrate(url);
  // The server's own jobs come at any time; here a test runs them.
  await execute(
    url,
    `SELECT alter_job(job_id, next_start => '2100-01-01') FROM timescaledb_information.jobs
    WHERE hypertable_name IS NOT NULL`,
  );
  // No database is cloned while a session is connected to it, such as TimescaleDB's scheduler.
  await execute(
    server,
    `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${name}'`,
  );
  return name;
}

/** Drops the template and what tests have left of its clones. */
export async function dropServerTemplate(server, name) {
  const { rows } = await execute(
    server,
    `SELECT datname FROM pg_database WHERE datname LIKE '${name}%'`,
  );
  await execute(server, ...rows.map(({ datname }) => `DROP DATABASE ${datname} WITH (FORCE)`));
}

/** Runs statements one by one in a session of their own; gives the result of the last. */
async function execute(url, ...statements) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let result;
    for (const statement of statements) result = await client.query(statement);
    return result;
  } finally {
    await client.end();
  }
}
