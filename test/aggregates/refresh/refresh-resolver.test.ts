import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AGGREGATE_NAMES } from '../../../src/aggregates/registry.js';
import { pendingDays } from '../../helpers/pending-days.js';
import { createTestApi, type TestApi } from '../../helpers/test-api.js';
import { insertPortfolio, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysFrom } from '../../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
/** Tomorrow is 2024-06-16. */
const NOW = new Date('2024-06-15T23:59:59Z');

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database, { now: () => NOW });
  const rows = daysFrom('2024-03-01', 31).map((day) => ({ day, return: 0.01 }));
  await insertPortfolio(db.database, portfolioId(1), rows);
});
afterAll(async () => {
  await api.close();
  await db.close();
});

interface RefreshResult {
  readonly id: string;
  readonly viewName: string;
  readonly state: string;
}

const FIELDS = `id viewName state from to progress error requestedAt startedAt finishedAt
  pendingAfter { from to coveredByPolicy }`;

async function refresh(argumentsText: string): Promise<RefreshResult> {
  const data = (await api.data(
    `mutation { refreshAggregate(${argumentsText}) { ${FIELDS} } }`,
  )) as { refreshAggregate: RefreshResult };
  return data.refreshAggregate;
}

const find = async (id: string): Promise<unknown> => {
  const data = (await api.data(`{ aggregateRefresh(id: "${id}") { ${FIELDS} } }`)) as {
    aggregateRefresh: unknown;
  };
  return data.aggregateRefresh;
};

/** Makes all days pending again. */
const touch = (): Promise<unknown> =>
  db.database.write('UPDATE portfolio_metrics SET twr_1d = twr_1d + 0.001');
const pending = (): Promise<string[]> => pendingDays(db.database, NAME);

/** The errors that an operation gives, their messages and codes. */
async function refusalsOf(query: string): Promise<unknown[]> {
  const { errors = [] } = await api.execute(query);
  return errors.map(({ message, extensions }) => [message, extensions?.['code']]);
}
const refusal = (message: string): unknown[] => [[message, 'BAD_USER_INPUT']];

describe('refreshAggregate', () => {
  test('over a range gives the refresh when it is over', async () => {
    await touch();
    const done = await refresh(`viewName: ${NAME}, from: "2024-03-05", to: "2024-03-10"`);
    expect(done).toEqual({
      id: expect.stringMatching(/^\d+$/) as unknown,
      viewName: NAME,
      state: 'SUCCEEDED',
      from: '2024-03-05',
      to: '2024-03-10',
      progress: 1,
      error: null,
      requestedAt: expect.stringMatching(/Z$/) as unknown,
      startedAt: expect.stringMatching(/Z$/) as unknown,
      finishedAt: expect.stringMatching(/Z$/) as unknown,
      pendingAfter: [],
    });
    expect(await pending()).toEqual([
      '2024-03-01 to 2024-03-04, by hand',
      '2024-03-11 to 2024-03-31, by hand',
    ]);
    expect(await find(done.id)).toEqual(done);
  });

  test('from a day goes to the newest, to a day from the oldest', async () => {
    await touch();
    expect(await refresh(`viewName: ${NAME}, from: "2024-03-21"`)).toMatchObject({
      from: '2024-03-21',
      to: null,
    });
    expect(await pending()).toEqual(['2024-03-01 to 2024-03-20, by hand']);
    expect(await refresh(`viewName: ${NAME}, to: "2024-03-05"`)).toMatchObject({
      from: null,
      to: '2024-03-05',
    });
    expect(await pending()).toEqual(['2024-03-06 to 2024-03-20, by hand']);
  });

  test('without days takes the whole aggregate', async () => {
    await touch();
    expect(await refresh(`viewName: ${NAME}`)).toMatchObject({ from: null, to: null });
    expect(await pending()).toEqual([]);
    expect(await refresh(`viewName: ${NAME}, from: null, to: null`)).toMatchObject({
      state: 'SUCCEEDED',
      from: null,
      to: null,
    });
  });

  test('with wait: false responds before it has run, and runs in the background', async () => {
    await touch();
    const requested = await refresh(`viewName: ${NAME}, wait: false`);
    expect(requested).toMatchObject({ state: 'QUEUED', progress: 0, startedAt: null });
    const { id } = requested;
    const over = await api.refreshes.wait((await api.refreshes.store.find(id))!);
    expect(over.state).toBe('SUCCEEDED');
    expect(await pending()).toEqual([]);
  });

  test.each([
    [
      'from: "2024-03-10", to: "2024-03-09"',
      'from must not be after to, but got from 2024-03-10 and to 2024-03-09',
    ],
    ['from: "2024-06-17"', 'from must not be after tomorrow (UTC), but got 2024-06-17'],
    ['to: "2024-06-17"', 'to must not be after tomorrow (UTC), but got 2024-06-17'],
    ['from: "2024-02-30"', 'from must be a calendar date such as 2018-05-11, but got "2024-02-30"'],
  ])('refuses %s', async (range, message) => {
    const [before] = await db.database.read<{ count: number }>(
      'SELECT count(*)::int AS count FROM aggregate_refreshes',
    );
    for (const mutation of [
      `refreshAggregate(viewName: ${NAME}, ${range})`,
      `refreshAllAggregates(${range})`,
    ]) {
      expect(await refusalsOf(`mutation { ${mutation} { id } }`)).toEqual(refusal(message));
    }
    expect(await api.refreshes.store.count(null)).toBe(before!.count);
  });

  test('takes tomorrow, and one day alone', async () => {
    const one = await refresh(`viewName: ${NAME}, from: "2024-06-16", to: "2024-06-16"`);
    expect(one).toMatchObject({ state: 'SUCCEEDED', from: '2024-06-16', to: '2024-06-16' });
  });
});

test('refreshAllAggregates refreshes each aggregate over the same days', async () => {
  const { refreshAllAggregates } = (await api.data(
    `mutation { refreshAllAggregates(from: "2024-03-01") { viewName state from to } }`,
  )) as { refreshAllAggregates: unknown };
  expect(refreshAllAggregates).toEqual(
    AGGREGATE_NAMES.map((viewName) => ({
      viewName,
      state: 'SUCCEEDED',
      from: '2024-03-01',
      to: null,
    })),
  );
});

describe('cancelRefresh', () => {
  test('leaves a refresh that is over as it is', async () => {
    const done = await refresh(`viewName: ${NAME}, from: "2024-03-05"`);
    const data = await api.data(`mutation { cancelRefresh(id: "${done.id}") { ${FIELDS} } }`);
    expect(data).toEqual({ cancelRefresh: done });
  });

  test.each(['999999999', 'abc', '-1', '1.5', '', '9'.repeat(30)])(
    'refuses the unknown id "%s"',
    async (id) => {
      expect(await refusalsOf(`mutation { cancelRefresh(id: "${id}") { id } }`)).toEqual(
        refusal(`id must be that of a refresh, but got "${id}"`),
      );
    },
  );
});

describe('aggregateRefresh', () => {
  test.each(['999999999', 'abc', '-1', '1.5', '', '9'.repeat(30)])(
    'of "%s" is null',
    async (id) => {
      expect(await find(id)).toBeNull();
    },
  );
});

describe('aggregateRefreshes', () => {
  interface Page {
    readonly totalCount: number;
    readonly edges: { readonly cursor: string; readonly node: RefreshResult }[];
    readonly pageInfo: Record<string, unknown>;
  }

  const list = async (variables: Record<string, unknown> = {}): Promise<Page> => {
    const data = (await api.data(
      `query ($viewName: AggregateName, $first: Int! = 20, $after: String) {
        aggregateRefreshes(viewName: $viewName, first: $first, after: $after) {
          totalCount edges { cursor node { id viewName state } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } }`,
      variables,
    )) as { aggregateRefreshes: Page };
    return data.aggregateRefreshes;
  };
  const idsOf = ({ edges }: Page): number[] => edges.map(({ node }) => Number(node.id));

  beforeAll(() => refresh(`viewName: ${NAME}`));

  test('come page by page, each once, the newest first', async () => {
    const whole = await list({ first: 200 });
    expect(whole.edges).toHaveLength(whole.totalCount);
    expect(idsOf(whole)).toEqual(idsOf(whole).toSorted((a, b) => b - a));
    expect(whole.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: whole.edges[0]!.cursor,
      endCursor: whole.edges.at(-1)!.cursor,
    });

    const seen: number[] = [];
    let after: unknown = null;
    for (let more = true; more;) {
      const page = await list({ first: 3, after });
      expect(page.totalCount).toBe(whole.totalCount);
      expect(page.pageInfo['hasPreviousPage']).toBe(after !== null);
      seen.push(...idsOf(page));
      after = page.pageInfo['endCursor'];
      more = page.pageInfo['hasNextPage'] as boolean;
    }
    expect(seen).toEqual(idsOf(whole));
  });

  test('are those of one aggregate where one is named', async () => {
    const viewName = 'PORTFOLIO_METRICS_1Y_BETA';
    const { totalCount } = await list({ viewName });
    await refresh(`viewName: ${viewName}`);
    const ofOne = await list({ viewName });
    expect(ofOne).toMatchObject({
      totalCount: totalCount + 1,
      edges: Array.from({ length: totalCount + 1 }, () => ({ node: { viewName } })),
      pageInfo: { hasNextPage: false },
    });
    const all = await list({ first: 200 });
    const others = all.edges.filter(({ node }) => node.viewName === NAME);
    expect((await list({ viewName: NAME })).totalCount).toBe(others.length);
  });

  test('after the last there is none', async () => {
    const after = (await list({ first: 200 })).pageInfo['endCursor'];
    expect(await list({ after })).toMatchObject({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  test.each([
    ['first: 0', 'first must be from 1 to 200, but got 0'],
    ['first: 201', 'first must be from 1 to 200, but got 201'],
    ['after: "nonsense"', 'after must be a cursor that this list gave, but got "nonsense"'],
    // ["abc"]
    ['after: "WyJhYmMiXQ"', 'after must be a cursor that this list gave, but got "WyJhYmMiXQ"'],
  ])('refuses %s', async (argumentsText, message) => {
    expect(await refusalsOf(`{ aggregateRefreshes(${argumentsText}) { totalCount } }`)).toEqual(
      refusal(message),
    );
  });
});
