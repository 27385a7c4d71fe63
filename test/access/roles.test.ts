import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  buildSchema,
  getNamedType,
  isLeafType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { guardSchema, rootTypes } from '../../src/access/guard-schema.js';
import { accessOf } from '../../src/access/required-role.js';
import { roleTable } from '../../src/access/role-table.js';
import { ROLES, type Role } from '../../src/access/roles.js';
import { createSchema } from '../../src/graphql/schema.js';
import { withSection } from '../../src/markdown.js';
import { argumentsOf } from '../helpers/generated-query.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { startAccessServer, type AccessServer } from './access-server.js';
import { bearerFor } from './keys.js';

/** What each role adds; a new field is listed here under the role that it needs. */
const FIELDS: Readonly<Record<Role, readonly string[]>> = {
  reader: [
    'Query.portfolio',
    'Query.portfolios',
    'Query.ranking',
    'Query.aggregateStatus',
    'Query.aggregatePerformance',
    'Query.aggregateRefresh',
    'Query.aggregateRefreshes',
    'Query.caller',
    'Query.freshnessReport',
    'Query.health',
    'Subscription.aggregateRefreshed',
  ],
  writer: [
    'Mutation.deleteDailyMetrics',
    'Mutation.deletePortfolio',
    'Mutation.recordDailyMetrics',
    'Mutation.upsertPortfolio',
  ],
  operator: [
    'Mutation.refreshAggregate',
    'Mutation.refreshAllAggregates',
    'Mutation.cancelRefresh',
    'Mutation.setRefreshPolicy',
  ],
};

let db: TestDatabase;
let server: AccessServer;
let schema: GraphQLSchema;
const keys = {} as Record<Role, string>;

beforeAll(async () => {
  db = await openTestDatabase();
  schema = await createSchema();
  server = await startAccessServer(db.database);
  for (const role of ROLES) keys[role] = await bearerFor(db.database, role, '*');
});
afterAll(async () => {
  await server.close();
  await db.close();
});

/** The smallest query for a root field. */
function queryOf(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): string {
  const selection = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }';
  const operation = type.name.toLowerCase();
  return `${operation} { ${field.name}${argumentsOf(field)} ${selection} }`;
}

test('every root field declares its role, and it is the one that was decided', () => {
  const declared: Record<Role, string[]> = { reader: [], writer: [], operator: [] };
  for (const type of rootTypes(schema)) {
    for (const name of Object.keys(type.getFields())) {
      const access = accessOf(type, name);
      declared[access!.role].push(`${type.name}.${name}`);
    }
  }
  for (const role of ROLES) expect(declared[role].toSorted()).toEqual(FIELDS[role].toSorted());
});

test('a schema with a field that does not declare its role cannot be made', () => {
  const undeclared = buildSchema('type Query { secret: String }');
  expect(() => guardSchema(undeclared)).toThrow('Query.secret does not declare its role');
  const mutation = buildSchema('type Query { a: String } type Mutation { b: String }');
  mutation.getQueryType()!.getFields()['a']!.extensions = { access: { role: 'reader' } };
  mutation.getMutationType()!.getFields()['b']!.extensions = { access: { role: 'writer' } };
  expect(() => guardSchema(mutation)).toThrow('Mutation.b does not declare its audit');
});

test('docs/access.md lists them; npm run docs fixes it', async () => {
  const committed = await readFile(new URL('../../docs/access.md', import.meta.url), 'utf8');
  expect(withSection(committed, 'The table of roles', roleTable(schema))).toBe(committed);
});

describe('over HTTP', () => {
  test('every field is refused to each smaller role, and to no other', async () => {
    const wrong: string[] = [];
    for (const type of [schema.getQueryType()!, schema.getMutationType()!]) {
      for (const field of Object.values(type.getFields())) {
        const needed = ROLES.findIndex((role) =>
          FIELDS[role].includes(`${type.name}.${field.name}`),
        );
        for (const [index, role] of ROLES.entries()) {
          const { status, code } = await server.execute(queryOf(type, field), keys[role]);
          const isRefused = status === 403 && code === 'FORBIDDEN';
          if (isRefused !== index < needed) wrong.push(`${type.name}.${field.name} as ${role}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('a caller learns who it is', async () => {
    const acme = await bearerFor(db.database, 'operator', 'acme');
    const another = await bearerFor(db.database, 'operator', 'acme');
    const names = new Set<string>();
    for (const [bearer, role, tenant] of [
      [keys.reader, 'READER', '*'],
      [acme, 'OPERATOR', 'acme'],
      [another, 'OPERATOR', 'acme'],
    ] as const) {
      const { data } = await server.execute('{ caller { name role tenant } }', bearer);
      expect(data).toEqual({
        caller: { name: expect.stringMatching(/^key:test-\d+$/) as unknown, role, tenant },
      });
      names.add(data.caller.name);
    }
    // No response of one is that of another with the same role and tenant.
    expect(names.size).toBe(3);
  });

  test('what concerns all tenants needs a caller of all', async () => {
    const mutation = schema.getMutationType()!;
    const acme = await bearerFor(db.database, 'operator', 'acme');
    const refused: string[] = [];
    for (const field of Object.values(mutation.getFields())) {
      const { code } = await server.execute(queryOf(mutation, field), acme);
      if (code === 'FORBIDDEN') refused.push(field.name);
    }
    expect(refused).toEqual(['setRefreshPolicy']);
    const set =
      'setRefreshPolicy(viewName: PORTFOLIO_METRICS_30D_ROLLING, input: { enabled: false }) { __typename }';
    const cancel = 'cancelRefresh(id: "0") { id }';
    const { message } = await server.execute(`mutation { ${cancel} ${set} }`, acme);
    expect(message).toMatch(
      /^setRefreshPolicy concerns all tenants and needs the tenant \*, but key:test-\d+ has the tenant acme$/,
    );
  });

  test('an operation that goes too far somewhere does nothing at all', async () => {
    const id = '00000000-0000-4000-8000-0000000000aa';
    const upsert = `upsertPortfolio(input: { id: "${id}", name: "A" }) { id }`;
    const refresh = 'refreshAllAggregates(wait: false) { id }';
    for (const query of [
      `mutation { ${upsert} ${refresh} }`,
      `mutation { ${upsert} ...F } fragment F on Mutation { ... { ${refresh} } }`,
      `mutation { ${upsert} ... @include(if: true) { again: ${refresh} } }`,
      `mutation { ${upsert} ${refresh.replace(' {', ' @skip(if: true) {')} }`,
    ]) {
      const response = await server.execute(query, keys.writer);
      expect(response).toMatchObject({ status: 403, code: 'FORBIDDEN', data: null });
      expect(response.message).toMatch(
        /^refreshAllAggregates needs the role operator, but key:test-\d+ has the role writer$/,
      );
    }
    const { data } = await server.execute(`{ portfolio(id: "${id}") { id } }`, keys.reader);
    expect(data).toEqual({ portfolio: null });
    // Of several operations in a document only the requested one counts.
    const several = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: keys.reader },
      body: JSON.stringify({
        query: `query Q { health { status } } mutation M { ${refresh} }`,
        operationName: 'Q',
      }),
    });
    expect(several.status).toBe(200);
  });
});
