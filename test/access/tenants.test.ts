import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GraphQLSchema } from 'graphql';
import { ROLES } from '../../src/access/roles.js';
import { createSchema } from '../../src/graphql/schema.js';
import {
  argumentsOf,
  operationOf,
  pathsTo,
  reaches,
  selectionOf,
  takesPortfolioId,
  type Path,
} from '../helpers/generated-query.js';
import {
  insertPortfolio,
  insertRows,
  portfolioId,
  refreshAll,
  type TestRow,
} from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { daysOf } from '../helpers/test-days.js';
import { startAccessServer, type AccessServer } from './access-server.js';
import { bearerFor } from './keys.js';

/** Portfolios of two tenants; the other's have names before, between and after, and other figures. */
const OWN = [portfolioId(2), portfolioId(4)];
const FOREIGN = [portfolioId(1), portfolioId(3), portfolioId(5)];
const UNKNOWN = portfolioId(77);
/** Stands in everything that the other tenant has. */
const MARK = /SECRET|-8000-0000000000(?:01|03|05)|:98765\b/;
const DAYS = daysOf('2024-01-01', '2024-01-31');

let db: TestDatabase;
let server: AccessServer;
let schema: GraphQLSchema;
/** Every way to a portfolio, with the operation that goes it. */
let ways: { readonly name: string; readonly operation: string; readonly path: Path }[];
const keys: Record<string, string> = {};
/** The responses to acme before any other tenant had a portfolio. */
const alone = new Map<string, string>();

const rows = (scale: number): TestRow[] =>
  DAYS.map((day, index) => ({
    day,
    return: scale * (0.01 + 0.001 * index),
    value: scale * 98_765,
    benchmark: 0.001 * index,
    beta: scale,
    alpha: scale,
    trackingError: scale,
  }));

async function insert(id: string, tenant: string, mark: string, scale: number): Promise<void> {
  const options = { name: `${id.slice(-2)} ${mark}`, benchmark: `${mark}-BENCHMARK` };
  await insertPortfolio(db.database, id, [], options);
  await db.database.write('UPDATE portfolios SET tenant = $2 WHERE id = $1', [id, tenant]);
  await insertRows(db.database, id, rows(scale));
}

/** Queries that go every way, without an id, with one's own, another's and an unknown one. */
function queries(): Set<string> {
  const texts = ways
    .filter(({ operation }) => operation === 'query')
    .flatMap(({ path }) => [
      operationOf('query', path),
      ...[OWN[0], FOREIGN[0], UNKNOWN].map((id) =>
        operationOf('query', path, { portfolioId: id! }),
      ),
    ]);
  // Some take no id.
  return new Set(texts);
}

beforeAll(async () => {
  db = await openTestDatabase();
  schema = await createSchema();
  server = await startAccessServer(db.database);
  ways = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) =>
    pathsTo(type, 'Portfolio').map((path) => ({
      name: [type.name, ...path.map(({ name }) => name)].join('.'),
      operation: type.name.toLowerCase(),
      path,
    })),
  );
  for (const tenant of ['acme', 'globex', '*', 'empty']) {
    for (const role of ROLES) {
      keys[`${tenant} ${role}`] = await bearerFor(db.database, role, tenant);
    }
  }
  for (const id of OWN) await insert(id, 'acme', 'own', 0.5);
  await refreshAll(db.database, DAYS[0]!, DAYS.at(-1)!);
  for (const query of queries()) {
    alone.set(query, (await server.execute(query, keys['acme reader'])).text);
  }
  for (const id of FOREIGN) await insert(id, 'globex', 'SECRET', 1);
  await refreshAll(db.database, DAYS[0]!, DAYS.at(-1)!);
});
afterAll(async () => {
  await server.close();
  await db.close();
});

const idsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/00000000-0000-4000-8000-0000000000\d\d/g)].map(([id]) => id)),
];

describe('every way to a portfolio', () => {
  test('is known: the schema has these, and none through a subscription', () => {
    expect(ways.map(({ name }) => name).toSorted()).toEqual([
      'Mutation.upsertPortfolio',
      'Query.portfolio',
      'Query.portfolios.edges.node',
      'Query.ranking.entries.portfolio',
    ]);
    expect(reaches(schema, schema.getSubscriptionType()!, 'Portfolio')).toBe(false);
  });

  test('leads a caller with all tenants to all, so that the walk proves something', async () => {
    for (const role of ROLES) {
      const seen = new Set<string>();
      for (const { operation, path } of ways.filter((way) => way.operation === 'query')) {
        const ids = [undefined, ...OWN, ...FOREIGN];
        const texts = ids.map((id) => operationOf(operation, path, id ? { portfolioId: id } : {}));
        // Some take no id.
        for (const query of new Set(texts)) {
          const response = await server.execute(query, keys[`* ${role}`]);
          expect(response).toMatchObject({ status: 200, code: undefined });
          idsIn(response.text).forEach((found) => seen.add(found));
        }
      }
      expect([...seen].toSorted()).toEqual([...OWN, ...FOREIGN].toSorted());
    }
  });

  test('responds as if there were no other tenant, to the letter', async () => {
    const withOwn = [...alone.values()].filter((text) => idsIn(text).length > 0);
    expect(withOwn.length).toBeGreaterThanOrEqual(4);
    for (const role of ROLES) {
      for (const [query, text] of alone) {
        const response = await server.execute(query, keys[`acme ${role}`]);
        expect({ query, text: response.text }).toEqual({ query, text });
        expect(response.text).not.toMatch(/SECRET/);
      }
    }
  });

  test('gives nothing to a tenant without portfolios', async () => {
    for (const query of queries()) {
      const response = await server.execute(query, keys['empty operator']);
      expect(response).toMatchObject({ status: 200, code: undefined });
      expect(idsIn(response.text)).toEqual([]);
      expect(response.text).not.toMatch(/own|SECRET|:98765\b/);
    }
  });
});

test('no field at all reveals another tenant', async () => {
  const type = schema.getQueryType()!;
  for (const field of Object.values(type.getFields())) {
    const query = `{ ${field.name}${argumentsOf(field)}${selectionOf(field.type)} }`;
    const response = await server.execute(query, keys['acme operator']);
    expect({ query, status: response.status, code: response.code }).toEqual({
      query,
      status: 200,
      code: undefined,
    });
    expect(response.text).not.toMatch(MARK);
  }
});

describe('every field that takes the id of a portfolio', () => {
  test('is known', () => {
    const names = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) =>
      Object.values(type.getFields()).flatMap((field) =>
        takesPortfolioId(field) ? `${type.name}.${field.name}` : [],
      ),
    );
    expect(names.toSorted()).toEqual([
      'Mutation.deleteDailyMetrics',
      'Mutation.deletePortfolio',
      'Mutation.recordDailyMetrics',
      'Mutation.upsertPortfolio',
      'Query.portfolio',
      'Query.portfolios',
    ]);
  });

  test('responds to the id of another tenant as to an unknown one', async () => {
    for (const type of [schema.getQueryType()!, schema.getMutationType()!]) {
      for (const field of Object.values(type.getFields()).filter(takesPortfolioId)) {
        if (field.name === 'upsertPortfolio') continue;
        const execute = async (id: string): Promise<string> => {
          const text = `${field.name}${argumentsOf(field, { portfolioId: id })}`;
          const query = `${type.name.toLowerCase()} { ${text}${selectionOf(field.type)} }`;
          return (await server.execute(query, keys['acme operator'])).text.replaceAll(id, 'ID');
        };
        expect(await execute(FOREIGN[1]!)).toBe(await execute(UNKNOWN));
      }
    }
  });
});

describe('rankings', () => {
  const ranking = (metric: string, window: string): string =>
    `{ ranking(metric: ${metric}, window: ${window}, minObservations: 1) { total entries { value } } }`;

  test('compare with the benchmarks of the caller’s portfolios only', async () => {
    const query = ranking('BETA', 'ONE_YEAR');
    expect(await server.execute(query, keys['acme reader'])).toMatchObject({
      data: { ranking: { total: 2 } },
    });
    const all = await server.execute(query, keys['* reader']);
    expect(all.code).toBe('BAD_USER_INPUT');
  });

  test('find nothing by another tenant’s benchmark', async () => {
    const query = ranking('BETA', 'ONE_YEAR').replace(
      'minObservations',
      'benchmarkId: "SECRET-BENCHMARK", minObservations',
    );
    expect(await server.execute(query, keys['acme reader'])).toMatchObject({
      data: { ranking: { total: 0, entries: [] } },
    });
    expect(await server.execute(query, keys['globex reader'])).toMatchObject({
      data: { ranking: { total: 3 } },
    });
  });
});

test('pages, searches and counts have the caller’s portfolios only', async () => {
  const list = `query ($after: String, $search: String) { portfolios(first: 1, after: $after, search: $search) {
    totalCount edges { node { id } } pageInfo { endCursor hasNextPage } } }`;
  const seen: string[] = [];
  let after: string | null = null;
  for (let more = true; more;) {
    const { data } = await server.execute(list, keys['acme reader'], { after });
    expect(data.portfolios.totalCount).toBe(2);
    seen.push(...data.portfolios.edges.map(({ node }: { node: { id: string } }) => node.id));
    ({ endCursor: after, hasNextPage: more } = data.portfolios.pageInfo);
  }
  expect(seen).toEqual(OWN);
  const found = await server.execute(list, keys['acme reader'], { search: 'secret' });
  expect(found.data.portfolios).toMatchObject({ totalCount: 0, edges: [] });
  // A cursor made of another's portfolio is a place in the alphabet and nothing more.
  const cursor = (id: string): string =>
    Buffer.from(JSON.stringify(['03 SECRET', id])).toString('base64url');
  const texts = [FOREIGN[1]!, UNKNOWN].map((id) =>
    server.execute(list, keys['acme reader'], { after: cursor(id) }),
  );
  const [one, other] = await Promise.all(texts);
  expect(one!.text).toBe(other!.text);
});

describe('upsertPortfolio', () => {
  const UPSERT =
    'mutation ($input: PortfolioInput!) { upsertPortfolio(input: $input) { id name tenant } }';
  const upsert = async (who: string, input: Record<string, unknown>) =>
    server.execute(UPSERT, keys[who], { input });
  const stored = async (id: string): Promise<unknown> => {
    const [row] = await db.database.read(
      'SELECT name, tenant, base_currency, benchmark_id, updated_at FROM portfolios WHERE id = $1',
      [id],
    );
    return row;
  };

  test('makes portfolios of the caller’s tenant', async () => {
    const id = portfolioId(20);
    expect((await upsert('acme writer', { id, name: 'New' })).data.upsertPortfolio).toEqual({
      id,
      name: 'New',
      tenant: 'acme',
    });
    expect((await upsert('acme writer', { id, name: 'Newer', tenant: 'acme' })).data).toMatchObject(
      {
        upsertPortfolio: { name: 'Newer', tenant: 'acme' },
      },
    );
    await db.database.write('DELETE FROM portfolios WHERE id = $1', [id]);
  });

  test('cannot take an id of another tenant, nor touch what has it', async () => {
    const id = FOREIGN[0]!;
    const before = await stored(id);
    for (const input of [{ name: 'Mine' }, { name: 'Mine', baseCurrency: 'EUR', tenant: 'acme' }]) {
      expect(await upsert('acme writer', { id, ...input })).toMatchObject({
        code: 'BAD_USER_INPUT',
        message: `id must be one that is available, but ${id} is not`,
      });
    }
    // Without a name not even that is revealed.
    const messageFor = async (unknown: string): Promise<string> =>
      (await upsert('acme writer', { id: unknown, baseCurrency: 'EUR' })).text.replaceAll(
        unknown,
        '',
      );
    expect(await messageFor(id)).toBe(await messageFor(UNKNOWN));
    expect(await stored(id)).toEqual(before);
  });

  test('of two tenants at once gives the id to one', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => portfolioId(30 + index));
    for (const id of ids) {
      const responses = await Promise.all(
        ['acme writer', 'globex writer'].map((who) => upsert(who, { id, name: who })),
      );
      expect(
        responses.map(({ code }) => (code as string | undefined) ?? 'made').toSorted(),
      ).toEqual(['BAD_USER_INPUT', 'made']);
    }
    await db.database.write('DELETE FROM portfolios WHERE id = ANY($1)', [ids]);
  });

  test('is refused another tenant than the caller’s, whether or not the portfolio exists', async () => {
    for (const id of [OWN[0]!, FOREIGN[0]!, UNKNOWN]) {
      expect(await upsert('acme writer', { id, name: 'X', tenant: 'globex' })).toMatchObject({
        status: 403,
        code: 'FORBIDDEN',
        message: `tenant must be the caller's own, "acme", but got "globex"`,
      });
    }
  });

  test('by a caller with all tenants says whose it is to be, once', async () => {
    const [named, unnamed] = [portfolioId(60), portfolioId(61)];
    const made = await upsert('* writer', { id: named, name: 'N', tenant: 'new tenant' });
    expect(made.data.upsertPortfolio.tenant).toBe('new tenant');
    const byDefault = await upsert('* writer', { id: unnamed, name: 'N' });
    expect(byDefault.data.upsertPortfolio.tenant).toBe('default');
    const renamed = await upsert('* writer', { id: named, name: 'M' });
    expect(renamed.data.upsertPortfolio).toEqual({ id: named, name: 'M', tenant: 'new tenant' });
    for (const input of [{ tenant: 'other' }, { tenant: 'other', name: 'O' }]) {
      expect(await upsert('* operator', { id: named, ...input })).toMatchObject({
        code: 'BAD_USER_INPUT',
        message: `tenant of a portfolio never changes: that of ${named} is "new tenant", but got "other"`,
      });
    }
    for (const tenant of ['', '*', null, ' a', 'a\u0000b', 'a\ud800', 'x'.repeat(201)]) {
      expect(await upsert('* writer', { id: portfolioId(62), name: 'N', tenant })).toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringMatching(/^tenant ".*" (is|has) /),
      });
    }
    await db.database.write('DELETE FROM portfolios WHERE id = ANY($1)', [[named, unnamed]]);
  });
});

test('rows of another tenant’s portfolio cannot be recorded, alone or among others', async () => {
  const RECORD = `mutation ($rows: [DailyMetricsInput!]!) {
    recordDailyMetrics(rows: $rows, refresh: false) { inserted updated unchanged } }`;
  const row = (id: string): Record<string, unknown> => ({
    portfolioId: id,
    asofDate: '2024-01-05',
    twr1d: 0.5,
  });
  const record = (who: string, ids: readonly string[]) =>
    server.execute(RECORD, keys[who], { rows: ids.map(row) });
  for (const foreign of [FOREIGN[0]!, UNKNOWN]) {
    expect(await record('acme writer', [OWN[0]!, foreign])).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: `Nothing was recorded: rows[1].portfolioId "${foreign}" is no known portfolio`,
    });
  }
  const [kept] = await db.database.read<{ count: number }>(
    'SELECT count(*)::int AS count FROM portfolio_metrics WHERE twr_1d = 0.5',
  );
  expect(kept!.count).toBe(0);
  expect((await record('acme writer', [OWN[0]!])).data.recordDailyMetrics.updated).toBe(1);
  expect((await record('* writer', [OWN[0]!, FOREIGN[0]!])).data.recordDailyMetrics).toEqual({
    inserted: 0,
    updated: 1,
    unchanged: 1,
  });
});
