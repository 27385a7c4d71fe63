import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { buildSchema, findBreakingChanges, printSchema } from 'graphql';
import { createSchema } from '../../src/graphql/schema.js';

/** What clients may rely on, field by field; the schema may add to it. */
const CONTRACT = new URL('../contract.graphql', import.meta.url);

test('the schema breaks no part of the contract', async () => {
  const contract = buildSchema(await readFile(CONTRACT, 'utf8'));
  const emitted = buildSchema(printSchema(await createSchema()));
  const breaking = findBreakingChanges(contract, emitted).map(({ description }) => description);
  expect(breaking).toEqual([]);
});
