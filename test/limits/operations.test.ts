import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSchema } from '../../src/graphql/schema.js';
import { CostGate } from '../../src/limits/cost-gate.js';
import { DEFAULT_LIMITS } from '../../src/limits/limits-config.js';
import { startAccessServer, type AccessServer } from '../access/access-server.js';
import { InterceptedDatabase, isSlice } from '../helpers/intercepted-database.js';
import { insertPortfolio, portfolioId, refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { whileHeld } from '../helpers/while-held.js';
import { startTestServer } from '../http/test-server.js';
import { collect, createTestClient } from '../http/test-sockets.js';

const PAGE = 'query($n: Int!) { portfolios(first: $n) { edges { node { rolling1y { beta } } } } }';

let db: TestDatabase;
let server: AccessServer;

beforeAll(async () => {
  db = await openTestDatabase({ embedded: 'its one session is held' });
  await insertPortfolio(db.database, portfolioId(1), []);
  server = await startAccessServer(db.database, {
    operationLimits: { ...DEFAULT_LIMITS.operation, maxCost: 10_000 },
    explore: false,
  });
});
afterAll(async () => {
  await server.close();
  await db.close();
});

async function send(body: unknown): Promise<{ status: number; body: any }> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe('an operation that costs too much', () => {
  test('is refused before anything runs, each time it comes, also when it was compiled', async () => {
    const fits = { data: { portfolios: { edges: [{ node: { rolling1y: null } }] } } };
    const refusal = {
      message:
        'The operation costs 146,401 and may cost 10,000, in days of one metric of one portfolio; most of it is portfolios (× 200).edges.node.rolling1y (× 365).beta. Request fewer portfolios, days or metrics, or for pages one after the other.',
      extensions: { code: 'OPERATION_TOO_COSTLY' },
    };
    for (const n of [1, 1, 1, 200, 1, 200]) {
      db.statements.length = 0;
      const isSmall = n === 1;
      expect(await send({ query: PAGE, variables: { n } })).toEqual({
        status: isSmall ? 200 : 400,
        body: isSmall ? fits : { errors: [refusal] },
      });
      const sent = db.statements.filter((sql) => !sql.includes('api_keys'));
      expect(sent.length > 0).toBe(isSmall);
    }
  });

  test('says what it costs on request', async () => {
    const requested = { query: PAGE, variables: { n: 2 }, extensions: { cost: true } };
    for (let times = 0; times < 3; times += 1) {
      expect((await send(requested)).body.extensions).toEqual({
        cost: { operation: 1465, limit: 10_000 },
      });
    }
    expect((await send({ ...requested, extensions: {} })).body.extensions).toBeUndefined();
  });

  test('does not get around it by a name, a default or a directive', async () => {
    const operations = [
      {
        query: `${PAGE.replace('query', 'query Small')} ${PAGE.replace('query', 'query Large').replace('first: $n', 'first: 200 after: "$n"').replace('($n: Int!)', '')}`,
        operationName: 'Large',
      },
      { query: PAGE.replace('$n: Int!', '$n: Int! = 200') },
      { query: PAGE.replace('$n: Int!', '$n: Int'), variables: {} },
      {
        query: PAGE.replace('$n: Int!', '$n: Int! = 200, $no: Boolean = false')
          .replace('rolling1y', 'rolling1y @skip(if: false) @include(if: true)')
          .replace('beta', 'beta @skip(if: $no)'),
      },
    ];
    for (const operation of operations) {
      const { body } = await send(operation);
      expect(body.errors[0].extensions.code).toMatch(
        /OPERATION_TOO_COSTLY|GRAPHQL_VALIDATION_FAILED/,
      );
      expect(body.data).toBeUndefined();
    }
  });
});

describe('a document that is too large', () => {
  const refused = async (query: string): Promise<[number, string, string]> => {
    const { status, body } = await send({ query });
    const [{ message, extensions }] = body.errors;
    return [status, extensions.code, message];
  };

  test('has too many tokens, whatever they are', async () => {
    expect(await refused(`{ ${'a '.repeat(5000)} }`)).toEqual([
      400,
      'GRAPHQL_PARSE_FAILED',
      'Syntax Error: Document contains more that 4000 tokens. Parsing aborted.',
    ]);
  });

  test('has too many aliases', async () => {
    const aliases = Array.from({ length: 101 }, (_, n) => `a${n}: __typename`).join(' ');
    expect(await refused(`{ ${aliases} }`)).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
      'An operation takes at most 100 aliases, fragments in place of their spreads, but got 101',
    ]);
  });

  test('is too deep or too large by its fragments', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `fragment F${n} on Query { __typename ...F${n + 1} ... { ...F${n + 1} } }`,
    );
    expect(
      await refused(`{ ...F0 } ${levels.join(' ')} fragment F12 on Query { __typename }`),
    ).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
      'An operation takes at most 5000 fields, fragments in place of their spreads, but got 8191',
    ]);
    const inner = (depth: number): string =>
      depth === 0 ? 'name' : `ofType { ${inner(depth - 1)} }`;
    expect((await refused(`{ __type(name: "Portfolio") { ${inner(20)} } }`))[2]).toContain(
      'at most 20 fields below each other, but got 22',
    );
  });

  test('has too many bytes', async () => {
    const { status } = await send({
      query: '{ __typename }',
      variables: { x: 'x'.repeat(9_000_000) },
    });
    expect(status).toBe(413);
  });

  test('is a batch', async () => {
    const { status, body } = await send([{ query: '{ __typename }' }, { query: '{ __typename }' }]);
    expect(status).toBe(400);
    expect(body.errors[0].message).toContain('batching disabled');
  });
});

test('a response that is too long is given up, each time, and a mutation has happened', async () => {
  const small = await startAccessServer(db.database, { maxResponseBytes: 1000 });
  const id = '00000000-0000-4000-8000-0000000000bb';
  const names = Array.from({ length: 99 }, (_, n) => `a${n}: name`).join(' ');
  const upsert = `mutation { upsertPortfolio(input: { id: "${id}", name: "Long" }) { ${names} } }`;
  const query = `{ portfolio(id: "${id}") { ${names} } }`;
  for (const requested of [upsert, query, query, query]) {
    expect(await small.execute(requested)).toMatchObject({
      status: 400,
      code: 'OPERATION_TOO_COSTLY',
      data: undefined,
      message: expect.stringMatching(/^The response has more than 1,000 bytes.*RESPONSE_MAX_BYTES/),
    });
  }
  const { data } = await small.execute(`{ portfolio(id: "${id}") { name } }`);
  expect(data).toEqual({ portfolio: { name: 'Long' } });
  await small.close();
});

test('costly operations run together up to a cost, and count no longer than they run', async () => {
  const noneWaits = await startAccessServer(db.database, {
    costGate: new CostGate(1, 0),
    limits: { timeoutMs: 1000 },
    // What keys there are is not looked up again.
    clock: () => 0,
  });
  const { execute } = noneWaits;
  const costly = (asOf: string): string =>
    `{ portfolios(first: 200) { edges { node { rolling1y(asOf: "${asOf}") { beta } } } } }`;
  const cached = '{ portfolios { totalCount } }';
  expect(await execute(cached)).toMatchObject({ status: 200 });
  await whileHeld(db.database, async () => {
    const first = execute(costly('2024-01-01'));
    const second = execute(costly('2024-01-02'));
    const refused = {
      status: 503,
      code: 'OVERLOADED',
      message:
        'Too many costly operations run or wait already: try again in a moment, or request less at once.',
    };
    const responses = [await first, await second].toSorted((a, b) => a.status - b.status);
    expect(responses).toMatchObject([refused, { code: 'QUERY_TIMEOUT' }]);
    expect(responses[0]!.headers.get('retry-after')).toBe('1');
  });
  for (const day of ['2024-01-03', '2024-01-04', '2024-01-03']) {
    expect(await execute(costly(day))).toMatchObject({ status: 200 });
  }
  await noneWaits.close();
});

test('introspection and the Sandbox are off unless they are on', async () => {
  const query = '{ all: __schema { types { name } } }';
  expect((await send({ query })).body.errors[0].message).toContain('introspection is not allowed');
  const page = await fetch(`${server.url}/graphql`, { headers: { accept: 'text/html' } });
  expect(await page.text()).not.toContain('<html');
  const open = await startAccessServer(db.database, { explore: true });
  const response = await open.execute(query);
  expect(response.data.all.types.length).toBeGreaterThan(10);
  await open.close();
});

test('subscriptions have the same limits', async () => {
  const small = await startTestServer({
    schema: await createSchema(),
    operationLimits: { maxTokens: 30, maxDepth: 2, maxAliases: 2, maxFields: 4, maxCost: 3 },
    createContext: ({ caller }) => ({ caller, refreshes: { events: { subscribe: () => [] } } }),
  });
  const client = createTestClient(small.webSocketUrl);
  const codeOf = async (fields: string): Promise<string> => {
    const { errors } = await collect(client, `subscription { aggregateRefreshed { ${fields} } }`);
    const [{ message, extensions }] = errors as [{ message: string; extensions: { code: string } }];
    return `${extensions.code} ${message}`;
  };
  expect(await codeOf('id '.repeat(30))).toContain('GRAPHQL_PARSE_FAILED');
  expect(await codeOf('a: id b: id c: id')).toContain('at most 2 aliases');
  expect(await codeOf('pendingAfter { from }')).toContain('at most 2 fields below each other');
  expect(await codeOf('id state from')).toContain('OPERATION_TOO_COSTLY The operation costs 4');
  await client.dispose();
  await small.close();
});

describe('an operation that takes too long', () => {
  /** Has one row. */
  const HELD = portfolioId(2);
  const TIMEOUT_MS = 400;
  /** Stops operations soon, and not before a test is over. */
  let hasty: AccessServer;
  let patient: AccessServer;

  beforeAll(async () => {
    await insertPortfolio(db.database, HELD, [{ day: '2024-01-02', return: 0.01, value: 1 }]);
    await refreshAll(db.database, '2024-01-02', '2024-01-02');
    hasty = await startAccessServer(db.database, { limits: { timeoutMs: TIMEOUT_MS } });
    patient = await startAccessServer(db.database, { limits: { timeoutMs: 20_000 } });
  });
  afterAll(async () => {
    await hasty.close();
    await patient.close();
  });

  test.each<[string, string]>([
    ['a window', `{ portfolio(id: "${HELD}") { rolling30d { averageReturn } } }`],
    ['a page', '{ portfolios { totalCount edges { node { firstDay } } } }'],
    ['a ranking', '{ ranking(metric: VOLATILITY, window: ONE_YEAR) { total } }'],
    ['status', '{ health { status } aggregateStatus { totalRows } }'],
    ['refreshes', '{ aggregateRefreshes { totalCount } }'],
    [
      'a mutation',
      `mutation { upsertPortfolio(input: { id: "${HELD}", name: "changed" }) { id } }`,
    ],
    [
      'rows',
      `mutation { recordDailyMetrics(rows: [{ portfolioId: "${HELD}", asofDate: "2024-01-03", twr1d: 0.5 }]) { inserted } }`,
    ],
  ])('is stopped at once: %s', async (_, query) => {
    // The caller is authenticated by then.
    expect(await hasty.execute('{ __typename }')).toMatchObject({ status: 200 });
    await whileHeld(db.database, async () => {
      const started = performance.now();
      const response = await hasty.execute(query);
      const tookMs = performance.now() - started;
      expect(response).toMatchObject({
        status: 504,
        code: 'QUERY_TIMEOUT',
        message: 'The operation was stopped: it may take 0.4 s. Request less at once.',
      });
      expect(tookMs).toBeGreaterThan(TIMEOUT_MS - 10);
      expect(tookMs).toBeLessThan(TIMEOUT_MS + 2000);
    });
    const [row] = await db.database.read<{ name: string; rows: number }>(
      `SELECT name, (SELECT count(*)::int FROM portfolio_metrics) AS rows FROM portfolios WHERE id = $1`,
      [HELD],
    );
    expect(row).toEqual({ name: expect.not.stringContaining('changed'), rows: 1 });
    expect(await patient.execute('{ portfolios { totalCount } }')).toMatchObject({ status: 200 });
  });

  test('is stopped also while the caller is authenticated', async () => {
    await whileHeld(db.database, async () => {
      expect(await hasty.execute('{ __typename }', 'Bearer rpm_' + 'a'.repeat(64))).toMatchObject({
        status: 504,
        code: 'QUERY_TIMEOUT',
      });
    });
  });

  test('leaves others the read that they wait for, too', async () => {
    const query = `{ portfolio(id: "${HELD}") { rolling60d { observations } } }`;
    const waiting = await whileHeld(db.database, async () => {
      const response = patient.execute(query);
      expect(await hasty.execute(query)).toMatchObject({ code: 'QUERY_TIMEOUT' });
      return { response };
    });
    expect(await waiting.response).toMatchObject({
      data: { portfolio: { rolling60d: { observations: 1 } } },
    });
  });

  test('a client that goes away is noticed, and the queue does not grow by it', async () => {
    await whileHeld(db.database, async () => {
      for (let times = 0; times < 5; times += 1) {
        const gone = new AbortController();
        const query = `mutation { upsertPortfolio(input: { id: "${HELD}", name: "gone" }) { id } }`;
        const request = fetch(`${patient.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
          signal: gone.signal,
        });
        await delay(50);
        gone.abort();
        await expect(request).rejects.toThrow('aborted');
      }
      await delay(100);
    });
    const [row] = await db.database.read<{ name: string }>(
      'SELECT name FROM portfolios WHERE id = $1',
      [HELD],
    );
    expect(row!.name).not.toBe('gone');
  });

  test('a refresh goes on, and the response says where it stands', async () => {
    let goOn: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => (goOn = resolve));
    const database = new InterceptedDatabase(db.database, async ({ sql }, next) => {
      if (isSlice(sql)) await wait;
      return next();
    });
    const slow = await startAccessServer(database, { limits: { timeoutMs: TIMEOUT_MS } });
    const response = await slow.execute(
      'mutation { refreshAggregate(viewName: PORTFOLIO_METRICS_30D_ROLLING, from: "2024-01-02", to: "2024-01-02") { id state error } }',
    );
    expect(response).toMatchObject({
      status: 200,
      data: { refreshAggregate: { state: 'RUNNING', error: null } },
    });
    goOn();
    const { id } = response.data.refreshAggregate;
    for (let state = 'RUNNING'; state !== 'SUCCEEDED'; await delay(50)) {
      ({ state } = (
        await slow.execute(`{ aggregateRefresh(id: "${id}") { state } }`)
      ).data.aggregateRefresh);
      expect(['RUNNING', 'SUCCEEDED']).toContain(state);
    }
    await slow.close();
  });
});
