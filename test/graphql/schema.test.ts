import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import {
  buildSchema,
  findBreakingChanges,
  getIntrospectionQuery,
  graphqlSync,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  printSchema,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from 'graphql';
import { printedSchema } from '../../src/graphql/printed-schema.js';
import { createSchema } from '../../src/graphql/schema.js';
import { metricsDocument } from '../../src/rolling/metrics-document.js';

/** What clients may rely on, field by field; the schema may add to it. */
const CONTRACT = new URL('../contract.graphql', import.meta.url);

test('the schema breaks no part of the contract', async () => {
  const contract = buildSchema(await readFile(CONTRACT, 'utf8'));
  const emitted = buildSchema(printSchema(await createSchema()));
  const breaking = findBreakingChanges(contract, emitted).map(({ description }) => description);
  expect(breaking).toEqual([]);
});

test('schema/schema.graphql is what the code makes; npm run schema fixes it', async () => {
  const committed = await readFile(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
  expect(committed).toBe(await printedSchema());
});

test('docs/metrics.md is what the table of metrics makes; npm run docs fixes it', async () => {
  const committed = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  expect(committed).toBe(metricsDocument());
});

test('the types of the operations are up to date; npm run codegen fixes them', async () => {
  const run = promisify(execFile);
  await expect(
    run('node_modules/.bin/graphql-codegen', ['--config', 'codegen.yml', '--check', '--silent']),
  ).resolves.toBeDefined();
});

test('an introspection of the schema has no errors', async () => {
  const schema = await createSchema();
  expect(graphqlSync({ schema, source: getIntrospectionQuery() })).not.toHaveProperty('errors');
});

test('every scalar of our own says where it is specified', async () => {
  const scalars = Object.values((await createSchema()).getTypeMap()).filter(
    (type) => isScalarType(type) && !isSpecifiedScalarType(type),
  );
  expect(scalars.map(({ name }) => name).toSorted()).toEqual([
    'DateTimeISO',
    'ISO8601Duration',
    'LocalDate',
    'UUID',
  ]);
  for (const scalar of scalars) expect(scalar).toHaveProperty('specifiedByURL', expect.any(String));
});

test('everything public has a description', async () => {
  const missing: string[] = [];
  const check = (
    name: string,
    { description }: { description?: string | null | undefined },
  ): void => {
    if (!description) missing.push(name);
  };
  for (const type of Object.values((await createSchema()).getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    check(type.name, type);
    if (isEnumType(type))
      for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field);
      if ('args' in field) {
        for (const argument of field.args)
          check(`${type.name}.${field.name}(${argument.name})`, argument);
      }
    }
  }
  expect(missing).toEqual([]);
});

test.each([
  ...['days', 'observations'].map((list) => ['RollingSeries', list]),
  ['MetricColumn', 'values'],
  ...['days', 'pricingPackIds', 'returns', 'values', 'benchmarkReturns'].map((list) => [
    'DailySeries',
    list,
  ]),
])('%s.%s, which may be long, waits for a turn of the event loop', async (type, list) => {
  const fields = ((await createSchema()).getType(type) as GraphQLObjectType).getFields();
  const waited: unknown[] = [];
  const turns = { with: (value: unknown) => waited.push(value) };
  const source = { [list]: ['of it'] };
  await fields[list]!.resolve?.(source, {}, { turns }, {} as GraphQLResolveInfo);
  expect(waited).toEqual([['of it']]);
});
