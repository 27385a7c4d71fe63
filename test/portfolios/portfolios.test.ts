import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

let db: TestDatabase;
let api: TestApi;

const NAMES = ['Alpha', 'beta 50%', 'Beta_x', 'Gamma', 'Gamma', String.raw`back\slash`];

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  for (const [index, name] of NAMES.entries()) {
    await insertPortfolio(db.database, portfolioId(index + 1), [], { name, currency: 'EUR' });
  }
});
afterAll(async () => {
  await api.close();
  await db.close();
});

const LIST = `query ($ids: [UUID!], $search: String, $first: Int! = 50, $after: String) {
  portfolios(ids: $ids, search: $search, first: $first, after: $after) {
    totalCount
    edges { cursor node { id name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

/** Looks like a cursor, but its second part is no id. */
const FORGED = Buffer.from('["Alpha","no id"]').toString('base64url');

interface Page {
  readonly totalCount: number;
  readonly edges: { readonly cursor: string; readonly node: { id: string; name: string } }[];
  readonly pageInfo: Record<string, unknown>;
}

async function list(variables: Record<string, unknown> = {}): Promise<Page> {
  return ((await api.data(LIST, variables)) as { portfolios: Page }).portfolios;
}

const namesOf = ({ edges }: Page): string[] => edges.map(({ node }) => node.name);

describe('portfolio', () => {
  test('gives one portfolio, its days null without rows', async () => {
    const { portfolio } = await api.data(
      `query ($id: UUID!) { portfolio(id: $id) { id name baseCurrency benchmarkId firstDay lastDay
        rolling30d { asOf } freshness(window: ONE_YEAR) { isStale materializedThrough lastRefresh staleReason } } }`,
      { id: portfolioId(1).toUpperCase() },
    );
    expect(portfolio).toEqual({
      id: portfolioId(1),
      name: 'Alpha',
      baseCurrency: 'EUR',
      benchmarkId: 'SP500',
      firstDay: null,
      lastDay: null,
      rolling30d: null,
      freshness: {
        isStale: false,
        materializedThrough: null,
        lastRefresh: null,
        staleReason: null,
      },
    });
  });

  test('is null for an unknown id', async () => {
    expect(await api.data(`{ portfolio(id: "${portfolioId(99)}") { id } }`)).toEqual({
      portfolio: null,
    });
  });
});

describe('portfolios', () => {
  test('are ordered by name, then id', async () => {
    const page = await list();
    expect(page.totalCount).toBe(NAMES.length);
    const sorted = await db.database.read<{ id: string }>(
      'SELECT id FROM portfolios ORDER BY name, id',
    );
    expect(page.edges.map(({ node }) => node.id)).toEqual(sorted.map(({ id }) => id));
    expect(page.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: page.edges[0]!.cursor,
      endCursor: page.edges.at(-1)!.cursor,
    });
  });

  test('come page by page, each once', async () => {
    const seen: string[] = [];
    let after: unknown = null;
    let pages = 0;
    for (let more = true; more; pages++) {
      const page = await list({ first: 2, after });
      expect(page.pageInfo['hasPreviousPage']).toBe(after !== null);
      seen.push(...page.edges.map(({ node }) => node.id));
      after = page.pageInfo['endCursor'];
      more = page.pageInfo['hasNextPage'] as boolean;
    }
    expect(pages).toBe(3);
    expect(new Set(seen).size).toBe(NAMES.length);
  });

  test('are found by a part of the name in any case, taken literally', async () => {
    expect(namesOf(await list({ search: 'BETA' })).toSorted()).toEqual(['Beta_x', 'beta 50%']);
    expect(namesOf(await list({ search: '0%' }))).toEqual(['beta 50%']);
    expect(namesOf(await list({ search: 'a_x' }))).toEqual(['Beta_x']);
    expect(namesOf(await list({ search: '\\' }))).toEqual([String.raw`back\slash`]);
    expect(await list({ search: 'nothing like it' })).toMatchObject({ totalCount: 0, edges: [] });
  });

  test('are found by id, unknown ones left out', async () => {
    const page = await list({ ids: [portfolioId(3), portfolioId(77), portfolioId(1)] });
    expect(page.totalCount).toBe(2);
    expect(namesOf(page)).toEqual(expect.arrayContaining(['Alpha', 'Beta_x']));
    expect((await list({ ids: [] })).totalCount).toBe(0);
  });
});

describe('a code', () => {
  const UPSERT = `mutation ($input: PortfolioInput!) { upsertPortfolio(input: $input) { id name code periodsPerYear } }`;
  const upsert = (input: Record<string, unknown>): Promise<Record<string, unknown>> =>
    api.data(UPSERT, { input });
  const byCode = (code: string): Promise<Record<string, unknown>> =>
    api.data('query ($code: String) { portfolio(code: $code) { id code } }', { code });

  beforeAll(() => upsert({ id: portfolioId(1), code: 'FUND-1' }));

  test('finds its portfolio, as it is written', async () => {
    expect(await byCode('FUND-1')).toEqual({ portfolio: { id: portfolioId(1), code: 'FUND-1' } });
    expect(await byCode('fund-1')).toEqual({ portfolio: null });
    const page = await api.data(
      '{ portfolios(codes: ["FUND-1", "unknown"]) { totalCount edges { node { name code } } } }',
    );
    expect(page).toEqual({
      portfolios: { totalCount: 1, edges: [{ node: { name: 'Alpha', code: 'FUND-1' } }] },
    });
  });

  test('stays unless it is given, and null takes it away', async () => {
    const id = portfolioId(2);
    const [name, periodsPerYear] = ['beta 50%', 252];
    expect(await upsert({ id, code: 'B', periodsPerYear: 365 })).toEqual({
      upsertPortfolio: { id, name, code: 'B', periodsPerYear: 365 },
    });
    expect(await upsert({ id, periodsPerYear })).toEqual({
      upsertPortfolio: { id, name, code: 'B', periodsPerYear },
    });
    expect(await upsert({ id, code: null })).toEqual({
      upsertPortfolio: { id, name, code: null, periodsPerYear },
    });
    expect(await byCode('B')).toEqual({ portfolio: null });
  });

  test('is that of one portfolio of a tenant', async () => {
    const message =
      'code "FUND-1" is that of another portfolio of the tenant: give another, or change that one\'s';
    for (const [number, name] of [
      [2, undefined],
      [50, 'New'],
    ] as const) {
      const { errors } = await api.execute(UPSERT, {
        input: { id: portfolioId(number), name, code: 'FUND-1' },
      });
      expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
    }
    await upsert({ id: portfolioId(60), name: 'Other', code: 'FUND-1', tenant: 'other' });
    const { errors } = await api.execute('{ portfolio(code: "FUND-1") { id } }');
    expect(errors![0]!.message).toBe(
      'code "FUND-1" is that of several portfolios, of tenants "default" and "other": give its id',
    );
    await db.database.write('DELETE FROM portfolios WHERE id = $1', [portfolioId(60)]);
  });

  test.each([
    ['code', ' A', 'code " A" begins or ends with a space'],
    ['code', 'A,B', 'code "A,B" has a comma, which separates codes in lists'],
    ['code', 'All', 'code "All" stands for every portfolio in exports'],
    ['code', portfolioId(3), `code "${portfolioId(3)}" is a UUID, which is taken for an id`],
    ['periodsPerYear', 0, 'periodsPerYear 0 is not a whole number from 1 to 366'],
    ['periodsPerYear', 367, 'periodsPerYear 367 is not a whole number from 1 to 366'],
    ['periodsPerYear', null, 'periodsPerYear null is not a whole number from 1 to 366'],
  ])('%s %p is refused', async (field, value, message) => {
    const { errors } = await api.execute(UPSERT, { input: { id: portfolioId(1), [field]: value } });
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });
});

describe('what is wrong is BAD_USER_INPUT that names argument and value', () => {
  test.each([
    ['{ portfolio(id: "abc") { id } }', 'id must be a UUID, but got "abc"'],
    ['{ portfolio { id } }', 'portfolio takes id or code, exactly one of them, but got neither'],
    [
      `{ portfolio(id: "${portfolioId(1)}", code: "A") { id } }`,
      'portfolio takes id or code, exactly one of them, but got both',
    ],
    ['{ portfolio(id: 7) { id } }', 'id must be a UUID, but got 7'],
    ['{ portfolios(ids: ["x"]) { totalCount } }', 'ids must be a UUID, but got "x"'],
    [
      `{ portfolio(id: "${portfolioId(1)}") { rolling30d(asOf: "2021-02-29") { asOf } } }`,
      'asOf must be a calendar date such as 2018-05-11, but got "2021-02-29"',
    ],
    ['{ portfolios(first: 0) { totalCount } }', 'first must be from 1 to 200, but got 0'],
    ['{ portfolios(first: 201) { totalCount } }', 'first must be from 1 to 200, but got 201'],
    [
      '{ portfolios(after: "nonsense") { totalCount } }',
      'after must be a cursor that this list gave, but got "nonsense"',
    ],
    [
      `{ portfolios(after: "${FORGED}") { totalCount } }`,
      `after must be a cursor that this list gave, but got "${FORGED}"`,
    ],
    [
      String.raw`{ portfolios(search: "\u0000") { totalCount } }`,
      'A text holds a NUL character, which cannot be stored or looked for.',
    ],
  ])('%s', async (query, message) => {
    const { errors } = await api.execute(query);
    expect(errors).toHaveLength(1);
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('also in a variable', async () => {
    const { errors } = await api.execute('query ($d: UUID!) { portfolio(id: $d) { id } }', {
      d: 'abc',
    });
    expect(errors).toHaveLength(1);
    expect(errors![0]!.message).toContain('"abc"');
    expect(errors![0]!.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  });

  test('more than 200 ids', async () => {
    const { errors } = await api.execute(LIST, { ids: Array(201).fill(portfolioId(1)) });
    expect(errors![0]).toMatchObject({
      message: 'ids takes at most 200 ids, but got 201',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});

test('what is unexpected is masked, with an id', async () => {
  await db.database.write('ALTER TABLE portfolios RENAME TO hidden');
  try {
    const { errors } = await api.execute('{ portfolios(search: "hidden") { totalCount } }');
    expect(errors![0]!.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
    expect(errors![0]!.message).toMatch(
      /^Something went wrong here; the log has it as [0-9a-f-]{36}\.$/,
    );
  } finally {
    await db.database.write('ALTER TABLE hidden RENAME TO portfolios');
  }
});
