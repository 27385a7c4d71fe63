import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execute, parse, type GraphQLSchema } from 'graphql';
import { LOCAL_CALLER } from '../../src/access/caller.js';
import { createContext } from '../../src/graphql/context.js';
import { createSchema } from '../../src/graphql/schema.js';
import { selectionOf } from '../helpers/generated-query.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId, refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { daysOf } from '../helpers/test-days.js';
import { createTestServices } from '../helpers/test-services.js';
import { createTestSchema } from '../http/test-schema.js';
import { startTestServer } from '../http/test-server.js';

/** The one that generated queries request. */
const ID = portfolioId(99);

let db: TestDatabase;
let api: TestApi;
let schema: GraphQLSchema;

beforeAll(async () => {
  db = await openTestDatabase();
  const now = (): Date => new Date('2024-07-01T12:00:00Z');
  api = await createTestApi(db.database, { now });
  schema = await createSchema();
  const rows = daysOf('2024-01-01', '2024-06-30').map((day, n) => ({
    day,
    return: n % 7 === 0 ? null : Math.sin(n) / 100,
    value: 100 + n,
    benchmark: Math.cos(n) / 100,
    beta: 1,
  }));
  await insertPortfolio(db.database, ID, rows);
  await insertPortfolio(db.database, portfolioId(2), [], { benchmark: null });
  await refreshAll(db.database, '2024-01-01', '2024-06-30');
});
afterAll(async () => {
  await api.close();
  await db.close();
});

/** What graphql-js gives, without Apollo and without compiling. */
async function interpreted(query: string): Promise<unknown> {
  const services = createTestServices(db.database, { now: () => new Date('2024-07-01T12:00:00Z') });
  const result = await execute({
    schema,
    document: parse(query),
    contextValue: createContext(services, { caller: LOCAL_CALLER, requestId: 'test' }),
  });
  await services.refreshes.close();
  expect(result.errors).toBeUndefined();
  return JSON.parse(JSON.stringify(result.data));
}

describe('a query that comes again', () => {
  test('says of every field what graphql-js says', async () => {
    const query = `query Everything ${selectionOf(schema.getQueryType()!, [], new Set())}`;
    const first = await api.data(query);
    const expected = { data: await interpreted(query) };
    // What goes by the clock or by statistics is requested again until they agree.
    const settled = (response: object): unknown =>
      JSON.parse(
        JSON.stringify(response, (key, value: unknown) =>
          ['freshnessReport', 'nextRun', 'aggregatePerformance', 'aggregateStatus'].includes(key)
            ? typeof value
            : value,
        ),
      );
    const second = await api.execute(query);
    const third = await api.execute(query);
    for (const response of [{ data: first }, second, third]) {
      expect(settled(response)).toEqual(settled(expected));
    }
  });

  test('takes new variables', async () => {
    const query = `query One($id: UUID!, $window: RollingWindow!, $with: Boolean = true) {
      portfolio(id: $id) { name freshness(window: $window) { aggregate } benchmarkId @include(if: $with) }
    }`;
    for (let n = 0; n < 3; n++) {
      expect(await api.data(query, { id: ID, window: 'ONE_YEAR' })).toEqual({
        portfolio: {
          name: `Portfolio ${ID}`,
          freshness: { aggregate: 'PORTFOLIO_METRICS_1Y_BETA' },
          benchmarkId: 'SP500',
        },
      });
      expect(
        await api.data(query, { id: portfolioId(2), window: 'THIRTY_DAYS', with: false }),
      ).toEqual({
        portfolio: {
          name: `Portfolio ${portfolioId(2)}`,
          freshness: { aggregate: 'PORTFOLIO_METRICS_30D_ROLLING' },
        },
      });
    }
  });

  test.each([
    ['a wrong variable', 'query A($id: UUID!) { portfolio(id: $id) { name } }', { id: 'x' }],
    ['an absent variable', 'query B($id: UUID!) { portfolio(id: $id) { name } }', {}],
    [
      'a refused argument',
      'query C($n: Int!) { portfolios(first: $n) { totalCount } }',
      { n: 100_000 },
    ],
    [
      'a field that fails beside one that does not',
      `query D($n: Int!) { ok: portfolios { totalCount } portfolios(first: $n) { totalCount } }`,
      { n: 0 },
    ],
    [
      'a nullable field that fails',
      `query E($n: Int!) { portfolio(id: "${ID}") { rolling1y(riskFreeDaily: 0.01) { beta } } health { status } portfolios(first: $n) { totalCount } }`,
      { n: 0 },
    ],
  ])('has the same errors with %s', async (_, query, variables) => {
    const first = await api.execute(query, variables);
    expect(first.errors).toHaveLength(1);
    for (let n = 0; n < 2; n++) expect(await api.execute(query, variables)).toEqual(first);
  });

  test('is refused a null variable for an argument with a default, as the client’s error', async () => {
    const query = 'query N($n: Int) { portfolios(first: $n) { totalCount } }';
    for (let n = 0; n < 3; n++) {
      const { errors } = await api.execute(query, { n: null });
      expect(errors).toEqual([
        {
          message: 'Argument "first" of non-null type "Int!" must not be null.',
          locations: [{ line: 1, column: 38 }],
          path: ['portfolios'],
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ]);
    }
  });

  test('runs once, also where it fails', async () => {
    const resolved: string[] = [];
    const counted = createTestSchema(new EventEmitter());
    for (const field of Object.values(counted.getQueryType()!.getFields())) {
      const { resolve } = field;
      field.resolve = (...args) => {
        resolved.push(field.name);
        return resolve?.(...args);
      };
    }
    const server = await startTestServer({ schema: counted });
    for (let n = 0; n < 3; n++) {
      const { status, body } = await server.post({ query: '{ hello fails refuses }' });
      expect(status).toBe(200);
      expect(body).toEqual({
        data: { hello: 'world', fails: null, refuses: null },
        errors: [
          {
            message: expect.stringMatching(/^Something went wrong here/),
            locations: [{ line: 1, column: 9 }],
            path: ['fails'],
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
          {
            message: 'viewName must be polite',
            locations: [{ line: 1, column: 15 }],
            path: ['refuses'],
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
    }
    await server.close();
    for (const field of ['hello', 'fails', 'refuses']) {
      expect(resolved.filter((name) => name === field)).toHaveLength(3);
    }
  });

  test.each([
    [
      'spread twice and in each other',
      `query F1 { a: portfolio(id: "${ID}") { ...Named ...Windows } b: portfolio(id: "${ID}") { ...Windows } }
      fragment Named on Portfolio { id name }
      fragment Windows on Portfolio { ...Named rolling30d { ...Figures } rolling60d { ...Figures volatility } }
      fragment Figures on RollingMetrics { asOf averageReturn }`,
    ],
    [
      'in place, with fields that are selected twice',
      `query F2 { portfolio(id: "${ID}") { name ... on Portfolio { name rolling30d { asOf } } ... { rolling30d { volatility } benchmarkId } } }`,
    ],
    [
      'with a condition',
      `query F3 { portfolio(id: "${ID}") { ...Named ...Named @skip(if: true) } } fragment Named on Portfolio { id name }`,
    ],
  ])('has the fields of fragments %s', async (_, query) => {
    const expected = await interpreted(query);
    for (let n = 0; n < 3; n++) expect(await api.data(query)).toEqual(expected);
  });

  test('of several operations runs the one that is named', async () => {
    const document = `query A { health { status } } query B { portfolios { totalCount } }`;
    for (let n = 0; n < 3; n++) {
      const named = async (operationName: string): Promise<unknown> => {
        const { body } = await api.apollo.executeOperation(
          { query: document, operationName },
          {
            contextValue: createContext(createTestServices(db.database), {
              caller: LOCAL_CALLER,
              requestId: 'test',
            }),
          },
        );
        return body.kind === 'single' && Object.keys(body.singleResult.data!);
      };
      expect(await named('A')).toEqual(['health']);
      expect(await named('B')).toEqual(['portfolios']);
    }
  });
});
