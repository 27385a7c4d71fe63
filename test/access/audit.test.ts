import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { GraphQLResolveInfo } from 'graphql';
import { pino } from 'pino';
import { closeAudit, createAudit, type Audit } from '../../src/access/audit.js';
import { audited } from '../../src/access/audited.js';
import { LOCAL_CALLER } from '../../src/access/caller.js';
import { ROLES } from '../../src/access/roles.js';
import { createSchema } from '../../src/graphql/schema.js';
import { argumentsOf } from '../helpers/generated-query.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { startAccessServer, type AccessServer, type ApiResponse } from './access-server.js';
import { bearerFor } from './keys.js';

const ID = portfolioId(1);

interface Line extends Record<string, unknown> {
  readonly details: Record<string, unknown>;
}

let db: TestDatabase;
let server: AccessServer;
let lines: Line[] = [];
const keys: Record<string, string> = {};
const stream = { write: (text: string) => void lines.push(JSON.parse(text) as Line) };

beforeAll(async () => {
  db = await openTestDatabase();
  await insertPortfolio(db.database, ID, [{ day: '2024-01-02', return: 0.01 }], { name: 'Hush' });
  server = await startAccessServer(db.database, { log: pino({ level: 'warn' }, stream) });
  for (const role of ROLES) {
    keys[role] = await bearerFor(db.database, role, 'default', `the ${role}`);
  }
});
afterAll(async () => {
  await server.close();
  await db.close();
});
beforeEach(() => {
  lines = [];
});

const execute = (
  query: string,
  role = 'operator',
  variables?: Record<string, unknown>,
): Promise<ApiResponse> => server.execute(query, keys[role], variables);

test('every mutation leaves a line at the default level, for every caller and however it ends', async () => {
  const mutations = Object.values((await createSchema()).getMutationType()!.getFields());
  for (const field of mutations) {
    for (const role of ROLES) {
      lines = [];
      const query = `mutation { ${field.name}${argumentsOf(field)} { __typename } }`;
      const { headers, code } = await execute(query, role);
      expect(lines).toEqual([
        expect.objectContaining({
          audit: true,
          level: 30,
          caller: `key:the ${role}`,
          role,
          tenant: 'default',
          action: field.name,
          details: expect.any(Object),
          outcome: code ?? 'done',
          requestId: headers.get('x-request-id'),
          durationMs: expect.any(Number),
        }),
      ]);
    }
  }
});

test('a query leaves none', async () => {
  await execute('{ portfolios { totalCount } health { status } }');
  expect(lines).toEqual([]);
});

describe('a line has the range', () => {
  test('of rows that were recorded, and not what is in them', async () => {
    const rows = ['2024-01-05', '2024-01-03'].map((asofDate) => ({
      portfolioId: ID,
      asofDate,
      twr1d: 0.123_456,
    }));
    const record = `mutation ($rows: [DailyMetricsInput!]!) {
      recordDailyMetrics(rows: $rows, refresh: false) { inserted } }`;
    await execute(record, 'writer', { rows });
    const range = {
      rows: 2,
      from: '2024-01-03',
      to: '2024-01-05',
      portfolios: 1,
      portfolioIds: [ID],
    };
    expect(lines[0]).toMatchObject({ outcome: 'done', details: { ...range, inserted: 2 } });
    await execute(record, 'writer', {
      rows: rows.map((row) => ({ ...row, portfolioId: portfolioId(9) })),
    });
    expect(lines[1]).toMatchObject({
      outcome: 'BAD_USER_INPUT',
      details: { ...range, portfolioIds: [portfolioId(9)] },
    });
    expect(JSON.stringify(lines)).not.toContain('123456');
  });

  test('of refreshes, and what became of them', async () => {
    const { data } = await execute(`mutation { refreshAggregate(
      viewName: PORTFOLIO_METRICS_30D_ROLLING, from: "2024-01-01", to: "2024-01-31") { id } }`);
    expect(lines[0]!.details).toEqual({
      viewName: 'PORTFOLIO_METRICS_30D_ROLLING',
      from: '2024-01-01',
      to: '2024-01-31',
      refreshes: [
        {
          id: data.refreshAggregate.id,
          viewName: 'PORTFOLIO_METRICS_30D_ROLLING',
          state: 'SUCCEEDED',
        },
      ],
    });
  });

  test('of a portfolio: which one and which fields', async () => {
    await execute(
      'mutation ($input: PortfolioInput!) { upsertPortfolio(input: $input) { id } }',
      'writer',
      { input: { id: ID, name: 'Secret name', benchmarkId: null } },
    );
    expect(lines[0]!.details).toEqual({ portfolio: ID, fields: ['name', 'benchmarkId'] });
  });

  test('of a policy', async () => {
    await execute(`mutation { setRefreshPolicy(
      viewName: PORTFOLIO_METRICS_30D_ROLLING, input: { scheduleInterval: "PT2H" }) { viewName } }`);
    expect(lines[0]!.details).toEqual({
      viewName: 'PORTFOLIO_METRICS_30D_ROLLING',
      policy: { scheduleInterval: 'PT2H' },
    });
  });

  test('and no more of a text than is of use', async () => {
    await execute('mutation ($id: ID!) { cancelRefresh(id: $id) { id } }', 'operator', {
      id: 'x'.repeat(100_000),
    });
    expect(JSON.stringify(lines[0]).length).toBeLessThan(1000);
  });
});

test('each of several mutations in one operation leaves its line, under one request id', async () => {
  const { headers } = await execute(`mutation {
    a: upsertPortfolio(input: { id: "${ID}", name: "A" }) { id }
    b: cancelRefresh(id: "0") { id }
  }`);
  expect(lines.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['upsertPortfolio', 'done'],
    ['cancelRefresh', 'BAD_USER_INPUT'],
  ]);
  expect(new Set(lines.map(({ requestId }) => requestId))).toEqual(
    new Set([headers.get('x-request-id')]),
  );
});

test('a mutation that the end of the server interrupts leaves one line', async () => {
  const stuck = new Set<() => void>();
  const audit = createAudit(pino({ level: 'warn' }, stream));
  const resolve = audited(
    () => new Promise<void>((done) => stuck.add(done)),
    () => ({ rows: 3 }),
  );
  const context = { caller: LOCAL_CALLER, requestId: 'r', audit };
  const info = { fieldName: 'recordDailyMetrics' } as GraphQLResolveInfo;
  const ended = resolve(null, {}, context, info);
  closeAudit(audit);
  for (const done of stuck) done();
  await ended;
  closeAudit(audit);
  expect(lines.map(({ action, outcome, details }) => [action, outcome, details])).toEqual([
    ['recordDailyMetrics', 'INTERRUPTED', { rows: 3 }],
  ]);
});

describe('the request id', () => {
  const send = (requestId: string): Promise<Response> =>
    fetch(`${server.url}/health/live`, { headers: { 'x-request-id': requestId } });

  test('of a proxy is used where it is one', async () => {
    expect((await send('abc-1:2.3_4')).headers.get('x-request-id')).toBe('abc-1:2.3_4');
    for (const wrong of ['', 'a b', 'x'.repeat(101), '{"a":1}']) {
      expect((await send(wrong)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

test.each([
  ['silent', 0],
  ['fatal', 1],
  ['error', 1],
  ['warn', 1],
  ['trace', 1],
])('at LOG_LEVEL=%s a line is written %i times', (level, times) => {
  const audit: Audit = createAudit(pino({ level }, stream));
  audit({
    caller: { name: 'key:a', role: 'writer', tenant: 'acme' },
    action: 'upsertPortfolio',
    details: {},
    outcome: 'done',
    requestId: '1',
    durationMs: 1.6,
  });
  expect(lines).toHaveLength(times);
});
