import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ApiKeyStore } from '../../../src/access/api-key-store.js';
import type { AggregateState } from '../../../src/aggregates/aggregate-state.js';
import { CacheMemory } from '../../../src/aggregates/cache-memory.js';
import { AGGREGATE_NAMES } from '../../../src/aggregates/registry.js';
import { Dependencies } from '../../../src/aggregates/revisions/dependencies.js';
import type { NumberedSnapshot, Revisions } from '../../../src/aggregates/revisions/revisions.js';
import { unpack } from '../../../src/aggregates/series/packed-series.js';
import { SeriesCache } from '../../../src/aggregates/series/series-cache.js';
import { cacheKey, ResponseCache } from '../../../src/http/response-cache/response-cache.js';
import { startAccessServer, type AccessServer } from '../../access/access-server.js';
import { bearerFor } from '../../access/keys.js';
import { insertPortfolio, portfolioId, refreshAll, refreshOne } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { sendRaw } from '../raw-request.js';
import { resolvedOf } from '../test-server.js';

const ID = portfolioId(1);
const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const DAY = '2024-01-02';
const WINDOW = `query Window($id: UUID!) { portfolio(id: $id) { name rolling30d { averageReturn freshness { isStale } } } }`;

let db: TestDatabase;
let server: AccessServer;
let acme: string;
let other: string;

beforeAll(async () => {
  db = await openTestDatabase();
  server = await startAccessServer(db.database);
  await insertPortfolio(db.database, ID, [{ day: DAY, return: 0.01, value: 1 }]);
  await db.database.write(`UPDATE portfolios SET tenant = 'acme' WHERE id = $1`, [ID]);
  await refreshOne(db.database, NAME, DAY, DAY);
  acme = await bearerFor(db.database, 'operator', 'acme');
  other = await bearerFor(db.database, 'operator', 'other');
});
afterAll(async () => {
  await server.close();
  await db.close();
});

async function execute(
  query = WINDOW,
  { by = acme, id = ID }: { by?: string; id?: string } = {},
): Promise<unknown> {
  const { text } = await server.execute(query, by, { id });
  return JSON.parse(text);
}

const resolved = (field: string): Promise<number> => resolvedOf(server, field);

const restate = (value: number): Promise<unknown> =>
  db.database.write('UPDATE portfolio_metrics SET twr_1d = $1 WHERE portfolio_id = $2', [
    value,
    ID,
  ]);

const expectedBody = (averageReturn: number, isStale = false): unknown => ({
  data: {
    portfolio: { name: `Portfolio ${ID}`, rolling30d: { averageReturn, freshness: { isStale } } },
  },
});

describe('a response that is requested again', () => {
  let before: number;
  beforeEach(async () => {
    await execute();
    before = await resolved('portfolio');
  });
  const computed = async (): Promise<number> => (await resolved('portfolio')) - before;

  test('is not computed again', async () => {
    expect(await execute()).toEqual(expectedBody(0.01));
    expect(await computed()).toBe(0);
  });

  test('with other variables, by another name or by another caller is another one', async () => {
    expect(await execute(WINDOW, { id: portfolioId(2) })).toEqual({ data: { portfolio: null } });
    expect(await execute(WINDOW, { by: other })).toEqual({ data: { portfolio: null } });
    expect(await execute(WINDOW.replace('name', 'name: id'))).toMatchObject({
      data: { portfolio: { name: ID } },
    });
    expect(await computed()).toBe(3);
  });

  test('is another one where extensions or another type are requested', async () => {
    const post = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: acme, ...headers },
        body: JSON.stringify({ query: WINDOW, variables: { id: ID }, ...body }),
      });
    for (let n = 0; n < 2; n++) {
      const withCost = await post({ extensions: { cost: true } });
      expect(await withCost.json()).toMatchObject({
        ...(expectedBody(0.01) as object),
        extensions: { cost: { operation: expect.any(Number) as unknown } },
      });
      const accept = 'application/graphql-response+json';
      const typed = await post({}, { accept });
      expect(typed.headers.get('content-type')).toContain(accept);
      expect(await typed.json()).toEqual(expectedBody(0.01));
    }
    expect(await computed()).toBe(2);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(
      /graphql_operation_duration_seconds_count{operation="query",errors="none"} \d/,
    );
  });

  test('is compressed once, for clients that accept that', async () => {
    const names = Array.from({ length: 99 }, (_, n) => `a${n}: name`).join(' ');
    const body = JSON.stringify({ query: `{ portfolio(id: "${portfolioId(3)}") { ${names} } }` });
    await insertPortfolio(db.database, portfolioId(3));
    await db.database.write(
      `UPDATE portfolios SET tenant = 'acme', name = repeat('n', 200) WHERE id = $1`,
      [portfolioId(3)],
    );
    const post = async (encoding: string) => {
      const headers = {
        'content-type': 'application/json',
        authorization: acme,
        'accept-encoding': encoding,
      };
      const sent = await sendRaw(`${server.url}/graphql`, { method: 'POST', headers }, body);
      const { 'content-encoding': used, vary } = sent.headers;
      expect(vary).toBe('Origin, Accept-Encoding');
      return { encoding: used, body: sent.body };
    };
    const keep = jest.spyOn(ResponseCache.prototype, 'set');
    const plain = await post('identity');
    const packed = await post('br, gzip');
    expect([plain.encoding, packed.encoding]).toEqual([undefined, 'gzip']);
    expect(gunzipSync(packed.body)).toEqual(plain.body);
    const bodies = keep.mock.calls.map(([, , sent]) => Buffer.from(sent));
    expect(bodies).toEqual([plain.body, packed.body]);
    keep.mockRestore();
    expect(await computed()).toBe(2);
    expect([await post('identity'), await post('deflate, gzip')]).toEqual([plain, packed]);
    expect(await computed()).toBe(2);
  });

  test('is not sent to callers that are not admitted, or not any more, or send too many requests', async () => {
    expect(await server.execute(WINDOW, 'Bearer wrong', { id: ID })).toMatchObject({ status: 401 });
    const leaving = await bearerFor(db.database, 'operator', 'acme', 'leaving');
    expect(await execute(WINDOW, { by: leaving })).toEqual(expectedBody(0.01));
    expect(await computed()).toBe(0);
    await new ApiKeyStore(db.database).revoke('leaving');
    expect(await server.execute(WINDOW, leaving, { id: ID })).toMatchObject({ status: 401 });
    const bounded = await startAccessServer(db.database, { requestsPerMinute: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) {
      statuses.push((await bounded.execute(WINDOW, acme, { id: ID })).status);
    }
    await bounded.close();
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('is not given to a page that does not say it sends JSON', async () => {
    const { status } = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', authorization: acme },
      body: JSON.stringify({ query: WINDOW, variables: { id: ID } }),
    });
    expect(status).toBeGreaterThanOrEqual(400);
  });

  test('is one of the very text that was sent', async () => {
    const body = (least: string): string =>
      `{"query":"query Q($id: UUID!, $least: Int!) { portfolio(id: $id) { rollingSeries(window: THIRTY_DAYS, metrics: [VOLATILITY], from: \\"${DAY}\\", to: \\"${DAY}\\", minObservations: $least) { days } } }","variables":{"id":"${ID}","least":${least}}}`;
    const send = async (least: string): Promise<unknown> => {
      const headers = { 'content-type': 'application/json', authorization: acme };
      const url = `${server.url}/graphql`;
      return (await fetch(url, { method: 'POST', headers, body: body(least) })).json();
    };
    expect(await send('1')).toEqual({ data: { portfolio: { rollingSeries: { days: [DAY] } } } });
    expect(await send('1e400')).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  test('is another one after a late row, and after the refresh that takes it', async () => {
    await restate(0.03);
    expect(await execute()).toEqual(expectedBody(0.01, true));
    await refreshOne(db.database, NAME, DAY, DAY);
    expect(await execute()).toEqual(expectedBody(0.03));
    await restate(0.01);
    await refreshOne(db.database, NAME, DAY, DAY);
    expect(await execute()).toEqual(expectedBody(0.01));
  });

  test('is not cached where a field failed, or where one is not versioned', async () => {
    const failing =
      'query F($id: UUID!) { portfolio(id: $id) { id } portfolios(first: 0) { totalCount } }';
    for (let n = 0; n < 2; n++) {
      expect(await execute(failing)).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
    }
    expect(await computed()).toBeGreaterThanOrEqual(2);
    const health = await resolved('health');
    for (let n = 0; n < 2; n++)
      await execute(`query H($id: UUID!) { portfolio(id: $id) { id } health { status } }`);
    expect((await resolved('health')) - health).toBe(2);
  });
});

describe('what a response depends on', () => {
  const stateOf = (day: number): AggregateState => ({ materializedThrough: day }) as AggregateState;
  const snapshotOf = (number: number, state: AggregateState): NumberedSnapshot =>
    ({ number, snapshot: { aggregates: { [NAME]: { state } } } }) as unknown as NumberedSnapshot;
  const NONE = {} as Revisions;

  test('is what was selected of a state, once for all responses, and not the state', () => {
    let selections = 0;
    const select = ({ materializedThrough }: AggregateState): unknown => {
      selections += 1;
      return `through ${materializedThrough}`;
    };
    const first = stateOf(1);
    const all = [new Dependencies(), new Dependencies()];
    for (const each of all) {
      each.state(NAME, first, 'day', select);
      each.complete();
    }
    for (const each of all) {
      expect(each.isCurrent(snapshotOf(1, stateOf(1)), NONE)).toBe(true);
      expect(each.isCurrent(snapshotOf(2, first), NONE)).toBe(true);
      expect(each.isCurrent(snapshotOf(3, stateOf(2)), NONE)).toBe(false);
    }
    expect(selections).toBe(1 + 2 + 2);
    const another = new Dependencies();
    another.state(NAME, first, 'day', () => 1);
    another.state(NAME, first, 'text', () => 'x'.repeat(1000));
    another.complete();
    expect(another.bytes).toBeGreaterThan(all[0]!.bytes + 1000);
  });

  test('is nothing before all of it is recorded', () => {
    const dependencies = new Dependencies();
    expect(dependencies.isCurrent(snapshotOf(1, stateOf(1)), NONE)).toBe(false);
    dependencies.complete();
    expect(dependencies.isCurrent(snapshotOf(1, stateOf(1)), NONE)).toBe(true);
  });

  test('is the revision of each series, whose ids several aggregates share', () => {
    const ids = Array.from({ length: 100 }, (_, n) => portfolioId(n));
    const dependencies = new Dependencies();
    for (const name of AGGREGATE_NAMES) {
      for (const [n, id] of ids.entries()) dependencies.series(name, id, n === 7 ? 2 : 1);
    }
    dependencies.complete();
    expect(dependencies.bytes).toBeLessThan(2000);
    const changed = (name?: string, changedId?: string): Revisions => {
      const ofSeries = (of: string, id: string): number => {
        if (of === name && id === changedId) return 3;
        return id === ids[7] ? 2 : 1;
      };
      return { ofSeries } as unknown as Revisions;
    };
    expect(dependencies.isCurrent({ number: 1 } as NumberedSnapshot, changed())).toBe(true);
    for (const [n, name] of AGGREGATE_NAMES.entries()) {
      for (const id of [ids[0]!, ids[7]!, ids[99]!])
        expect(
          dependencies.isCurrent({ number: 2 + n } as NumberedSnapshot, changed(name, id)),
        ).toBe(false);
    }
  });
});

test('metrics follow a change of periodsPerYear at once, cached or not, on every instance', async () => {
  const id = portfolioId(9);
  const query = `query Annual($id: UUID!) {
    portfolio(id: $id) { periodsPerYear rolling30d { volatility periodsPerYear }
      rollingSeries(window: NINETY_DAYS, metrics: [SHARPE_RATIO], from: "2024-01-02", to: "2024-01-04") {
        periodsPerYear columns { values } } }
    ranking(metric: VOLATILITY, window: ONE_YEAR, minObservations: 3) { entries { value portfolio { id } } } }`;
  const days = [0.01, -0.02, 0.03].map((value, n) => ({ day: `2024-01-0${n + 2}`, return: value }));
  await insertPortfolio(db.database, id, days);
  await db.database.write(`UPDATE portfolios SET tenant = 'acme' WHERE id = $1`, [id]);
  await refreshAll(db.database, DAY, '2024-01-04');
  const another = await startAccessServer(db.database);
  const executeBoth = async (): Promise<unknown[]> =>
    Promise.all(
      [server, server, another, another].map(async (instance) => {
        const { text } = await instance.execute(query, acme, { id });
        return JSON.parse(text) as unknown;
      }),
    );
  // The sample standard deviation and the mean excess of 0.01, -0.02 and 0.03.
  const [deviation, excess] = [Math.sqrt(0.0019 / 3), 0.02 / 3 - 0.0001];
  const expected = (periodsPerYear: number): unknown => {
    const volatility = expect.closeTo(deviation * Math.sqrt(periodsPerYear), 14) as unknown;
    const sharpe = (excess / deviation) * Math.sqrt(periodsPerYear);
    return {
      data: {
        portfolio: {
          periodsPerYear,
          rolling30d: { volatility, periodsPerYear },
          rollingSeries: {
            periodsPerYear,
            columns: [
              { values: [null, expect.any(Number), expect.closeTo(sharpe, 13)] as unknown[] },
            ],
          },
        },
        ranking: { entries: [{ value: volatility, portfolio: { id } }] },
      },
    };
  };
  for (const periods of [252, 365, 12]) {
    const change = `mutation Set($id: UUID!) { upsertPortfolio(input: { id: $id, periodsPerYear: ${periods} }) { id } }`;
    await server.execute(change, acme, { id });
    expect(await executeBoth()).toEqual(Array(4).fill(expected(periods)));
  }
  await another.close();
});

test('the metrics say what was sent and loaded from memory, and what memory that takes', async () => {
  const counting = await startAccessServer(db.database);
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${counting.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`rolling_metrics_${name} `));
    return Number(line!.split(' ')[1]);
  };
  const counts = async (): Promise<number[]> => [
    await metric('cached_responses_total'),
    await metric('series_loaded_total{source="memory"}'),
    await metric('series_loaded_total{source="database"}'),
  ];
  const another = WINDOW.replace('averageReturn', 'observations averageReturn');
  expect([...(await counts()), await metric('cache_bytes{content="series"}')]).toEqual([
    0, 0, 0, 0,
  ]);
  await counting.execute(WINDOW, acme, { id: ID });
  expect(await counts()).toEqual([0, 0, 1]);
  await counting.execute(WINDOW, acme, { id: ID });
  expect(await counts()).toEqual([1, 0, 1]);
  await counting.execute(another, acme, { id: ID });
  expect(await counts()).toEqual([1, 1, 1]);
  expect(await metric('cache_bytes{content="series"}')).toBeGreaterThan(2000);
  expect(await metric('cache_bytes{content="responses"}')).toBeGreaterThan(500);
  await counting.close();
});

describe('responses in memory', () => {
  const current = { number: 1 };
  const revisions = { peek: () => current, current: async () => current } as unknown as Revisions;
  const cacheOf = (maxBytes: number): ResponseCache =>
    new ResponseCache(revisions, new CacheMemory(maxBytes), 60_000);
  const HEAD = { headers: { 'content-type': 'application/json' } };
  const none = new Dependencies();
  none.complete();
  const set = (cache: ResponseCache, key: string, body: string | Buffer): void =>
    cache.set(key, { ...HEAD, dependencies: none }, body);

  test('are the last used ones within their bound', () => {
    const cache = cacheOf(800_000);
    const keys = Array.from({ length: 90 }, (_, n) => `q${n + 10}`);
    const cached = (): string[] => keys.filter((key) => cache.peek(key));
    for (const key of keys) set(cache, key, 'x'.repeat(9497));
    // What is requested once evicts nothing.
    expect(cached()).toEqual(keys.slice(0, 80));
    for (const key of keys.slice(-10)) set(cache, key, 'x'.repeat(9497));
    expect(cached()).toEqual(keys.slice(10));
    // Nor is one kept out that was evicted, or ended with what it depends on.
    set(cache, 'q10', 'x'.repeat(9497));
    expect(cached()).toEqual(['q10', ...keys.slice(11)]);
    // No one response evicts all others.
    set(cache, 'too long', 'x'.repeat(9500));
    set(cache, 'too long in memory', '\u5e74'.repeat(5000));
    expect([cache.peek('too long'), cache.peek('too long in memory')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(cache.peek('q39')).toMatchObject({ ...HEAD, body: Buffer.from('x'.repeat(9497)) });
    for (let n = 0; n < 2; n++) set(cache, 'compressed', Buffer.from([31, 139, 8]));
    expect(cache.peek('compressed')).toMatchObject({ ...HEAD, body: Buffer.from([31, 139, 8]) });
  });

  test('that come in a cycle evict the series they were computed from, and not each other', () => {
    const memory = new CacheMemory(380_000);
    const series = new SeriesCache(memory, 60_000);
    const cache = new ResponseCache(revisions, memory, 60_000);
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const days = { from: 0, to: 1, series: unpack(null, ['returns']), hasLatest: false };
    let now = 1000;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    const found = (): number[] =>
      numbers.filter((n) => {
        now += 1;
        if (cache.peek(`q${n}`)) return true;
        if (!series.get(NAME, `${n}`, 1)) series.set(NAME, `${n}`, 1, { ...days, columns: [] });
        set(cache, `q${n}`, 'x'.repeat(2500));
        return false;
      });
    // The requests of the first cycle that found no room came before in the second one.
    for (let cycle = 0; cycle < 2; cycle++) found();
    expect(found()).toEqual(numbers);
    expect(series.bytes + cache.bytes).toBeGreaterThan(300_000);
    expect(series.bytes + cache.bytes).toBeLessThanOrEqual(380_000);
    clock.mockRestore();
  });

  test('are none with a bound of 0', () => {
    const cache = cacheOf(0);
    set(cache, 'q', 'x');
    expect(cache.peek('q')).toBeUndefined();
  });

  test('are found by method, text, form, tenant and role', () => {
    const caller = { tenant: 'a', role: 'reader' } as const;
    const keys = [
      cacheKey(caller, 'POST', {}, '{}'),
      cacheKey(caller, 'GET', {}, '{}'),
      cacheKey(caller, 'POST', {}, '{ }'),
      cacheKey(caller, 'POST', { accept: '*/*' }, '{}'),
      cacheKey(caller, 'POST', { 'accept-encoding': 'gzip' }, '{}'),
      cacheKey(caller, 'POST', { 'apollo-require-preflight': '1' }, '{}'),
      cacheKey({ ...caller, tenant: 'b' }, 'POST', {}, '{}'),
      cacheKey({ ...caller, role: 'writer' }, 'POST', {}, '{}'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(cacheKey({ ...caller }, 'POST', {}, '{}')).toBe(keys[0]);
    const others = { 'accept-encoding': 'deflate, gzip;q=0', 'user-agent': 'other' };
    expect(cacheKey(caller, 'POST', others, '{}')).toBe(keys[0]);
    const long = (text: string): string => cacheKey(caller, 'POST', {}, text.padStart(100_000))!;
    expect(cacheKey(caller, 'POST', {}, 'a'.padStart(100_001))).toBeUndefined();
    expect(long('a')).toHaveLength(long('b').length);
    expect(long('a').length).toBeLessThan(200);
    expect(long('a')).not.toBe(long('b'));
  });
});
