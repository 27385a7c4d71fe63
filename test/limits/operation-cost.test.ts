import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { assert, integer, property } from 'fast-check';
import {
  getIntrospectionQuery,
  getOperationAST,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
  type GraphQLSchema,
} from 'graphql';
import { createSchema } from '../../src/graphql/schema.js';
import { FIELD_COSTS } from '../../src/limits/cost-model.js';
import { documentLimits } from '../../src/limits/document-limits.js';
import { DEFAULT_LIMITS } from '../../src/limits/limits-config.js';
import { createOperationCost } from '../../src/limits/operation-cost.js';
import { createRandom } from '../metrics/random.js';
import { naiveCost } from './naive-cost.js';
import { randomDocument } from './random-document.js';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);
const { operation: LIMITS } = DEFAULT_LIMITS;
const VALUES =
  'averageReturn cumulativeReturn returnStandardDeviation volatility sharpeRatio sortinoRatio downsideDeviation maxDrawdown currentDrawdown';
const EVERYTHING = `
  id name baseCurrency benchmarkId firstDay lastDay
  rolling30d { asOf ${VALUES} peakValue troughValue drawdown freshness { isStale } }
  rolling60d { asOf ${VALUES} peakValue troughValue drawdown freshness { isStale } }
  rolling90d { asOf ${VALUES} sharpeStandardError freshness { isStale } }
  rolling1y { asOf ${VALUES} beta alpha trackingError informationRatio correlation rSquared
    averageBeta averageAlpha averageTrackingError freshness { isStale } }`;

let schema: GraphQLSchema;
let costOf: (query: string, variables?: Record<string, unknown>) => number;

beforeAll(async () => {
  schema = await createSchema();
  const cost = createOperationCost(Number.MAX_VALUE);
  costOf = (query, variables) => {
    const document = parse(query);
    const [fault] = validate(schema, document);
    if (fault) throw fault;
    return cost({ schema, document, operation: getOperationAST(document)!, variables });
  };
});

describe('the cost', () => {
  test.each<[string, number]>([
    ['{ __typename }', 1],
    ['{ __schema { types { name } } }', 1 + 1 + 100],
    // portfolios, edges, and 200 nodes with one window of 365 days and two of its metrics.
    [
      '{ portfolios(first: 200) { edges { node { rolling1y { beta alpha } } } } }',
      1 + 200 * (1 + 1 + 365 * 3),
    ],
    [
      '{ portfolio(id: "00000000-0000-4000-8000-000000000001") { rolling30d { asOf window } } }',
      1 + 30,
    ],
    ['{ ranking(metric: BETA, window: ONE_YEAR, first: 2) { entries { rank } } }', 500_001 + 2 + 1],
    ['mutation { recordDailyMetrics(rows: []) { inserted } }', 1],
  ])('of %s', (query, cost) => {
    expect(costOf(query)).toBe(cost);
  });

  test('of a series is that of its days and of the window before them, and of each list that is delivered', () => {
    const query = `query($metrics: [RollingMetric!]!) {
      portfolio(id: "00000000-0000-4000-8000-000000000001") {
        rollingSeries(window: NINETY_DAYS, metrics: $metrics, from: "2018-01-01", to: "2018-01-10") {
          days also: days ...Values ... { riskFreeDaily }
        }
        other: rollingSeries(window: NINETY_DAYS, metrics: BETA, from: "2018-01-01", to: "2018-01-01") { ...Values }
      }
    }
    fragment Values on RollingSeries { columns { metric values again: values } }`;
    const first = 2 * (90 + 10) + 2 * 4 * 10 + (1 + 2 * (1 + 2 * 4 * 10)) + 1;
    const second = 90 + 1 + (1 + 1 + 2 * 4);
    expect(costOf(query, { metrics: ['BETA', 'BETA'] })).toBe(1 + first + second);
  });

  test('grows with what a list of ids leaves of a page', () => {
    const query = 'query($ids: [UUID!]) { portfolios(ids: $ids) { totalCount } }';
    expect(costOf(query)).toBe(1 + 50);
    expect(costOf(query, { ids: ['a', 'b', 'c'] })).toBe(1 + 3);
  });

  test('is that of the rows that a mutation writes, however they are given', () => {
    const query =
      'mutation($rows: [DailyMetricsInput!]!) { recordDailyMetrics(rows: $rows) { inserted } }';
    expect(costOf(query, { rows: Array.from({ length: 10_000 }, () => ({})) })).toBe(100_001);
  });

  test('names fields that exist', () => {
    for (const name of Object.keys(FIELD_COSTS)) {
      const [type, field] = name.split('.') as [string, string];
      const { _fields: fields } = schema.getType(type) as unknown as {
        _fields: Record<string, unknown>;
      };
      expect(fields).toHaveProperty(field);
    }
  });

  test('of every example operation is far below the limit, and so is its size', async () => {
    for (const file of await readdir(OPERATIONS)) {
      const text = await readFile(new URL(file, OPERATIONS), 'utf8');
      parse(text, { maxTokens: LIMITS.maxTokens / 10 });
      expect(validate(schema, parse(text), [documentLimits(LIMITS)])).toEqual([]);
      const variables = { first: 200, from: '2017-01-01', to: '2018-01-01' };
      expect(costOf(text, variables)).toBeLessThan(LIMITS.maxCost / 10);
    }
  });

  test('of a page of 200 portfolios with all windows and metrics is far below the limit', () => {
    const cost = costOf(`{ portfolios(first: 200) { edges { node { ${EVERYTHING} } } } }`);
    expect(cost).toBeGreaterThan(1_500_000);
    expect(cost).toBeLessThan(LIMITS.maxCost / 4);
  });
});

test('is that of the document with every fragment in place of its spreads', () => {
  // What is made at random has fragments and variables that it does not use.
  const rules = specifiedRules.filter(
    (rule) => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule,
  );
  let costs = 0;
  assert(
    property(integer(), (seed) => {
      const random = createRandom(seed);
      const { text, variables } = randomDocument(schema, (below) => Math.floor(random() * below));
      const document = parse(text);
      expect(validate(schema, document, rules)).toEqual([]);
      const operation = getOperationAST(document)!;
      const cost = createOperationCost(Number.MAX_VALUE)({
        schema,
        document,
        operation,
        variables,
      });
      expect(cost).toBe(naiveCost(schema, document, variables));
      costs += cost;
    }),
    { numRuns: 200 },
  );
  expect(costs).toBeGreaterThan(200 * 10_000);
});

test('variables count again each time the same document comes', () => {
  const document = parse('query($n: Int!) { portfolios(first: $n) { totalCount } }');
  const operation = getOperationAST(document)!;
  const cost = createOperationCost(100);
  const given = { schema, document, operation };
  expect(cost({ ...given, variables: { n: 1 } })).toBe(2);
  expect(() => cost({ ...given, variables: { n: 200 } })).toThrow('costs 201 and may cost 100');
  expect(cost({ ...given, variables: { n: 2 } })).toBe(3);
});

test('an error says what costs most', () => {
  const document = parse(`query($n: Int!) {
    portfolios(first: $n) { edges { node { name ...Windows } } }
    ranking(metric: BETA, window: ONE_YEAR) { total }
  }
  fragment Windows on Portfolio { rolling30d { volatility } rolling1y { volatility beta alpha } }`);
  const given = { schema, document, operation: getOperationAST(document)! };
  expect(() => createOperationCost(1000)({ ...given, variables: { n: 200 } })).toThrow(
    'most of it is ranking',
  );
  const without =
    parse(`query($n: Int!) { portfolios(first: $n) { edges { node { name ...Windows } } } }
    fragment Windows on Portfolio { rolling30d { volatility } rolling1y { volatility beta alpha } }`);
  expect(() =>
    createOperationCost(1000)({
      schema,
      document: without,
      operation: getOperationAST(without)!,
      variables: { n: 200 },
    }),
  ).toThrow('most of it is portfolios (× 200).edges.node.rolling1y (× 365)');
});

test('aliases of the lists of a series are refused, in whatever fragment they stand', () => {
  const aliases = Array.from({ length: 99 }, (_, n) => `a${n}: days`).join(' ');
  const document = parse(`{ portfolios(first: 200) { edges { node {
    rollingSeries(window: THIRTY_DAYS, metrics: VOLATILITY, from: "2019-01-01", to: "2023-12-31") { ...Days }
  } } } }
  fragment Days on RollingSeries { ${aliases} }`);
  const given = { schema, document, operation: getOperationAST(document)!, variables: {} };
  expect(() => createOperationCost(LIMITS.maxCost)(given)).toThrow(
    'most of it is portfolios (× 200).edges.node.rollingSeries',
  );
});

test('the query that clients introspect with is allowed, and many of it are not', () => {
  const document = parse(getIntrospectionQuery({ oneOf: true }));
  const given = { schema, document, operation: getOperationAST(document)!, variables: {} };
  expect(createOperationCost(Number.MAX_VALUE)(given)).toBeLessThan(LIMITS.maxCost / 4);
  const types = schema.getTypeMap();
  expect(Object.keys(types).length).toBeLessThanOrEqual(100);
  const sizes = Object.values(types).flatMap((type) => [
    'getFields' in type ? Object.keys(type.getFields()).length : 0,
    'getValues' in type ? type.getValues().length : 0,
  ]);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
  const many = parse(
    `{ ${'abcdefghi'.replaceAll(/./g, '$&: __schema { types { fields { type { fields { name args { name } } } } } } ')} }`,
  );
  expect(() =>
    createOperationCost(LIMITS.maxCost)({
      schema,
      document: many,
      operation: getOperationAST(many)!,
      variables: {},
    }),
  ).toThrow('most of it is __schema.types (× 100)');
});

describe('fragments that double what a document requests', () => {
  const bomb = (levels: number): string =>
    `query($n: Int!) { portfolios(first: $n) { edges { node { ...F0 } } } }
    ${Array.from({ length: levels }, (_, level) => `fragment F${level} on Portfolio { a${level}: rolling1y { beta } ...F${level + 1} ... { ...F${level + 1} } }`).join('\n')}
    fragment F${levels} on Portfolio { name }`;

  test('are refused for their cost, in a moment', () => {
    const document = parse(bomb(100));
    const started = performance.now();
    expect(() =>
      createOperationCost(LIMITS.maxCost)({
        schema,
        document,
        operation: getOperationAST(document)!,
        variables: { n: 1 },
      }),
    ).toThrow('costs more than 10^15');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('are refused for their size, in a moment', () => {
    const started = performance.now();
    const [error] = validate(schema, parse(bomb(100)), [documentLimits(LIMITS)]);
    expect(error!.message).toBe(
      'An operation takes at most 100 aliases, fragments in place of their spreads, but got more than 10^15',
    );
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
