import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId, refreshAll, type TestRow } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

let db: TestDatabase;
let api: TestApi;

const ID = portfolioId(1);
/** February and March 2024, every day but weekends. */
const ROWS: TestRow[] = [];
for (let day = Date.UTC(2024, 1, 1); day < Date.UTC(2024, 3, 1); day += 86_400_000) {
  const date = new Date(day);
  if (date.getUTCDay() % 6 === 0) continue;
  const n = ROWS.length;
  ROWS.push({
    day: date.toISOString().slice(0, 10),
    return: Math.sin(n) / 50,
    benchmark: Math.cos(n) / 60,
    value: 100 + n,
  });
}

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  await insertPortfolio(db.database, ID, ROWS);
  await refreshAll(db.database, '2024-01-01', '2024-04-30');
});
afterAll(async () => {
  await api.close();
  await db.close();
});

interface Series {
  readonly days: string[];
  readonly observations: number[];
  readonly columns: { readonly metric: string; readonly values: (number | null)[] }[];
  readonly freshness: Record<string, unknown>;
}

async function series(argumentsText: string): Promise<Series> {
  const data = (await api.data(`{ portfolio(id: "${ID}") { rollingSeries(${argumentsText}) {
    days observations columns { metric values } freshness { isStale staleReason } } } }`)) as {
    portfolio: { rollingSeries: Series };
  };
  return data.portfolio.rollingSeries;
}

describe('rollingSeries', () => {
  test('gives each day with a row the value of the window that ends on it', async () => {
    const { days, observations, columns } = await series(
      'window: THIRTY_DAYS, metrics: [VOLATILITY, PEAK_VALUE, VOLATILITY], from: "2024-03-02", to: "2024-03-31"',
    );
    expect(days).toEqual(ROWS.map(({ day }) => day).filter((day) => day >= '2024-03-02'));
    expect(columns.map(({ metric }) => metric)).toEqual(['VOLATILITY', 'PEAK_VALUE', 'VOLATILITY']);
    expect(columns[2]!.values).toEqual(columns[0]!.values);
    for (const [index, day] of days.entries()) {
      const { portfolio } = (await api.data(
        `{ portfolio(id: "${ID}") { rolling30d(asOf: "${day}") { observations volatility peakValue } } }`,
      )) as { portfolio: { rolling30d: Record<string, number> } };
      const { observations: count, volatility, peakValue } = portfolio.rolling30d;
      expect(observations[index]).toBe(count);
      expect(columns[0]!.values[index]).toBeCloseTo(volatility!, 14);
      expect(columns[1]!.values[index]).toBe(peakValue);
    }
  });

  test('of an empty range has empty arrays', async () => {
    const empty = await series(
      'window: ONE_YEAR, metrics: [BETA], from: "2010-01-01", to: "2010-12-31"',
    );
    expect(empty).toMatchObject({
      days: [],
      observations: [],
      columns: [{ metric: 'BETA', values: [] }],
    });
  });

  test('leaves out values from fewer observations than minObservations', async () => {
    const { columns } = await series(
      'window: NINETY_DAYS, metrics: [AVERAGE_RETURN], from: "2024-02-01", to: "2024-02-07", minObservations: 3',
    );
    expect(columns[0]!.values.map((value) => value === null)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('takes 40 years and not a day more', async () => {
    await expect(
      series('window: ONE_YEAR, metrics: [BETA], from: "1984-02-29", to: "2024-02-29"'),
    ).resolves.toMatchObject({ days: expect.arrayContaining(['2024-02-29']) as unknown });
  });

  test.each([
    [
      'window: SIXTY_DAYS, metrics: [VOLATILITY, BETA], from: "2024-01-01", to: "2024-01-02"',
      'BETA is not served by the window SIXTY_DAYS, only by ONE_YEAR',
    ],
    [
      'window: ONE_YEAR, metrics: [PEAK_VALUE], from: "2024-01-01", to: "2024-01-02"',
      'PEAK_VALUE is not served by the window ONE_YEAR, only by THIRTY_DAYS, SIXTY_DAYS',
    ],
    [
      'window: SIXTY_DAYS, metrics: [], from: "2024-01-01", to: "2024-01-02"',
      'metrics must name at least one metric, but got []',
    ],
    [
      'window: SIXTY_DAYS, metrics: [VOLATILITY], from: "2024-01-03", to: "2024-01-02"',
      'from must not be after to, but got from 2024-01-03 and to 2024-01-02',
    ],
    [
      'window: SIXTY_DAYS, metrics: [VOLATILITY], from: "1950-01-01", to: "2026-01-01"',
      'rollingSeries takes at most 40 years, but got 1950-01-01 to 2026-01-01',
    ],
    [
      'window: SIXTY_DAYS, metrics: [VOLATILITY], from: "2024-01-01", to: "2024-01-02", minObservations: -1',
      'minObservations must not be negative, but got -1',
    ],
  ])('refuses %s', async (argumentsText, message) => {
    const { errors } = await api.execute(
      `{ portfolio(id: "${ID}") { rollingSeries(${argumentsText}) { days } } }`,
    );
    expect(errors).toHaveLength(1);
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('and windows of one aggregate share one read, over the widest range', async () => {
    db.statements.length = 0;
    await api.data(`{ portfolio(id: "${ID}") {
      rolling1y { beta }
      old: rolling1y(asOf: "2024-02-20") { beta }
      a: rollingSeries(window: ONE_YEAR, metrics: [BETA], from: "2024-03-01", to: "2024-03-31") { days }
      b: rollingSeries(window: ONE_YEAR, metrics: [ALPHA, BETA], from: "2024-02-01", to: "2024-02-29") { days }
      rolling30d { volatility }
      c: rollingSeries(window: THIRTY_DAYS, metrics: [DRAWDOWN], from: "2024-02-01", to: "2024-02-29") { days }
    } }`);
    // The snapshot, before the portfolio, which is known, and before its days; and one read of these.
    expect(db.statements).toHaveLength(3);
  });
});
