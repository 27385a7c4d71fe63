import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AGGREGATE_NAMES, AGGREGATES } from '../../src/aggregates/registry.js';
import type { Database } from '../../src/database/database.js';
import { insertPortfolio, insertRows, portfolioId, refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { whileHeld } from '../helpers/while-held.js';
import { createTestSchema } from './test-schema.js';
import {
  startTestServer,
  unreachableDatabase,
  type TestServer,
  type TestServerOptions,
} from './test-server.js';

const SQL_NAMES = AGGREGATE_NAMES.map((name) => AGGREGATES[name].sqlName);

let db: TestDatabase;
const servers: TestServer[] = [];

beforeAll(async () => {
  db = await openTestDatabase({ embedded: 'its one session is held' });
  await insertPortfolio(db.database, portfolioId(1), [
    { day: '2018-01-01', return: 0.01, value: 100 },
    { day: '2018-01-02', return: 0.02, value: 102 },
  ]);
  await refreshAll(db.database, '2018-01-01', '2018-01-02');
  // Ten years before the reach of any policy.
  await insertRows(db.database, portfolioId(1), [
    { day: '2018-01-03', return: 0.03 },
    { day: '2018-01-05', return: 0.04 },
  ]);
});
afterAll(() => db.close());
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const server = await startTestServer({
    schema: createTestSchema(new EventEmitter()),
    database: db.database,
    ...options,
  });
  servers.push(server);
  return server;
}

async function get(
  { url }: TestServer,
  path: string,
): Promise<{ readonly status: number; readonly cached: string | null; readonly body: unknown }> {
  const response = await fetch(url + path);
  return {
    status: response.status,
    cached: response.headers.get('cache-control'),
    body: await response.json(),
  };
}

describe('/health/live', () => {
  test('responds whatever the database does, and sends it no statement', async () => {
    const live = { status: 200, cached: 'no-store', body: { status: 'live' } };
    expect(await get(await start({ database: unreachableDatabase() }), '/health/live')).toEqual(
      live,
    );
    const server = await start({ isClosing: () => true });
    db.statements.length = 0;
    expect(await get(server, '/health/live')).toEqual(live);
    expect(db.statements).toEqual([]);
  });
});

describe('/health/ready', () => {
  test('is ready when the database responds, in one statement', async () => {
    const server = await start();
    db.statements.length = 0;
    expect(await get(server, '/health/ready')).toEqual({
      status: 200,
      cached: 'no-store',
      body: { status: 'ready' },
    });
    expect(db.statements).toEqual(['SELECT 1']);
  });

  test('is not ready when the database does not respond in time, however many requests come', async () => {
    const server = await start({ limits: { readyTimeoutMs: 100 } });
    db.statements.length = 0;
    const responses = await whileHeld(db.database, () =>
      Promise.all(Array.from({ length: 20 }, () => get(server, '/health/ready'))),
    );
    const reason = 'The database did not respond within 0.1 s.';
    for (const response of responses) {
      expect(response).toEqual({
        status: 503,
        cached: 'no-store',
        body: { status: 'not ready', reason },
      });
    }
    // Once the session is free again, so is the server; the twenty had one statement between them.
    expect(await get(server, '/health/ready')).toMatchObject({ status: 200 });
    expect(db.statements.filter((sql) => sql === 'SELECT 1').length).toBeLessThanOrEqual(4);
  });

  test('is not ready when the database cannot be reached, and keeps the reason to the log', async () => {
    expect(await get(await start({ database: unreachableDatabase() }), '/health/ready')).toEqual({
      status: 503,
      cached: 'no-store',
      body: {
        status: 'not ready',
        reason: 'The database cannot be reached; the log of the server says why.',
      },
    });
  });

  test('is not ready while the application closes', async () => {
    expect(await get(await start({ isClosing: () => true }), '/health/ready')).toEqual({
      status: 503,
      cached: 'no-store',
      body: { status: 'not ready', reason: 'The server is shutting down.' },
    });
  });

  test('responds to HEAD, which some monitors send', async () => {
    const { url } = await start();
    const { status } = await fetch(`${url}/health/ready`, { method: 'HEAD' });
    expect(status).toBe(200);
  });
});

describe('/metrics', () => {
  test('is what Prometheus reads, and of the process too', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = await response.text();
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });

  test('requests are counted by route and status, whatever the client calls them', async () => {
    const server = await start();
    await server.post({ query: 'query Mine { hello }' });
    await server.post({ query: 'query Yours { hello fails }' });
    await server.post({ query: '{ refuses }' });
    await server.post({ query: 'mutation { touch }' });
    await server.post({ query: '{ broken' });
    await fetch(`${server.url}/nowhere?x=1`);
    const { samples, text } = await scrape(server);
    const http = 'rolling_metrics_http_request_duration_seconds_count';
    expect(samples.get(`${http}{route="/graphql",status="200"}`)).toBe(4);
    expect(samples.get(`${http}{route="/graphql",status="400"}`)).toBe(1);
    expect(samples.get(`${http}{route="none",status="404"}`)).toBe(1);
    const operations = 'rolling_metrics_graphql_operation_duration_seconds_count';
    expect(samples.get(`${operations}{operation="query",errors="none"}`)).toBe(1);
    expect(samples.get(`${operations}{operation="query",errors="server"}`)).toBe(1);
    expect(samples.get(`${operations}{operation="query",errors="client"}`)).toBe(1);
    expect(samples.get(`${operations}{operation="mutation",errors="none"}`)).toBe(1);
    expect(samples.get(`${operations}{operation="none",errors="client"}`)).toBe(1);
    const fields = 'rolling_metrics_graphql_root_field_duration_seconds_count';
    expect(samples.get(`${fields}{operation="query",field="hello"}`)).toBe(2);
    expect(samples.get(`${fields}{operation="mutation",field="touch"}`)).toBe(1);
    expect(text).not.toMatch(/Mine|Yours|nowhere|broken/);
  });

  test('the pool says how busy it is', async () => {
    const labels = '{engine="embedded",role="primary"}';
    const idle = await scrape(await start());
    expect(idle.samples.get(`rolling_metrics_pool_connections${labels}`)).toBe(1);
    expect(idle.samples.get(`rolling_metrics_pool_idle_connections${labels}`)).toBe(1);
    expect(idle.samples.get(`rolling_metrics_pool_waiting_requests${labels}`)).toBe(0);
    const impatient = await start({ aggregatesTimeoutMs: 50 });
    const busy = await whileHeld(db.database, () => scrape(impatient));
    expect(busy.samples.get(`rolling_metrics_pool_idle_connections${labels}`)).toBe(0);
    expect(busy.samples.get(`rolling_metrics_pool_waiting_requests${labels}`)).toBe(1);
    expect(busy.samples.get('rolling_metrics_scrape_success')).toBe(0);
  });

  test('each aggregate is reported as it is', async () => {
    const later = new Date(Date.now() + 3_600_000);
    const { samples } = await scrape(await start({ now: () => later }));
    expect(samples.get('rolling_metrics_scrape_success')).toBe(1);
    for (const name of SQL_NAMES) {
      const of = (metric: string, more = ''): number | undefined =>
        samples.get(`rolling_metrics_aggregate_${metric}{aggregate="${name}"${more}}`);
      expect(of('refresh_lag_seconds')).toBeGreaterThanOrEqual(3600);
      expect(of('refresh_lag_seconds')).toBeLessThan(3600 + 60);
      expect(of('size_bytes')).toBeGreaterThan(0);
      expect(of('rows')).toBeGreaterThanOrEqual(0);
      // From 3 to 5 January, between which there is a day without a row.
      expect(of('pending_days', ',covered_by_policy="false"')).toBe(3);
      expect(of('pending_days', ',covered_by_policy="true"')).toBe(0);
      expect(of('policy_schedule_seconds')).toBeGreaterThanOrEqual(3600);
      expect(of('policy_runs_total')).toBe(0);
      expect(of('policy_failures_total')).toBe(0);
      expect(of('health')).toBe(1);
    }
  });

  test('without the database it responds all the same, and reports no old numbers', async () => {
    let isDown = false;
    // The state of the aggregates is read from the primary.
    const database = Object.create(db.database, {
      write: {
        value: (...args: Parameters<Database['write']>) =>
          isDown ? Promise.reject(new Error('it is down')) : db.database.write(...args),
      },
    }) as Database;
    const server = await start({ database });
    const ofAggregates = /^rolling_metrics_aggregate_\w+\{/m;
    expect((await scrape(server)).text).toMatch(ofAggregates);
    isDown = true;
    const { samples, text } = await scrape(server);
    expect(samples.get('rolling_metrics_scrape_success')).toBe(0);
    expect(text).not.toMatch(ofAggregates);
  });

  test('docs/operating.md explains every metric, and the alerts and the dashboard name no other', async () => {
    const { text } = await scrape(await start());
    const exported = new Set(text.match(/(?<=^# TYPE )rolling_\w+/gm));
    const inDocument = await namesIn('docs/operating.md');
    expect([...inDocument].toSorted()).toEqual([...exported].toSorted());
    for (const file of ['deploy/prometheus/alerts.yml', 'deploy/grafana/rolling-metrics.json']) {
      expect([...(await namesIn(file))].filter((name) => !exported.has(name))).toEqual([]);
    }
  });
});

/** The metrics a document names; those of a histogram by its own name. */
async function namesIn(file: string): Promise<Set<string>> {
  const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  const names = text.match(/\brolling_metrics_[a-z_]+/g) ?? [];
  return new Set(names.map((name) => name.replace(/_(?:bucket|count|sum)$/, '')));
}

/** What the server exports: as text, and each sample by its name and labels. */
async function scrape({
  url,
}: TestServer): Promise<{ readonly text: string; readonly samples: Map<string, number> }> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  const samples = [...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm)];
  return { text, samples: new Map(samples.map(([, name, value]) => [name!, Number(value)])) };
}
