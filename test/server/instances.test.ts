/** Several processes of this program on the server of TEST_DATABASE_URL. */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { dayOf, formatDay } from '../../src/metrics/calendar.js';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { createServerDatabase, type ServerDatabase } from '../helpers/server-database.js';
import { portfolioId } from '../helpers/test-data.js';

jest.setTimeout(180_000);

const ID = portfolioId(1);
const YESTERDAY = dayOf(new Date()) - 1;
const MAX_AGE_MS = 500;
const READERS = 6;

const processes = new Processes();
let database: ServerDatabase;
let instances: RunningServer[];

const start = (): Promise<RunningServer> =>
  processes.server('/nowhere', {
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '6',
    SNAPSHOT_MAX_AGE_MS: String(MAX_AGE_MS),
    RATE_LIMIT: '1000000',
  });

beforeAll(async () => {
  database = await createServerDatabase();
  // At once, on an empty database: one of them migrates.
  instances = await Promise.all([start(), start(), start()]);
  await instances[0]!.data(
    `mutation { upsertPortfolio(input: { id: "${ID}", name: "One" }) { id } }`,
  );
});
afterAll(async () => {
  await processes.close();
  await database.drop();
});

const record = (instance: RunningServer, value: number, days = 1): Promise<unknown> =>
  instance.data(
    `mutation ($rows: [DailyMetricsInput!]!) {
      recordDailyMetrics(rows: $rows) { refreshes { state error } }
    }`,
    {
      rows: Array.from({ length: days }, (_, n) => {
        return { portfolioId: ID, asofDate: formatDay(YESTERDAY - n), twr1d: value };
      }),
    },
  );
const READ = `{ portfolio(id: "${ID}") {
  rolling30d(asOf: "${formatDay(YESTERDAY)}") { averageReturn freshness { isStale } } } }`;
const fresh = (value: number): unknown => ({
  portfolio: { rolling30d: { averageReturn: value, freshness: { isStale: false } } },
});

test('one refresh of an aggregate runs at a time, and all of them succeed', async () => {
  const all = instances.map((instance, n) => record(instance, 0.01 * (n + 1), 20));
  for (const { recordDailyMetrics } of (await Promise.all(all)) as {
    recordDailyMetrics: { refreshes: { state: string }[] };
  }[]) {
    const states = recordDailyMetrics.refreshes.map(({ state }) => state);
    expect(states).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  }
  const client = await database.connect();
  const { rows } = await client.query(`
    SELECT one.id FROM aggregate_refreshes AS one JOIN aggregate_refreshes AS other
      ON one.view_name = other.view_name AND one.id <> other.id
      AND one.started_at < other.finished_at AND other.started_at < one.finished_at`);
  expect(rows).toEqual([]);
});

test('every instance publishes the end of a refresh, and then has what it brought', async () => {
  const ended = instances.map((instance) => {
    const client = createClient({
      url: instance.url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
    });
    let connected: () => void = () => undefined;
    const isConnected = new Promise<void>((resolve) => (connected = resolve));
    const seen = new Promise<unknown>((resolve, reject) => {
      client.on('connected', () => connected());
      client.subscribe<{ aggregateRefreshed: { state: string } }>(
        {
          query: `subscription {
            aggregateRefreshed(viewName: PORTFOLIO_METRICS_30D_ROLLING) { state } }`,
        },
        {
          next({ data }) {
            if (data?.aggregateRefreshed.state === 'SUCCEEDED') resolve(instance.data(READ));
          },
          error: reject,
          complete: () => undefined,
        },
      );
    });
    return { isConnected, seen, dispose: () => client.dispose() };
  });
  await Promise.all(ended.map(({ isConnected }) => isConnected));
  // The subscription itself is one message after the connection.
  await Promise.all(instances.map((instance) => instance.data(READ)));
  const days = 20;
  await record(instances[0]!, 0.5, days);
  for (const { seen, dispose } of ended) {
    expect(await seen).toEqual(fresh(0.5));
    await dispose();
  }
});

test('every instance has what another one wrote after the bound at the latest', async () => {
  await record(instances[1]!, 0.25, 20);
  await delay(MAX_AGE_MS);
  for (const instance of instances) expect(await instance.data(READ)).toEqual(fresh(0.25));
});

test('a rolling restart under load fails no request', async () => {
  // What a load balancer does: it sends requests to instances that are ready.
  let targets = [...instances];
  const end = new AbortController();
  let responses = 0;
  const reader = async (n: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true });
    for (let turn = n; !end.signal.aborted; turn++) {
      const { url } = targets[turn % targets.length]!;
      expect(await post(url, agent, READ)).toEqual({ data: fresh(0.25) });
      responses++;
    }
    agent.destroy();
  };
  const readers = Array.from({ length: READERS }, (_, n) => reader(n));
  const loaded = Promise.all(readers);
  for (const old of instances) {
    const next = await start();
    targets = [...targets.filter((target) => target !== old), next];
    expect(await old.stop()).toEqual({ code: 0, signal: null });
  }
  end.abort();
  await loaded;
  instances = targets;
  expect(responses).toBeGreaterThan(10 * READERS);
});

/** Sends a query on a connection of the agent and gives the body of its response. */
function post(url: string, agent: Agent, query: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ query }));
  });
}
