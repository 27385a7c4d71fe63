import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { GraphQLSchema } from 'graphql';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import type { Caller } from '../../src/access/caller.js';
import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  metricsOf,
  ROLLING_WINDOWS,
  type RollingWindow,
} from '../../src/aggregates/registry.js';
import { Turns } from '../../src/async/turns.js';
import type { Database } from '../../src/database/database.js';
import { ServiceError } from '../../src/errors.js';
import { ParquetFiles } from '../../src/export/parquet-files.js';
import { createContext } from '../../src/graphql/context.js';
import { createSchema } from '../../src/graphql/schema.js';
import { CostGate } from '../../src/limits/cost-gate.js';
import { METRICS } from '../../src/metrics/metrics.js';
import { InterceptedDatabase, type Interceptor } from '../helpers/intercepted-database.js';
import { insertPortfolio, insertRows, portfolioId, refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { createTestServices } from '../helpers/test-services.js';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.js';

const fieldOf = (window: RollingWindow): string => AGGREGATES[AGGREGATE_OF_WINDOW[window]].field;
const READER: Caller = { name: 'key:reader', role: 'reader', tenant: '*' };
const DAYS = Array.from({ length: 40 }, (_, index) =>
  new Date(Date.UTC(2020, 0, 1 + index)).toISOString().slice(0, 10),
);

let db: TestDatabase;
let schema: GraphQLSchema;
/** What tests share that need nothing special of their server. */
let shared: ExportServer;
let closeShared: () => Promise<void>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  db = await openTestDatabase();
  schema = await createSchema();
  const rowsOf = (seed: number): { day: string; return: number; value: number }[] =>
    DAYS.map((day, index) => ({
      day,
      return: Math.sin(seed * 7 + index) / 30,
      value: 100 + seed + index / 3,
      benchmark: Math.cos(seed + index) / 40,
    }));
  await insertPortfolio(db.database, portfolioId(1), rowsOf(1), { name: 'B, "quoted"' });
  await insertPortfolio(db.database, portfolioId(2), rowsOf(2), { name: 'A' });
  await insertPortfolio(db.database, portfolioId(3), [], { name: 'C' });
  await db.database.write(`UPDATE portfolios SET code = 'FUND 1' WHERE id = $1`, [portfolioId(1)]);
  await refreshAll(db.database, DAYS[0]!, DAYS.at(-1)!);
  shared = await start();
  closeShared = closerOf(closing.splice(0));
});
afterAll(async () => {
  await closeShared();
  await db.close();
});
afterEach(() => closerOf(closing.splice(0))());

/** Calls what closes something, the last first. */
function closerOf(closers: readonly (() => Promise<unknown>)[]): () => Promise<void> {
  return async () => {
    for (const close of closers.toReversed()) await close();
  };
}

interface ExportServer extends TestServer {
  /** Requests an export: its path after /export/. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
}

async function start(
  options: Partial<TestServerOptions> & {
    readonly intercept?: Interceptor;
    readonly maxCost?: number;
    readonly idleMs?: number;
  } = {},
): Promise<ExportServer> {
  const { intercept, maxCost = 10_000_000, idleMs = 60_000, ...others } = options;
  const database: Database = intercept
    ? new InterceptedDatabase(db.database, intercept)
    : db.database;
  const { costGate } = others;
  const services = createTestServices(database, costGate ? { costGate } : {});
  const files = new ParquetFiles(services.dailySeries.revisions);
  const server = await startTestServer({
    schema,
    database,
    createContext: (info) => createContext(services, info),
    exports: { files, turns: new Turns(), maxCost, idleMs },
    ...others,
  });
  // A response that a test does not read keeps its connection, and the server waits for it.
  const ended = new AbortController();
  closing.push(
    () => files.close(),
    () => server.close(),
    async () => ended.abort(),
  );
  return {
    ...server,
    get: (path, { signal, ...init } = {}) =>
      fetch(`${server.url}/export/${path}`, {
        ...init,
        signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
      }),
  };
}

/** The rows of a CSV without quoted fields, the first line apart. */
function linesOf(csv: string): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

const errorOf = async (response: Response): Promise<unknown> => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return { status: response.status, code: errors[0]!.extensions.code };
};

describe('numbers', () => {
  test.each(ROLLING_WINDOWS)(
    'of the window %s are those of GraphQL, to the last bit',
    async (window) => {
      const server = shared;
      const metrics = metricsOf(window);
      const fields = metrics.map((metric) => METRICS[metric].field);
      const { body } = await server.post({
        query: `{ portfolios { edges { node { id ${fieldOf(window)} { asOf observations ${fields.join(' ')} } } } } }`,
      });
      const { edges } = (body as { data: { portfolios: { edges: { node: never }[] } } }).data
        .portfolios;
      const response = await server.get(`windows?window=${window}&format=ndjson`);
      const rows = (await response.text()).trimEnd().split('\n');
      expect(rows).toHaveLength(3);
      for (const [index, { node }] of edges.entries()) {
        const { id, [fieldOf(window)]: numbers } = node as { id: string } & Record<
          string,
          Record<string, unknown> | null
        >;
        const row = JSON.parse(rows[index]!) as Record<string, unknown>;
        expect(row).toMatchObject({
          portfolio_id: id,
          as_of: numbers?.['asOf'] ?? null,
          observations: numbers?.['observations'] ?? 0,
          is_stale: false,
          ...Object.fromEntries(
            metrics.map((metric) => [metric, numbers?.[METRICS[metric].field] ?? null]),
          ),
        });
      }
    },
  );

  test('of a series are those of GraphQL, and empty where they are null', async () => {
    const server = shared;
    const { body } = await server.post({
      query: `{ portfolio(id: "${portfolioId(2)}") { rollingSeries(
        window: ONE_YEAR, metrics: [VOLATILITY, BETA], from: "2020-01-01", to: "2020-02-09"
      ) { days observations columns { values } } } }`,
    });
    const { rollingSeries } = (body as { data: { portfolio: Record<string, unknown> } }).data
      .portfolio;
    const { days, observations, columns } = rollingSeries as {
      days: string[];
      observations: number[];
      columns: { values: (number | null)[] }[];
    };
    const response = await server.get(
      'series?portfolios=all&window=ONE_YEAR&metrics=VOLATILITY,BETA&from=2020-01-01&to=2020-02-09',
    );
    expect(response.headers.get('x-stale')).toBe('false');
    const [header, ...rows] = linesOf(await response.text());
    expect(header).toEqual(['portfolio_id', 'day', 'observations', 'VOLATILITY', 'BETA']);
    expect(rows).toHaveLength(2 * DAYS.length);
    expect(rows.slice(0, DAYS.length)).toEqual(
      days.map((day, index) => [
        portfolioId(2),
        day,
        String(observations[index]),
        ...columns.map(({ values }) => String(values[index] ?? '')),
      ]),
    );
  });

  test('Parquet has the same cells, with types', async () => {
    const server = shared;
    const csv = await (await server.get('windows?window=THIRTY_DAYS')).text();
    const file = await (
      await server.get('windows?window=THIRTY_DAYS&format=parquet')
    ).arrayBuffer();
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ portfolio_id: id }) => id)).toEqual([2, 1, 3].map(portfolioId));
    expect(rows[1]).toMatchObject({
      code: 'FUND 1',
      name: 'B, "quoted"',
      as_of: new Date('2020-02-09'),
      observations: 30,
      is_stale: false,
    });
    expect(rows[2]).toMatchObject({ code: null, as_of: null, observations: 0, VOLATILITY: null });
    for (const { VOLATILITY: value } of rows.slice(0, 2)) expect(csv).toContain(String(value));
  });

  test('daily rows are the official ones, as they can be imported', async () => {
    const server = shared;
    const first = await (await server.get('daily?portfolios=FUND 1&to=2020-01-01')).text();
    expect(first).toBe(
      'portfolio_id,asof_date,pricing_pack_id,twr_1d,portfolio_value_base,benchmark_twr_1d,beta_1y,alpha_1y,tracking_error_1y\n' +
        `${portfolioId(1)},2020-01-01,default,${Math.sin(7) / 30},101,${Math.cos(1) / 40},,,\n`,
    );
    const day = '2020-01-01';
    await insertRows(db.database, portfolioId(1), [{ day, pack: 'late', value: 0.1 }]);
    const restated = await (await server.get('daily?portfolios=FUND 1&to=2020-01-01')).text();
    expect(linesOf(restated).slice(1)).toEqual([
      [portfolioId(1), day, 'late', '', '0.1', '', '', '', ''],
    ]);
    await db.database.write(`DELETE FROM portfolio_metrics WHERE pricing_pack_id = 'late'`);
    await refreshAll(db.database, day, day);
  });
});

describe('what is pending', () => {
  test('is stale in windows and in the head of a series', async () => {
    const server = shared;
    await insertRows(db.database, portfolioId(1), [{ day: '2020-01-05', pack: 'new', return: 0 }]);
    const windows = await (await server.get('windows?window=ONE_YEAR&metrics=BETA')).text();
    expect(windows.match(/,true,/g)).toHaveLength(3);
    const path = 'series?window=THIRTY_DAYS&metrics=VOLATILITY&from=2020-02-01&to=2020-02-01';
    expect((await server.get(path)).headers.get('x-stale')).toBe('true');
    expect((await server.get(path.replaceAll('2020-02', '2020-03'))).headers.get('x-stale')).toBe(
      'false',
    );
    await db.database.write(`DELETE FROM portfolio_metrics WHERE pricing_pack_id = 'new'`);
    await refreshAll(db.database, '2020-01-01', '2020-02-01');
  });
});

describe('formats', () => {
  test.each([
    ['text/csv', 'windows-ONE_YEAR-2020-01-31.csv', 'text/csv; charset=utf-8'],
    ['application/x-ndjson', 'windows-ONE_YEAR-2020-01-31.ndjson', 'application/x-ndjson'],
    [
      'text/html, application/vnd.apache.parquet;q=0.9',
      'windows-ONE_YEAR-2020-01-31.parquet',
      'application/vnd.apache.parquet',
    ],
    ['*/*', 'windows-ONE_YEAR-2020-01-31.csv', 'text/csv; charset=utf-8'],
  ])('Accept: %s', async (accept, name, type) => {
    const { get } = shared;
    const response = await get('windows?window=ONE_YEAR&asOf=2020-01-31', {
      method: 'HEAD',
      headers: { accept },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
  });

  test('HEAD of a file that is streamed reads no series', async () => {
    const { get } = shared;
    db.statements.length = 0;
    const response = await get('windows?window=ONE_YEAR', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(db.statements.filter((sql) => sql.includes('packed.series'))).toEqual([]);
  });
});

describe('a Parquet file', () => {
  const PATH = 'series?window=ONE_YEAR&from=2020-01-01&to=2020-12-31&format=parquet';

  test('is read in parts that belong together, also when rows change meanwhile', async () => {
    const { get } = shared;
    const head = await get(PATH, { method: 'HEAD' });
    const bytes = Number(head.headers.get('content-length'));
    const tag = head.headers.get('etag')!;
    expect(head.headers.get('accept-ranges')).toBe('bytes');
    const whole = await get(PATH);
    expect(whole.headers.get('etag')).toBe(tag);
    const content = Buffer.from(await whole.arrayBuffer());
    expect(content).toHaveLength(bytes);

    await insertRows(db.database, portfolioId(3), [{ day: '2020-01-07', return: 0.01 }]);
    await refreshAll(db.database, '2020-01-07', '2020-01-07');
    const part = await get(PATH, { headers: { range: `bytes=${bytes - 8}-` } });
    expect(part.status).toBe(206);
    expect(part.headers.get('etag')).toBe(tag);
    expect(part.headers.get('content-range')).toBe(`bytes ${bytes - 8}-${bytes - 1}/${bytes}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(content.subarray(bytes - 8));
    // Of rows that have changed since.
    expect(part.headers.get('x-stale')).toBe('true');

    const changed = await get(PATH, { method: 'HEAD' });
    expect(changed.headers.get('etag')).not.toBe(tag);
    const other = await get(PATH, { headers: { range: 'bytes=0-3', 'if-range': tag } });
    expect(other.status).toBe(200);
    const file = await other.arrayBuffer();
    expect((await parquetMetadataAsync(file)).num_rows).toBe(81n);
    await db.database.write('DELETE FROM portfolio_metrics WHERE portfolio_id = $1', [
      portfolioId(3),
    ]);
    await refreshAll(db.database, '2020-01-07', '2020-01-07');
  });

  test.each([
    ['bytes=0-3', 206, 4],
    ['bytes=-4', 206, 4],
    ['bytes=999999-', 416, 0],
    // All of it, for what is no single range.
    ['bytes=0-1,3-4', 200, 'all'],
    ['lines=1-2', 200, 'all'],
  ])('Range: %s', async (range, status, length) => {
    const { get } = shared;
    const response = await get(PATH, { headers: { range } });
    expect(response.status).toBe(status);
    const { byteLength } = await response.arrayBuffer();
    const all = Number((await get(PATH, { method: 'HEAD' })).headers.get('content-length'));
    expect(byteLength).toBe(length === 'all' ? all : length);
  });

  test('is not sent to a client that has it, nor part of another one', async () => {
    const { get } = shared;
    const tag = (await get(PATH, { method: 'HEAD' })).headers.get('etag')!;
    const unchanged = await get(PATH, { headers: { 'if-none-match': tag } });
    expect(unchanged.status).toBe(304);
    const other = await get(PATH, { headers: { 'if-match': '"other"', range: 'bytes=0-3' } });
    expect(other.status).toBe(412);
  });
});

test('a server that closes while an export is sent waits for its end, and not for the next request', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let reads: () => void = () => undefined;
  const isReading = new Promise<void>((resolve) => (reads = resolve));
  const server = await start({
    // Longer than a test may take.
    limits: { lingerMs: 0, drainMs: 600_000 },
    intercept: async ({ sql }, next) => {
      if (sql.includes('packed.series')) {
        reads();
        await released;
      }
      return next();
    },
  });
  const response = server.get('windows?window=ONE_YEAR&metrics=BETA');
  await isReading;
  const closed = server.close();
  release();
  expect(linesOf(await (await response).text()).length).toBeGreaterThan(1);
  await closed;
});

test('a file that takes long to write is no idle client', async () => {
  const { get } = await start({
    idleMs: 20,
    intercept: async ({ sql }, next) => {
      if (sql.includes('packed.series')) await new Promise((resolve) => setTimeout(resolve, 100));
      return next();
    },
  });
  const path = 'windows?window=ONE_YEAR&metrics=BETA';
  for (const format of ['parquet', 'csv']) {
    const response = await get(`${path}&format=${format}`);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
  }
});

describe('what is refused', () => {
  test.each([
    ['windows', 'window must be one of'],
    ['windows?window=ONE_YEAR&metric=BETA', 'but got metric'],
    ['windows?window=ONE_YEAR&window=ONE_YEAR', 'window must be given once'],
    ['windows?window=ONE_YEAR&metrics=BETA,BETA', 'must name each metric once'],
    ['windows?window=ONE_YEAR&metrics=DRAWDOWN', 'DRAWDOWN is not served by the window ONE_YEAR'],
    ['windows?window=ONE_YEAR&asOf=2020-02-30', 'but got "2020-02-30"'],
    ['windows?window=ONE_YEAR&riskFreeDaily=', 'riskFreeDaily must be a number'],
    ['windows?window=ONE_YEAR&riskFreeDaily=1', 'riskFreeDaily is a rate per day'],
    ['windows?window=ONE_YEAR&format=xls', 'format must be one of csv, ndjson, parquet'],
    ['windows?window=ONE_YEAR&portfolios=FUND 2', 'portfolios has FUND 2, which is unknown'],
    [`windows?window=ONE_YEAR&portfolios=${portfolioId(9)}`, 'which is unknown'],
    ['windows?window=ONE_YEAR&portfolios=,', '2 of them empty'],
    ['series?window=ONE_YEAR&from=2020-01-01', 'to must be given'],
    ['series?window=ONE_YEAR&from=2020-01-02&to=2020-01-01', 'from must not be after to'],
    ['series?window=ONE_YEAR&from=1950-01-01&to=2020-01-01', 'at most 40 years'],
    ['daily?from=2020-01-02&to=2020-01-01', 'from must not be after to'],
  ])('%s', async (path, message) => {
    const { get } = shared;
    const response = await get(path);
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: readonly unknown[] };
    expect(errors).toEqual([
      {
        message: expect.stringContaining(message) as unknown,
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });

  test('a caller without a credential, where one is required', async () => {
    const authenticate = async (): Promise<Caller> => {
      throw new ServiceError('UNAUTHENTICATED', 'A credential is required.');
    };
    const { get } = await start({ access: { authenticate, known: () => undefined } });
    expect(await errorOf(await get('windows?window=ONE_YEAR'))).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });

  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
  ])('what a page makes a browser request in the background: %j', async (headers, status) => {
    const { get } = await start({ corsOrigins: ['https://app.example'] });
    expect((await get('windows?window=ONE_YEAR', { headers })).status).toBe(status);
  });

  test('portfolios of another tenant do not exist', async () => {
    const caller: Caller = { ...READER, tenant: 'acme' };
    const { get } = await start({
      access: { authenticate: async () => caller, known: () => caller },
    });
    expect(linesOf(await (await get('windows?window=ONE_YEAR')).text())).toHaveLength(1);
    const path = `windows?window=ONE_YEAR&portfolios=${portfolioId(1)}`;
    expect(await errorOf(await get(path))).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
  });
});

describe('limits', () => {
  test('an export may cost as much as a hundred operations, and counts as many requests', async () => {
    const access = { authenticate: async () => READER, known: () => READER };
    const { get } = await start({ access, requestsPerMinute: 9, maxCost: 400 });
    // Three portfolios, 366 days, one metric: 2,196.
    expect((await get('windows?window=ONE_YEAR&metrics=BETA')).status).toBe(200);
    expect(await errorOf(await get('windows?window=ONE_YEAR&metrics=BETA'))).toEqual({
      status: 429,
      code: 'RATE_LIMITED',
    });
    const costly = await start({ maxCost: 21 });
    expect(await errorOf(await costly.get('windows?window=ONE_YEAR&metrics=BETA'))).toEqual({
      status: 400,
      code: 'OPERATION_TOO_COSTLY',
    });
  });

  test('two exports of a caller run at a time', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const { get } = await start({
      intercept: async ({ sql }, next) => {
        if (sql.includes('FROM portfolios WHERE')) await released;
        return next();
      },
    });
    const path = 'windows?window=ONE_YEAR&metrics=BETA';
    const first = [get(path), get(path)];
    // The third is refused as soon as the two are in.
    let third = await get('windows');
    while (third.status !== 503) third = await get('windows');
    expect(await errorOf(third)).toEqual({ status: 503, code: 'OVERLOADED' });
    release();
    for (const response of await Promise.all(first))
      expect((await response.text()).length).toBeGreaterThan(0);
    expect((await get(path)).status).toBe(200);
  });
});

describe('an export that ends early', () => {
  /** Fails, or waits, once a page of portfolios is read, by default the second. */
  const page = async (intercept: () => Promise<void>, first = 2): Promise<ExportServer> => {
    let pages = 0;
    return start({
      intercept: async ({ sql }, next) => {
        if (sql.includes('ORDER BY name, id')) pages += 1;
        if (pages >= first) await intercept();
        return next();
      },
    });
  };
  // Forty years of a portfolio make a page of few.
  const PATH = 'series?window=ONE_YEAR&metrics=BETA&from=1980-01-02&to=2020-01-01';

  beforeAll(async () => {
    for (let n = 10; n < 50; n++)
      await insertPortfolio(db.database, portfolioId(n), [], { name: `D${n}` });
  });
  afterAll(() => db.database.write(`DELETE FROM portfolios WHERE name LIKE 'D%'`));

  test('shares the room of costly operations page by page, and never holds up cheap ones', async () => {
    const costGate = new CostGate(2_000_000);
    const reads: string[] = [];
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const server = await start({
      costGate,
      intercept: async ({ sql }, next) => {
        if (!sql.includes('packed.series')) return next();
        reads.push('page');
        if (reads.length === 1) await released;
        return next();
      },
    });
    const leave = await costGate.enter(2_000_000, undefined);
    // The first page, of 13 portfolios, costs 2.5 million: all of the room.
    const response = server.get(PATH);
    const cheap = await server.post({
      query: `{ portfolios { totalCount } portfolio(id: "${portfolioId(9)}") { name } }`,
    });
    expect(cheap.status).toBe(200);
    expect(reads).toEqual([]);
    leave!();
    while (reads.length === 0) await new Promise((resolve) => setImmediate(resolve));
    // An operation that comes then waits for the page that is read ahead, not for the rest.
    const operate = async (): Promise<void> => {
      const end = await costGate.enter(2_000_000, undefined);
      reads.push('operation');
      end!();
    };
    const operation = operate();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toEqual(['page']);
    release();
    expect((await (await response).text()).split('\n')[0]).toBe(
      'portfolio_id,day,observations,BETA',
    );
    await operation;
    expect(reads.filter((read) => read === 'page')).toHaveLength(4);
    expect(reads.indexOf('operation')).toBeLessThan(3);
  });

  test.each(['csv', 'ndjson', 'parquet'])(
    'is refused as %s where its first page gets no room in time',
    async (format) => {
      const costGate = new CostGate(2_000_000, 1, 20);
      const { get } = await start({ costGate });
      const leave = await costGate.enter(2_000_000, undefined);
      const response = await get(`${PATH}&format=${format}`);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await errorOf(response)).toEqual({ status: 503, code: 'OVERLOADED' });
      leave!();
    },
  );

  test('is cut off: no client takes it for the whole', async () => {
    // The second is read before the first is sent.
    const { get } = await page(() => Promise.reject(new Error('the database is gone')), 3);
    const response = await get(PATH);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  test('is an error where it fails before its first row, and leaves no file', async () => {
    const { get } = await page(() => Promise.reject(new Error('the database is gone')));
    expect(await errorOf(await get(`${PATH}&format=parquet`))).toEqual({
      status: 500,
      code: 'INTERNAL_SERVER_ERROR',
    });
  });

  test('stops reading when its client is gone', async () => {
    const gone = new AbortController();
    let reads = 0;
    const { get } = await page(async () => {
      reads += 1;
      gone.abort();
      await new Promise((resolve) => setImmediate(resolve));
    });
    const response = await get(PATH, { signal: gone.signal }).catch(() => null);
    await response?.text().catch(() => undefined);
    expect((await get('windows?window=ONE_YEAR')).status).toBe(200);
    expect(reads).toBeLessThan(20);
  });
});
