import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DAILY_HEADER, lines, PORTFOLIO_HEADER, writeImport } from '../helpers/import-files.js';
import { Processes, type Exit, type Finished, type RunningServer } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';

const SANDBOX = 'https://studio.apollographql.com';
const INTROSPECTION = '{ __schema { queryType { name } } }';
const SAMPLE = `{ portfolios { totalCount edges { node {
  name firstDay lastDay rolling30d { observations asOf } rolling1y { observations beta freshness { isStale } }
} } } }`;
/** How long a server may take to end. */
const STOP_MS = 5000;

jest.setTimeout(120_000);

const processes = new Processes();
const LAST = portfolioId(1);
let dataDir: string;
/** The first on the directory, and what became of it. */
let first: RunningServer;
let printed: { readonly stdout: string; readonly stderr: string };
let sample: unknown;
let runs: number[];
let health: unknown;
let imported: Finished;
let ended: Exit;
let tookMs: number;
/** The one after it. */
let server: RunningServer;

beforeAll(async () => {
  dataDir = `${await processes.directory()}/data`;
  first = await processes.server(dataDir);
  sample = await first.data(SAMPLE);
  runs = await runsOfPolicies(first);
  health = await first.data('{ health { status issues warnings } }');
  printed = { stdout: first.stdout(), stderr: first.stderr() };
  const files = await writeImport(await processes.directory(), {
    portfolios: lines(PORTFOLIO_HEADER, `${LAST},Written last,USD,`),
    daily: lines(DAILY_HEADER, `${LAST},2024-01-02,0.01,100,,,,`),
  });
  imported = await processes.cli(dataDir, ...files);
  const startedMs = performance.now();
  ended = await first.stop();
  tookMs = performance.now() - startedMs;
  server = await processes.server(dataDir);
});
afterAll(() => processes.close());

/** How often each policy has run, once each has, or after a while in which one has not. */
async function runsOfPolicies(at: RunningServer): Promise<number[]> {
  const read = async (): Promise<number[]> => {
    const { aggregateStatus } = await at.data('{ aggregateStatus { totalRuns } }');
    return (aggregateStatus as { totalRuns: number }[]).map(({ totalRuns }) => totalRuns);
  };
  for (const until = performance.now() + 20_000; performance.now() < until;) {
    if (!(await read()).includes(0)) break;
  }
  return read();
}

/** Sends a request as a browser does that opens the address. */
const open = (url: string): Promise<Response> =>
  fetch(url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });

/** The preflight of a browser before a page of that origin may send a query. */
async function allowedOrigin(url: string, origin: string): Promise<string | null> {
  const { headers } = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  });
  return headers.get('access-control-allow-origin');
}

describe('the first start on an empty directory', () => {
  test('prints its address and nothing but progress', () => {
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(printed.stdout).toBe(
      `Rolling portfolio metrics are served at ${first.url}\nThe dashboard is at ${new URL('/', first.url).href}\n`,
    );
    expect(printed.stderr.replace(/^Loading sample portfolios: .*\n/gm, '')).toBe('');
  });

  test('loads the sample portfolios and refreshes the aggregates', () => {
    const { portfolios } = sample as {
      portfolios: { totalCount: number; edges: { node: Record<string, unknown> }[] };
    };
    expect(portfolios.totalCount).toBe(4);
    for (const { node } of portfolios.edges) {
      expect(node).toMatchObject({
        firstDay: '2013-05-13',
        lastDay: '2018-05-11',
        rolling30d: { observations: 22, asOf: '2018-05-11' },
        rolling1y: { observations: 252, freshness: { isStale: false } },
      });
    }
  });
});

test('a server on the embedded database runs the refresh policies itself', () => {
  expect(runs).not.toContain(0);
  // Nor does it matter that the sample ends in 2018.
  expect(health).toEqual({ health: { status: 'HEALTHY', issues: [], warnings: [] } });
});

describe('over HTTP', () => {
  test('a query works by POST and by GET', async () => {
    const query = '{ portfolios(first: 1) { totalCount } }';
    expect(await server.data(query)).toEqual({ portfolios: { totalCount: 5 } });
    const response = await fetch(`${server.url}?query=${encodeURIComponent(query)}`, {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { portfolios: { totalCount: 5 } } });
  });

  test('a page of another site cannot make a browser send a query by GET', async () => {
    const response = await fetch(`${server.url}?query={__typename}`);
    expect(response.status).toBe(400);
  });

  test('the root is the dashboard of browsers, and leads others to the API', async () => {
    const page = await open(new URL('/', server.url).href);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';/,
    );
    expect(page.headers.get('cache-control')).toBe('public, max-age=0');
    const [, script] = /<script type="module"[^>]* src="\.\/([^"]+)"/.exec(await page.text())!;
    const asset = await fetch(new URL(script!, server.url), {
      headers: { 'accept-encoding': 'br' },
    });
    expect(asset.headers.get('content-encoding')).toBe('br');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');

    const response = await fetch(new URL('/', server.url), { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/graphql');
  });

  test('a page of its own can', async () => {
    for (const [site, status] of [
      ['same-origin', 200],
      ['same-site', 400],
      ['cross-site', 400],
    ] as const) {
      const response = await fetch(`${server.url}?query={__typename}`, {
        headers: { 'sec-fetch-site': site },
      });
      expect(response.status).toBe(status);
    }
  });

  test('a browser gets the explorer, from this server alone', async () => {
    const response = await open(new URL('/graphiql/', server.url).href);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("worker-src 'self' blob:");
    const page = await response.text();
    const [, script] = /src="(\.\/assets\/[^"]+\.js)"/.exec(page)!;
    const loaded = await fetch(new URL(script!, response.url), {
      headers: { 'accept-encoding': 'br' },
    });
    expect(loaded.headers.get('content-encoding')).toBe('br');
    expect(page).not.toContain('https://');
    const sandbox = await (await open(server.url)).text();
    expect(sandbox).toContain('<a href="graphiql/">');
  });

  test('a browser gets the Sandbox', async () => {
    const response = await open(server.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const page = await response.text();
    expect(page).toContain('embeddable-sandbox');
    expect(page).toContain('rolling1y');
  });

  test('pages of the Sandbox may send queries, and those of no other site', async () => {
    expect(await allowedOrigin(server.url, SANDBOX)).toBe(SANDBOX);
    const others = [
      'https://example.com',
      `${SANDBOX}.example.com`,
      'http://studio.apollographql.com',
      'null',
    ];
    for (const origin of others) {
      expect(await allowedOrigin(server.url, origin)).not.toBe(origin);
      expect(await allowedOrigin(server.url, origin)).not.toBe('*');
    }
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { origin: SANDBOX, 'content-type': 'application/json' },
      body: JSON.stringify({ query: INTROSPECTION }),
    });
    expect(response.headers.get('access-control-allow-origin')).toBe(SANDBOX);
    expect(await response.json()).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
  });
});

test('a second server on the directory reports which one has it', async () => {
  const { code, stdout, stderr } = await processes.failingServer(dataDir);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    `The data directory ${dataDir} is in use by process ${server.pid}. Stop that process, or set DATA_DIR to another directory.\n`,
  );
  expect(await server.data('{ __typename }')).toEqual({ __typename: 'Query' });
});

test('SIGTERM ends a server without a word and with nothing lost', async () => {
  expect(imported).toMatchObject({ code: 0 });
  expect(ended).toEqual({ code: 0, signal: null });
  expect(tookMs).toBeLessThan(STOP_MS);
  expect(first.stderr()).not.toMatch(/error|fail/i);
  const { portfolio } = (await server.data(
    `{ portfolio(id: "${LAST}") { name lastDay rolling30d { averageReturn peakValue } } }`,
  )) as { portfolio: unknown };
  expect(portfolio).toEqual({
    name: 'Written last',
    lastDay: '2024-01-02',
    rolling30d: { averageReturn: 0.01, peakValue: 100 },
  });
  // The sample is not loaded again.
  const { portfolios } = (await server.data(SAMPLE)) as { portfolios: { totalCount: number } };
  expect(portfolios.totalCount).toBe(5);
  expect(server.stderr()).toBe('');
});

test('in production neither the Sandbox nor introspection is offered', async () => {
  const production = await processes.server(await processes.dataDirectory(), {
    HOST: '0.0.0.0',
    NODE_ENV: 'production',
    ACCESS: 'open',
    SAMPLE_DATA: 'off',
  });
  expect(production.stderr()).toBe('');
  const page = await open(production.url);
  expect(await page.text()).not.toMatch(/sandbox|<html/i);
  await expect(production.data(INTROSPECTION)).rejects.toThrow(/introspection/i);
  expect(await allowedOrigin(production.url, SANDBOX)).toBeNull();
});

test('every environment variable that is wrong is named', async () => {
  const { code, stdout, stderr } = await processes.failingServer(await processes.directory(), {
    PORT: '70000',
    SAMPLE_DATA: 'maybe',
    LOG_LEVEL: 'loud',
    HEALTH_WARNING_LAG_SECONDS: '-1',
    DATABASE_URL: 'mysql://localhost/metrics',
  });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  const named = stderr.trimEnd().split('\n');
  expect(named[0]).toBe('The environment is not right:');
  expect(
    named
      .slice(1)
      .map((line) => line.trim())
      .toSorted(),
  ).toEqual([
    'DATABASE_URL must be a postgres:// address, but is "mysql://localhost/metrics"',
    'HEALTH_WARNING_LAG_SECONDS must be more than 0, but is "-1"',
    'LOG_LEVEL must be silent, fatal, error, warn, info, debug, or trace, but is "loud"',
    'PORT must be a whole number from 0 to 65535, but is "70000"',
    'SAMPLE_DATA must be on or off, but is "maybe"',
  ]);
});

test('a port that is in use is said to be before anything is made', async () => {
  const directory = await processes.directory();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const { code, stdout, stderr } = await processes.failingServer(directory, {
    PORT: port,
    OPERATION_MAX_COSTS: '1',
  });
  other.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    'Warning: OPERATION_MAX_COSTS is no setting, and has no effect. Did you mean OPERATION_MAX_COST?',
    `Another program listens on port ${port} of 127.0.0.1. Stop that program, or set PORT to another port, or to 0 for any that is free.`,
    '',
  ]);
  expect(await readdir(directory)).toEqual([]);
});
