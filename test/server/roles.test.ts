import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { NO_AUDIT } from '../../src/access/audit.js';
import { checkRights } from '../../src/aggregates/check-rights.js';
import { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { Scheduler } from '../../src/aggregates/refresh/scheduler.js';
import { AGGREGATE_NAMES } from '../../src/aggregates/registry.js';
import { adoptRestoredDatabase } from '../../src/aggregates/revisions/restored-database.js';
import { readConfig } from '../../src/config.js';
import { connect, type OpenDatabase } from '../../src/database/open-database.js';
import { Failure } from '../../src/errors.js';
import { refreshRows } from '../../src/ingest/refresh-rows.js';
import { importSampleData } from '../../src/ingest/sample-data.js';
import { Lifecycle } from '../../src/lifecycle.js';
import { toDay } from '../../src/metrics/calendar.js';
import { openServices } from '../../src/services.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { createServerDatabase, type ServerDatabase } from '../helpers/server-database.js';

const SCRIPT = fileURLToPath(new URL('../../docs/roles.sql', import.meta.url));
const TODAY = toDay('2024-06-28');
const suffix = randomBytes(4).toString('hex');
const [MIGRATOR, SERVER, AGGREGATES, NOBODY] = [
  `test_migrator_${suffix}`,
  `test_server_${suffix}`,
  `test_aggregates_${suffix}`,
  `test_nobody_${suffix}`,
];

let server: ServerDatabase;
let admin: Client;
let opened: OpenDatabase;

function urlFor(role: string): string {
  const url = new URL(server.url);
  url.username = role;
  return url.href;
}

function open(role: string): Promise<OpenDatabase> {
  const connection = { url: urlFor(role), replicaUrls: [], poolSize: 8 };
  return connect('server', connection, { check: checkTimescale });
}

async function runScript(): Promise<void> {
  const names = [`server=${SERVER}`, `aggregates=${AGGREGATES}`].flatMap((name) => ['-v', name]);
  await promisify(execFile)('psql', [
    '-Xqv',
    'ON_ERROR_STOP=1',
    ...names,
    '-f',
    SCRIPT,
    server.url,
  ]);
}

beforeAll(async () => {
  server = await createServerDatabase();
  await (await server.connect()).query('CREATE EXTENSION IF NOT EXISTS timescaledb');
  // An extension that a session has created is loaded in the next.
  admin = await server.connect();
  for (const role of [MIGRATOR, NOBODY]) await admin.query(`CREATE ROLE ${role} LOGIN`);
  const { pathname } = new URL(server.url);
  await admin.query(`ALTER DATABASE ${pathname.slice(1)} OWNER TO ${MIGRATOR}`);
  const migrating = await open(MIGRATOR);
  await checkRights({ query: migrating.database.write.bind(migrating.database) });
  await migrating.close();
  // Twice, as after an upgrade.
  await runScript();
  await runScript();
  opened = await open(SERVER);
});
afterAll(async () => {
  await opened?.close();
  const roles = [SERVER, AGGREGATES, NOBODY, MIGRATOR].join(', ');
  await admin.query(`DROP OWNED BY ${roles} CASCADE`);
  await admin.query(`REASSIGN OWNED BY ${MIGRATOR} TO CURRENT_USER`);
  await admin.query(`DROP ROLE ${roles}`);
  await server.drop();
});

test('the serving role imports, refreshes, runs policies and prunes', async () => {
  const { database } = opened;
  await checkRights({ query: database.write.bind(database) });
  await adoptRestoredDatabase(database);
  const refreshes = new RefreshService(database);
  const options = { today: TODAY, progress: () => undefined };
  const { daily } = await importSampleData(database, options);
  await refreshRows(refreshes, daily, options);
  const errors: unknown[] = [];
  const scheduler = new Scheduler(
    database,
    refreshes,
    () => new Date(),
    (error) => errors.push(error),
  );
  await scheduler.runDueJobs();
  await scheduler.close();
  await refreshes.close();
  expect(errors).toEqual([]);
  const rows = await database.read<object>(
    'SELECT view_name FROM aggregate_refreshes GROUP BY view_name, state ORDER BY view_name',
  );
  expect(rows).toHaveLength(AGGREGATE_NAMES.length);
});

test("TimescaleDB's own jobs run as the role that owns the aggregates", async () => {
  await opened.database.write(`
    SELECT alter_job(job_id, next_start => now()) FROM timescaledb_information.jobs
    WHERE proc_name = 'policy_refresh_continuous_aggregate'`);
  const jobs = async (): Promise<{ owner: string; succeeded: boolean }[]> => {
    const { rows } = await admin.query<{ owner: string; succeeded: boolean }>(`
      SELECT owner::text, coalesce(total_successes, 0) > 0 AS succeeded
      FROM timescaledb_information.jobs LEFT JOIN timescaledb_information.job_stats USING (job_id)
      WHERE proc_name = 'policy_refresh_continuous_aggregate'`);
    return rows;
  };
  for (const until = performance.now() + 20_000; performance.now() < until; await delay(100)) {
    if ((await jobs()).every(({ succeeded }) => succeeded)) break;
  }
  const each = { owner: AGGREGATES, succeeded: true };
  expect(await jobs()).toEqual(AGGREGATE_NAMES.map(() => each));
}, 30_000);

describe('the serving role cannot', () => {
  test.each([
    'DROP TABLE portfolio_metrics CASCADE',
    'DROP TABLE portfolios CASCADE',
    'TRUNCATE portfolio_metrics',
    'ALTER TABLE portfolio_metrics DISABLE TRIGGER ALL',
    'DROP TRIGGER record_metric_insert ON portfolio_metrics',
    'CREATE OR REPLACE FUNCTION record_metric_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
    'ALTER TABLE portfolio_metrics DROP CONSTRAINT portfolio_metrics_twr_1d_bound',
    "SELECT drop_chunks('portfolio_metrics', older_than => date '2100-01-01')",
    'CREATE TABLE intruder (id int)',
    "INSERT INTO api_keys (name, role, tenant, hash) VALUES ('x', 'operator', '*', sha256('x'))",
    "UPDATE api_keys SET role = 'operator'",
    'DELETE FROM migrations',
    'SET session_replication_role = replica',
    `SET ROLE ${MIGRATOR}`,
    'CREATE ROLE intruder',
  ])('%s', async (statement) => {
    await expect(opened.database.write(statement)).rejects.toMatchObject({
      driverError: { code: '42501' },
    });
  });
});

test('a role without rights gets a sentence', async () => {
  await expect(open(NOBODY)).rejects.toThrow(
    `Role ${NOBODY} lacks a right that this program needs`,
  );
  await admin.query(`GRANT USAGE ON SCHEMA public TO ${NOBODY}`);
  await admin.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${NOBODY}`);
  const { database, close } = await open(NOBODY);
  const check = checkRights({ query: database.write.bind(database) });
  const lacking =
    /lacks rights that this program needs in database \w+: .*INSERT, UPDATE, DELETE on portfolio_metrics; .*ownership of portfolio_metrics_1y_beta.*psql -v ON_ERROR_STOP=1 -v server=\S+ -f docs\/roles\.sql; or name the role that migrated it in DATABASE_URL\.$/;
  await expect(check).rejects.toThrow(lacking);
  await close();

  // A server does not start as such a role.
  const lifecycle = new Lifecycle();
  const fail = (error: unknown): never => {
    throw error;
  };
  const starting = openServices(readConfig({ DATABASE_URL: urlFor(NOBODY) }), {
    lifecycle,
    now: () => new Date(),
    onFailure: fail,
    onError: fail,
    audit: NO_AUDIT,
    onMigrationWaiting: fail,
  });
  await expect(starting).rejects.toThrow(Failure);
  await expect(starting).rejects.toThrow(lacking);
  await lifecycle.close();
});
