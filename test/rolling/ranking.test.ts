import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import DataLoader from 'dataloader';
import { LOCAL_CALLER } from '../../src/access/caller.js';
import { createContext } from '../../src/graphql/context.js';
import {
  RankingResolver,
  type Ranking as RankingOutcome,
} from '../../src/rolling/ranking-resolver.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, insertRows, portfolioId, refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { createTestServices } from '../helpers/test-services.js';

let db: TestDatabase;
let api: TestApi;

const LAST_DAY = '2024-03-12';

/** Twelve days of rows that end on LAST_DAY. */
function twelveDays(
  dailyReturn: number,
  first = 1,
): { day: string; return: number; value: number; benchmark: number }[] {
  return Array.from({ length: 13 - first }, (_, index) => ({
    day: `2024-03-${String(index + first).padStart(2, '0')}`,
    return: dailyReturn * (index % 2 === 0 ? 1 : 2),
    value: 1000 * dailyReturn,
    benchmark: index / 1000,
  }));
}

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  const { database } = db;
  await insertPortfolio(database, portfolioId(1), twelveDays(0.01));
  await insertPortfolio(database, portfolioId(3), twelveDays(0.02));
  await insertPortfolio(database, portfolioId(2), twelveDays(0.02));
  await insertPortfolio(database, portfolioId(4), twelveDays(0.09, 10), { name: 'Three days old' });
  await insertPortfolio(database, portfolioId(5), twelveDays(0.03), {
    currency: 'EUR',
    benchmark: 'STOXX',
  });
  await insertPortfolio(database, portfolioId(6), [], { benchmark: null });
  await refreshAll(database, '2024-02-01', '2024-03-31');
});
afterAll(async () => {
  await api.close();
  await db.close();
});

interface Ranking {
  readonly asOf: string | null;
  readonly total: number;
  readonly minObservations: number;
  readonly entries: {
    rank: number;
    value: number;
    observations: number;
    portfolio: { id: string };
  }[];
  readonly leftOut: { reason: string; count: number }[];
  readonly freshness: { isStale: boolean; staleReason: string | null };
}

async function ranking(argumentsText: string): Promise<Ranking> {
  const data =
    (await api.data(`{ ranking(${argumentsText}) { asOf total minObservations leftOut { reason count }
    entries { rank value observations portfolio { id } } freshness { isStale staleReason } } }`)) as {
      ranking: Ranking;
    };
  return data.ranking;
}

const idsOf = ({ entries }: Ranking): string[] => entries.map(({ portfolio }) => portfolio.id);

describe('ranking', () => {
  test('orders by value, the greatest first, ties by id, and leaves out the too young', async () => {
    const result = await ranking('metric: AVERAGE_RETURN, window: THIRTY_DAYS');
    expect(result).toMatchObject({
      asOf: LAST_DAY,
      total: 4,
      minObservations: 10,
      freshness: { isStale: false, staleReason: null },
    });
    expect(idsOf(result)).toEqual([5, 2, 3, 1].map(portfolioId));
    expect(result.entries.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
    expect(result.entries[0]).toMatchObject({
      value: expect.closeTo(0.045, 15) as unknown,
      observations: 12,
    });
  });

  test('orders the least first with ASC, ties by id still', async () => {
    const result = await ranking(
      'metric: AVERAGE_RETURN, window: THIRTY_DAYS, direction: ASC, first: 3',
    );
    expect(idsOf(result)).toEqual([1, 2, 3].map(portfolioId));
    expect(result.total).toBe(4);
  });

  test('takes minObservations and asOf', async () => {
    const young = await ranking('metric: AVERAGE_RETURN, window: SIXTY_DAYS, minObservations: 1');
    expect(idsOf(young)[0]).toBe(portfolioId(4));
    const early = await ranking(
      'metric: AVERAGE_RETURN, window: SIXTY_DAYS, minObservations: 1, asOf: "2024-03-09"',
    );
    expect(early).toMatchObject({ asOf: '2024-03-09', total: 4 });
    const never = await ranking('metric: VOLATILITY, window: ONE_YEAR, asOf: "1999-01-01"');
    expect(never).toMatchObject({
      asOf: '1999-01-01',
      total: 0,
      entries: [],
      minObservations: 120,
    });
  });

  test('says how many have no value, and why', async () => {
    const young = await ranking('metric: AVERAGE_RETURN, window: THIRTY_DAYS');
    expect(young).toMatchObject({
      total: 4,
      leftOut: [
        { reason: 'NO_ROWS', count: 1 },
        { reason: 'TOO_FEW_OBSERVATIONS', count: 1 },
      ],
    });
    const never = await ranking('metric: VOLATILITY, window: ONE_YEAR, asOf: "1999-01-01"');
    expect(never).toMatchObject({ total: 0, leftOut: [{ reason: 'NO_ROWS', count: 6 }] });
    // The metric needs two, whatever is requested.
    const one = await ranking(
      'metric: VOLATILITY, window: THIRTY_DAYS, minObservations: 0, asOf: "2024-03-01"',
    );
    expect(one).toMatchObject({
      total: 0,
      leftOut: [
        { reason: 'NO_ROWS', count: 2 },
        { reason: 'TOO_FEW_OBSERVATIONS', count: 4 },
      ],
    });
    // Returns above the rate have no shortfall to divide by.
    const undefinedOne = await ranking(
      'metric: SORTINO_RATIO, window: THIRTY_DAYS, riskFreeDaily: 0.01, baseCurrency: "EUR"',
    );
    expect(undefinedOne).toMatchObject({ total: 0, leftOut: [{ reason: 'UNDEFINED', count: 1 }] });
    const all = await ranking('metric: VOLATILITY, window: THIRTY_DAYS, benchmarkId: "STOXX"');
    expect(all).toMatchObject({ total: 1, leftOut: [] });
  });

  test('annualises each portfolio by its own periods', async () => {
    const ranked = 'metric: VOLATILITY, window: THIRTY_DAYS, first: 2';
    const [first, second] = (await ranking(ranked)).entries;
    expect([first, second].map((entry) => entry!.portfolio.id)).toEqual([5, 2].map(portfolioId));
    const set = (periodsPerYear: number): Promise<unknown> =>
      api.data(
        `mutation { upsertPortfolio(input: { id: "${portfolioId(5)}", periodsPerYear: ${periodsPerYear} }) { id } }`,
      );
    await set(12);
    const changed = await ranking(ranked.replace('first: 2', 'first: 5'));
    expect(idsOf(changed)).toEqual([2, 3, 1, 5].map(portfolioId));
    expect(changed.entries[3]!.value).toBeCloseTo(first!.value * Math.sqrt(12 / 252), 14);
    await set(252);
    expect((await ranking(ranked)).entries).toEqual([first, second]);
  });

  test.each([
    [
      'metric: PEAK_VALUE, window: THIRTY_DAYS',
      'PEAK_VALUE cannot be ranked over several currencies (EUR, USD): give baseCurrency',
    ],
    [
      'metric: BETA, window: ONE_YEAR, minObservations: 2',
      'BETA cannot be ranked over several benchmarks (SP500, STOXX): give benchmarkId',
    ],
    ...['AVERAGE_BETA', 'AVERAGE_ALPHA', 'AVERAGE_TRACKING_ERROR'].map((metric) => [
      `metric: ${metric}, window: ONE_YEAR, minObservations: 1`,
      `${metric} cannot be ranked over several benchmarks (SP500, STOXX): give benchmarkId`,
    ]),
    [
      'metric: AVERAGE_BETA, window: THIRTY_DAYS',
      'AVERAGE_BETA is not served by the window THIRTY_DAYS, only by ONE_YEAR',
    ],
    ['metric: VOLATILITY, window: ONE_YEAR, first: 0', 'first must be from 1 to 200, but got 0'],
  ])('refuses %s', async (argumentsText, message) => {
    const { errors } = await api.execute(`{ ranking(${argumentsText}) { total } }`);
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('compares values in one currency and betas against one benchmark', async () => {
    const peaks = await ranking('metric: PEAK_VALUE, window: THIRTY_DAYS, baseCurrency: "USD"');
    expect(idsOf(peaks)).toEqual([2, 3, 1].map(portfolioId));
    const betas = await ranking(
      'metric: BETA, window: ONE_YEAR, minObservations: 2, benchmarkId: "STOXX"',
    );
    expect(idsOf(betas)).toEqual([portfolioId(5)]);
  });

  test('knows only portfolios and loads those of its entries in one batch', async () => {
    const calm = await createTestApi(db.database, { snapshotMaxAge: 3_600_000 });
    db.statements.length = 0;
    const { ranking: named } =
      (await calm.data(`{ ranking(metric: VOLATILITY, window: THIRTY_DAYS) {
      entries { portfolio { name rolling60d { peakValue } } } } }`)) as {
        ranking: { entries: unknown[] };
      };
    expect(named.entries).toHaveLength(4);
    // Candidates, snapshot, window, portfolios, and their other window.
    expect(db.statements).toHaveLength(5);
    await calm.close();
  });

  test('leaves out a portfolio that was deleted while it was ranked', async () => {
    const context = createContext(createTestServices(db.database), {
      caller: LOCAL_CALLER,
      requestId: 'test',
    });
    const rank = async (gone: string | null): Promise<RankingOutcome> => {
      const { portfolios, portfolioStore } = context;
      const byId = new DataLoader(async (ids: readonly string[]) =>
        (await portfolioStore.findByIds(ids)).map((found) => (found?.id === gone ? null : found)),
      );
      return new RankingResolver().ranking(
        ...(['VOLATILITY', 'THIRTY_DAYS', null, 'DESC', 20, null, null, null, 0] as const),
        { ...context, portfolios: { ...portfolios, byId } },
      );
    };
    const whole = await rank(null);
    const left = await rank(whole.entries[0]!.portfolioId);
    expect(left.total).toBe(whole.total - 1);
    const ids = whole.entries.slice(1).map((entry) => entry.portfolioId);
    expect(left.entries.map((entry) => [entry.rank, entry.portfolioId])).toEqual(
      ids.map((id, index) => [index + 1, id]),
    );
  });

  test('says when its days are stale', async () => {
    await insertRows(db.database, portfolioId(1), [{ day: '2024-03-13', return: 0.5 }]);
    const open = await ranking('metric: AVERAGE_RETURN, window: THIRTY_DAYS');
    expect(open).toMatchObject({ asOf: LAST_DAY, freshness: { isStale: true } });
    expect(open.freshness.staleReason).toContain('2024-03-13');
    const asked = await ranking(`metric: AVERAGE_RETURN, window: THIRTY_DAYS, asOf: "${LAST_DAY}"`);
    expect(asked.freshness.isStale).toBe(false);
    await db.database.write(`DELETE FROM portfolio_metrics WHERE asof_date = '2024-03-13'`);
    await refreshAll(db.database, '2024-03-13', '2024-03-13');
  });
});

test('an empty aggregate ranks no portfolio and has no asOf', async () => {
  const empty = await openTestDatabase();
  const emptyApi = await createTestApi(empty.database);
  try {
    const data = await emptyApi.data(
      '{ ranking(metric: VOLATILITY, window: NINETY_DAYS) { asOf total entries { rank } freshness { isStale } } }',
    );
    expect(data).toEqual({
      ranking: { asOf: null, total: 0, entries: [], freshness: { isStale: false } },
    });
  } finally {
    await emptyApi.close();
    await empty.close();
  }
});
