/** With a PgBouncer (apt-get install pgbouncer) before the server of TEST_DATABASE_URL. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { REFRESH_CHANNEL } from '../../src/aggregates/refresh/refresh-store.js';
import { listen } from '../../src/database/listener.js';
import { connect } from '../../src/database/open-database.js';
import { dayOf, formatDay } from '../../src/metrics/calendar.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { freePort } from '../helpers/free-port.js';
import { createServerDatabase, type ServerDatabase } from '../helpers/server-database.js';
import { createTestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';

let server: ServerDatabase;
let directory: string;
const poolers: ChildProcess[] = [];

beforeAll(async () => {
  server = await createServerDatabase();
  directory = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  await chmod(directory, 0o755);
});
afterAll(async () => {
  for (const pooler of poolers) pooler.kill('SIGKILL');
  await server.drop();
  await rm(directory, { recursive: true });
});

/** Starts a PgBouncer and gives the address of the database through it. */
async function pooled(mode: string): Promise<string> {
  const port = await freePort();
  const { hostname, port: target, username } = new URL(server.url);
  const file = join(directory, `${mode}.ini`);
  await writeFile(
    file,
    `[databases]
    * = host=${hostname} port=${target} user=${username}
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = ${port}
    unix_socket_dir =
    auth_type = any
    pool_mode = ${mode}
    default_pool_size = 40
    `,
  );
  const user = process.getuid!() === 0 ? ['-u', 'postgres'] : [];
  const pooler = spawn('pgbouncer', [...user, file], { stdio: 'ignore' });
  poolers.push(pooler);
  for (;;) {
    const socket = createConnection(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) break;
    if (pooler.exitCode !== null) throw new Error('pgbouncer did not start');
    await delay(20);
  }
  const url = new URL(server.url);
  url.port = String(port);
  return url.href;
}

test('pooling of sessions works: migrations, settings, prepared reads, refreshes, notifications', async () => {
  const url = await pooled('session');
  const { database, close } = await connect(
    'server',
    { url, replicaUrls: [], poolSize: 8 },
    { check: checkTimescale },
  );
  const api = await createTestApi(database);
  const heard: string[] = [];
  const listener = listen(url, REFRESH_CHANNEL, (payload) => heard.push(payload));
  try {
    expect(await database.write(`SELECT current_setting('plan_cache_mode') AS mode`)).toEqual([
      { mode: 'force_generic_plan' },
    ]);
    const id = portfolioId(1);
    const day = formatDay(dayOf(new Date()) - 3);
    await insertPortfolio(database, id);
    const { recordDailyMetrics } = await api.data(
      `mutation ($rows: [DailyMetricsInput!]!) { recordDailyMetrics(rows: $rows) { refreshes { state } } }`,
      { rows: [{ portfolioId: id, asofDate: day, twr1d: 0.25 }] },
    );
    expect(recordDailyMetrics.refreshes).toContainEqual({ state: 'SUCCEEDED' });
    const { portfolio } = await api.data(
      `query ($id: UUID!, $day: LocalDate!) { portfolio(id: $id) {
        rolling30d(asOf: $day) { averageReturn freshness { isStale } } } }`,
      { id, day },
    );
    expect(portfolio.rolling30d).toEqual({ averageReturn: 0.25, freshness: { isStale: false } });
    while (heard.length === 0) await delay(20);
  } finally {
    await listener.close();
    await api.close();
    await close();
  }
});

test('pooling of transactions is refused at the start', async () => {
  const url = await pooled('transaction');
  await expect(connect('server', { url, replicaUrls: [], poolSize: 8 })).rejects.toThrow(
    'DATABASE_URL leads through a connection pooler that gives every transaction another session (pool_mode = transaction)',
  );
});
