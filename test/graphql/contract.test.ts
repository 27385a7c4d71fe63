import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { buildSchema, findBreakingChanges, printSchema } from 'graphql';
import { createSchema } from '../../src/graphql/schema.js';

/** What clients may rely on, field by field; the schema may add to it. */
const CONTRACT = new URL('../contract.graphql', import.meta.url);

/** Parts of the contract that are yet to be delivered. */
const OUTSTANDING = [
  'RefreshState was removed.',
  'AggregatePerformance was removed.',
  'AggregateRefresh was removed.',
  'AggregateRefreshConnection was removed.',
  'AggregateRefreshEdge was removed.',
  'Mutation was removed.',
  'RefreshPolicyInput was removed.',
  'PortfolioInput was removed.',
  'DailyMetricsInput was removed.',
  'RecordDailyMetricsResult was removed.',
  'Subscription was removed.',
  'Standard scalar ID was removed because it is not referenced anymore.',
  'Query.aggregatePerformance was removed.',
  'Query.aggregateRefresh was removed.',
  'Query.aggregateRefreshes was removed.',
  'Query.freshnessReport was removed.',
];

test('the schema breaks no part of the contract', async () => {
  const contract = buildSchema(await readFile(CONTRACT, 'utf8'));
  const emitted = buildSchema(printSchema(await createSchema()));
  const breaking = findBreakingChanges(contract, emitted).map(({ description }) => description);
  expect(breaking.toSorted()).toEqual(OUTSTANDING.toSorted());
});
