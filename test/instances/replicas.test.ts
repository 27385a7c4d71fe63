/**
 * Real streaming replication on loopback. TEST_POSTGRES_BIN names the programs of PostgreSQL, with
 * which the tests make a primary and its standbys.
 */
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Revisions } from '../../src/aggregates/revisions/revisions.js';
import { DEFAULT_THRESHOLDS } from '../../src/aggregates/status/health.js';
import { readHealth } from '../../src/aggregates/status/read-health.js';
import type { Database } from '../../src/database/database.js';
import { connect, type OpenDatabase } from '../../src/database/open-database.js';
import { dayOf, formatDay } from '../../src/metrics/calendar.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { createPostgresServer, type PostgresServer } from '../helpers/postgres-cluster.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';

jest.setTimeout(120_000);

const ID = portfolioId(1);
const DAY = formatDay(dayOf(new Date()) - 3);
const MAX_LAG_MS = 300;
const RECORD = `mutation Record($rows: [DailyMetricsInput!]!) {
  recordDailyMetrics(rows: $rows) { refreshes { state } }
}`;
const ROLLING = `query Rolling($id: UUID!, $day: LocalDate!) {
  portfolio(id: $id) { rolling30d(asOf: $day) { averageReturn freshness { isStale } } }
}`;

/** Repeats what does not hold yet. */
async function eventually<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean) {
  const end = performance.now() + 30_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(value)}`);
    await delay(20);
  }
}

describe('with a replica', () => {
  let primary: PostgresServer;
  let standby: PostgresServer;
  let opened: OpenDatabase;
  let database: Database;
  let api: TestApi;

  beforeAll(async () => {
    primary = await createPostgresServer();
    await primary.query('CREATE DATABASE metrics');
    standby = await primary.standby();
    opened = await connect(
      'server',
      {
        url: primary.url('metrics'),
        replicaUrls: [standby.url('metrics')],
        replicaMaxLagMs: MAX_LAG_MS,
        poolSize: 6,
      },
      { check: checkTimescale },
    );
    ({ database } = opened);
    await database.write(
      'SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs',
    );
    await insertPortfolio(database, ID);
    api = await createTestApi(database, { snapshotMaxAge: 500 });
  });
  afterAll(async () => {
    await api.close();
    await opened.close();
    await primary.close();
  });

  async function record(value: number): Promise<void> {
    const rows = [{ portfolioId: ID, asofDate: DAY, twr1d: value }];
    const { recordDailyMetrics } = await api.data(RECORD, { rows });
    const states = recordDailyMetrics.refreshes.map(({ state }: { state: string }) => state);
    expect(states).toEqual(Array(states.length).fill('SUCCEEDED'));
  }
  async function rolling(): Promise<unknown> {
    return (await api.data(ROLLING, { id: ID, day: DAY })).portfolio.rolling30d;
  }
  const fresh = (value: number) => ({ averageReturn: value, freshness: { isStale: false } });
  /** The server that serves a read. */
  async function reader(): Promise<number> {
    const [row] = await database.read<{ port: number }>('SELECT inet_server_port() AS port');
    return row!.port;
  }
  const readsFrom = (server: PostgresServer) => eventually(reader, (port) => port === server.port);
  async function replicaWarnings(): Promise<string[]> {
    const { warnings } = await readHealth(
      database,
      'application',
      new Date(),
      DEFAULT_THRESHOLDS,
      async () => [],
    );
    return warnings.filter((warning) => warning.startsWith('Replica '));
  }
  const well = () => eventually(replicaWarnings, (warnings) => warnings.length === 0);
  const warned = () => eventually(replicaWarnings, (warnings) => warnings.length > 0);

  test('reads are served by it, and writes and refreshes by the primary', async () => {
    await record(0.01);
    expect(await rolling()).toEqual(fresh(0.01));
    await readsFrom(standby);
    expect(await rolling()).toEqual(fresh(0.01));
    await well();
  });

  test('a caller reads what it wrote while replay is paused, and health says that it lags', async () => {
    await readsFrom(standby);
    await standby.query('SELECT pg_wal_replay_pause()');
    await record(0.02);
    expect(await rolling()).toEqual(fresh(0.02));
    expect(await reader()).toBe(primary.port);
    await record(0.03);
    expect(await rolling()).toEqual(fresh(0.03));
    expect(await warned()).toEqual([
      `Replica 127.0.0.1:${standby.port} serves no reads: what the primary wrote ${MAX_LAG_MS} ms ago is not replayed there (REPLICA_MAX_LAG_MS). The primary serves them meanwhile. On the replica, see whether replay is paused (SELECT pg_is_wal_replay_paused(); SELECT pg_wal_replay_resume();) or a long query delays it (pg_stat_activity); on the primary, whether it is connected (pg_stat_replication).`,
    ]);
    await standby.query('SELECT pg_wal_replay_resume()');
    await well();
    await readsFrom(standby);
    expect(await rolling()).toEqual(fresh(0.03));
  });

  test('another instance sees a change within the bound while replay is paused', async () => {
    await readsFrom(standby);
    await standby.query('SELECT pg_wal_replay_pause()');
    const other = await connect('server', {
      url: primary.url('metrics'),
      replicaUrls: [],
      poolSize: 6,
    });
    const writer = await createTestApi(other.database);
    const rows = [{ portfolioId: ID, asofDate: DAY, twr1d: 0.04 }];
    await writer.data(RECORD, { rows });
    await delay(500);
    expect(await rolling()).toEqual(fresh(0.04));
    // What is written and not refreshed is pending at once, wherever the series are read.
    await writer.data(
      `mutation Record($rows: [DailyMetricsInput!]!) {
      recordDailyMetrics(rows: $rows, refresh: false) { refreshes { state } }
    }`,
      { rows: [{ ...rows[0], twr1d: 0.05 }] },
    );
    await delay(500);
    expect(await rolling()).toEqual({ averageReturn: 0.04, freshness: { isStale: true } });
    await writer.close();
    await other.close();
    await standby.query('SELECT pg_wal_replay_resume()');
    await well();
  });

  test('a primary where nothing is written is no lag, nor is the end of a file of its log', async () => {
    await primary.query('SELECT pg_switch_wal()');
    await well();
    await delay(2 * MAX_LAG_MS);
    expect(await replicaWarnings()).toEqual([]);
    await delay(2 * MAX_LAG_MS);
    expect(await replicaWarnings()).toEqual([]);
  });

  test('one that is gone is left out until it is back', async () => {
    await readsFrom(standby);
    await standby.stop('SIGQUIT');
    expect(await reader()).toBe(primary.port);
    await record(0.06);
    expect(await rolling()).toEqual(fresh(0.06));
    const [warning] = await warned();
    expect(warning).toMatch(
      /^Replica 127\.0\.0\.1:\d+ serves no reads: .+\. The primary serves them meanwhile\. Start it or make it reachable, or remove it from DATABASE_REPLICA_URLS\.$/,
    );
    await standby.start();
    await well();
    await readsFrom(standby);
    expect(await rolling()).toEqual(fresh(0.06));
  });

  test('one that stops responding delays a read by about a second, and later ones not at all', async () => {
    await readsFrom(standby);
    await standby.freeze();
    const started = performance.now();
    expect(await reader()).toBe(primary.port);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await replicaWarnings()).toEqual([
      expect.stringContaining('does not respond within 1 s'),
    ]);
    standby.thaw();
    await well();
    await readsFrom(standby);
  });

  test('one that was promoted serves nothing', async () => {
    await readsFrom(standby);
    await standby.promote();
    expect(await replicaWarnings()).toEqual([expect.stringContaining('(system/timeline)')]);
    expect(await reader()).toBe(primary.port);
  });

  test('after a crash of the primary nothing that was known counts', async () => {
    const revisions = new Revisions(database, 0);
    const history = async () => (await revisions.current()).snapshot.history;
    const before = await history();
    const known = revisions.ofSource(ID);
    await primary.stop('SIGQUIT');
    await primary.start();
    await eventually(
      () => history().catch(() => before),
      (now) => now !== before,
    );
    expect(revisions.ofSource(ID)).toBeGreaterThan(known);
  });
});

test('after a failover that lost transactions nothing known of them is taken for what has their ids', async () => {
  const primary = await createPostgresServer();
  await primary.query('CREATE DATABASE metrics');
  const address = await createSwitch(primary.port);
  const open = () =>
    connect(
      'server',
      { url: address.url, replicaUrls: [], poolSize: 6 },
      { check: checkTimescale },
    );
  const { database, close } = await open();
  await database.write(
    'SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs',
  );
  for (const n of [1, 2]) await insertPortfolio(database, portfolioId(n));
  const standby = await primary.standby();
  const revisions = new Revisions(database, 0);
  const insert = (n: number) => `
    INSERT INTO portfolio_metrics (portfolio_id, asof_date, twr_1d)
    VALUES ('${portfolioId(n)}', '${DAY}', 0.01) RETURNING pg_current_xact_id()::text AS id`;
  try {
    await eventually(
      async () =>
        Promise.all(
          [primary, standby].map((server) =>
            server.query('SELECT count(*) FROM portfolios', 'metrics'),
          ),
        ),
      ([one, other]) => JSON.stringify(one) === JSON.stringify(other),
    );
    await standby.stop();
    const [lost] = await database.write<{ id: string }>(insert(1));
    const before = await revisions.current();
    expect(before.snapshot.changes!.map(({ transactionId }) => transactionId)).toContain(lost!.id);
    const known = revisions.ofSource(portfolioId(2));
    await primary.stop('SIGQUIT');
    await standby.start();
    await standby.promote();
    address.lead(standby.port);
    const [written] = await standby.query<{ id: string }>(insert(2), 'metrics');
    expect(written).toEqual(lost);
    const after = await eventually(
      () => revisions.current().catch(() => null),
      (reading) => reading !== null,
    );
    expect(after!.snapshot.history).not.toBe(before.snapshot.history);
    expect(revisions.ofSource(portfolioId(2))).toBeGreaterThan(known);
    const recorded = after!.snapshot.changes!.map(({ portfolioId: id }) => id);
    expect(recorded).toContain(portfolioId(2));
    expect(recorded).not.toContain(portfolioId(1));
  } finally {
    await close();
    await address.close();
    await primary.close();
  }
});

/** An address that leads to one server and later to another one, as that of a primary does. */
async function createSwitch(port: number) {
  let target = port;
  const server: Server = createServer((client) => {
    const upstream = createConnection(target, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `postgres://postgres@127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    lead(next: number) {
      target = next;
    },
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
