import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import {
  insertPortfolio,
  insertRows,
  portfolioId,
  refreshAll,
  type TestRow,
} from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

let db: TestDatabase;
let api: TestApi;

const ID = portfolioId(1000);
const ROWS = [
  { day: '2024-01-31', value: 100 },
  { day: '2024-02-01', return: 0.01, value: 101, benchmark: 0.02, beta: 1.1, alpha: 0.1 },
  { day: '2024-02-02', return: 0.5, value: 150, benchmark: 0.5, beta: 9 },
  // The day is restated, whole: its beta too, which this pack does not have.
  { day: '2024-02-02', pack: 'corrected', return: 0.03, value: 104, benchmark: 0.01 },
  { day: '2024-02-29', return: -0.02, value: 102, benchmark: -0.01, trackingError: 0.2 },
];

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  await insertPortfolio(db.database, ID, ROWS);
  await refreshAll(db.database, '2024-01-01', '2024-03-31');
});
afterAll(async () => {
  await api.close();
  await db.close();
});

async function portfolio(fields: string, id = ID): Promise<Record<string, unknown>> {
  return ((await api.data(`{ portfolio(id: "${id}") { ${fields} } }`)) as Record<string, never>)[
    'portfolio'
  ]!;
}

describe('a window', () => {
  test('ends on the last day the aggregate holds for the portfolio unless asOf is given', async () => {
    expect(
      await portfolio(`rolling30d {
        window asOf windowStart firstObservation lastObservation observations riskFreeDaily
        cumulativeReturn peakValue troughValue drawdown }`),
    ).toEqual({
      rolling30d: {
        window: 'THIRTY_DAYS',
        asOf: '2024-02-29',
        windowStart: '2024-01-31',
        firstObservation: '2024-01-31',
        lastObservation: '2024-02-29',
        observations: 3,
        riskFreeDaily: 0.0001,
        cumulativeReturn: 1.01 * 1.03 * 0.98 - 1,
        peakValue: 104,
        troughValue: 100,
        drawdown: (104 - 100) / 104,
      },
    });
  });

  test('takes any asOf, also one without a row', async () => {
    const { rolling60d } = await portfolio(
      'rolling60d(asOf: "2024-03-03") { asOf windowStart lastObservation observations averageReturn }',
    );
    expect(rolling60d).toEqual({
      asOf: '2024-03-03',
      windowStart: '2024-01-04',
      lastObservation: '2024-02-29',
      observations: 3,
      averageReturn: expect.closeTo((0.01 + 0.03 - 0.02) / 3, 15) as unknown,
    });
  });

  test('is null without a row in it, and there with a row but no return', async () => {
    expect(
      await portfolio(`
        before: rolling30d(asOf: "2024-01-30") { asOf }
        first: rolling30d(asOf: "2024-01-31") { observations averageReturn maxDrawdown peakValue }
        after: rolling90d(asOf: "2024-05-30") { asOf }`),
    ).toEqual({
      before: null,
      first: { observations: 0, averageReturn: null, maxDrawdown: null, peakValue: 100 },
      after: null,
    });
  });

  test('of one year reads benchmark and reported columns, each day as restated last', async () => {
    const { rolling1y } = await portfolio(`rolling1y {
      benchmarkObservations averageBeta averageAlpha averageTrackingError }`);
    expect(rolling1y).toEqual({
      benchmarkObservations: 3,
      averageBeta: 1.1,
      averageAlpha: 0.1,
      averageTrackingError: 0.2,
    });
  });

  test('takes riskFreeDaily', async () => {
    const { high, none } = (await portfolio(`
      high: rolling90d(riskFreeDaily: 0.01) { sharpeRatio riskFreeDaily }
      none: rolling90d(riskFreeDaily: 0) { sharpeRatio sharpeStandardError }`)) as Record<
      string,
      { sharpeRatio: number }
    >;
    expect(high!.sharpeRatio).toBeLessThan(0);
    expect(none!.sharpeRatio).toBeGreaterThan(0);
  });

  test.each(['0.0101', '-0.02', '1e999', '-1e999'])('takes no yearly rate: %s', async (rate) => {
    for (const field of [
      `rolling30d(riskFreeDaily: ${rate}) { sharpeRatio }`,
      `rolling1y(riskFreeDaily: ${rate}) { alpha }`,
      `rollingSeries(window: ONE_YEAR, metrics: [ALPHA], from: "2024-01-01", to: "2024-01-02", riskFreeDaily: ${rate}) { days }`,
    ]) {
      const { errors } = await api.execute(`{ portfolio(id: "${ID}") { ${field} } }`);
      expect(errors![0]).toMatchObject({
        message: expect.stringMatching(
          /^riskFreeDaily is a rate per day: 2 % a year is 0.000079. .* but got -?[\dI]/,
        ),
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
    const { errors } = await api.execute(
      `{ ranking(metric: ALPHA, window: ONE_YEAR, riskFreeDaily: ${rate}) { total } }`,
    );
    expect(errors![0]!.message).toContain('is a rate per day: 2 % a year is 0.000079');
  });

  test.each([
    ['rolling1y { drawdown }', 'drawdown is served by rolling30d, rolling60d.'],
    ['rolling90d { averageBeta }', 'averageBeta is served by rolling1y.'],
  ])('says which windows serve a metric: %s', async (field, hint) => {
    const { errors } = await api.execute(`{ portfolio(id: "${ID}") { ${field} } }`);
    expect(errors![0]!.message).toMatch(
      new RegExp(`^Cannot query field "\\w+" on type "Rolling\\w+"\\. ${hint}$`),
    );
  });

  test('has results at the edges of the calendar', async () => {
    expect(
      await portfolio(`
        early: rolling1y(asOf: "0001-01-01") { asOf }
        late: rolling1y(asOf: "9999-12-31") { asOf }`),
    ).toEqual({ early: null, late: null });
  });
});

describe('reported columns', () => {
  const reported = (): string[] => db.statements.filter((sql) => sql.includes('reported_'));
  const fragments = `query Fragments { portfolio(id: "${ID}") { ...Window } }
    fragment Window on Portfolio { year: rolling1y { ... on Rolling1yMetrics { ...Mean } } }
    fragment Mean on Rolling1yMetrics { mean: averageBeta beta }`;

  test('are not read where none of them is requested', async () => {
    const fresh = await createTestApi(db.database);
    db.statements.length = 0;
    await fresh.data(`{ portfolio(id: "${ID}") { rolling1y { beta benchmarkObservations } } }`);
    expect([db.statements.length > 0, reported()]).toEqual([true, []]);
    await fresh.close();
  });

  test('are read where one is, under whatever name', async () => {
    const fresh = await createTestApi(db.database, { maxBytes: 0 });
    db.statements.length = 0;
    // The second time a document comes, it is compiled.
    for (let n = 0; n < 3; n++) {
      const { portfolio: result } = await fresh.data(fragments);
      expect(result).toEqual({ year: { mean: 1.1, beta: expect.any(Number) as unknown } });
    }
    expect(reported()).toHaveLength(3);
    await fresh.close();
  });

  test('are read where they were not needed before', async () => {
    const fresh = await createTestApi(db.database);
    await fresh.data(`{ portfolio(id: "${ID}") { rolling1y { beta } } }`);
    const { portfolio: result } = await fresh.data(fragments);
    expect(result).toMatchObject({ year: { mean: 1.1 } });
    await fresh.close();
  });

  test('are read for a series of one of them', async () => {
    const fresh = await createTestApi(db.database);
    const series = (metrics: string): string =>
      `rollingSeries(window: ONE_YEAR, metrics: [${metrics}], from: "2024-02-29", to: "2024-02-29") { columns { values } }`;
    const { portfolio: result } = await fresh.data(
      `{ portfolio(id: "${ID}") { a: ${series('BETA')} b: ${series('BETA, AVERAGE_BETA')} } }`,
    );
    expect(result).toMatchObject({ b: { columns: [{}, { values: [1.1] }] } });
    await fresh.close();
  });
});

test('firstDay and lastDay are of portfolio_metrics', async () => {
  expect(await portfolio('firstDay lastDay')).toEqual({
    firstDay: '2024-01-31',
    lastDay: '2024-02-29',
  });
});

test('a row in another portfolio or outside the window changes nothing inside', async () => {
  const fields = 'rolling1y(asOf: "2024-02-29") { volatility beta alpha maxDrawdown observations }';
  const id = portfolioId(1002);
  await insertPortfolio(db.database, id, ROWS);
  await refreshAll(db.database, '2024-01-01', '2024-03-31');
  const before = await portfolio(fields, id);
  await insertPortfolio(db.database, portfolioId(1001), [{ day: '2024-02-10', return: 0.9 }]);
  await insertRows(db.database, id, [{ day: '2023-02-28', return: 9 }]);
  await insertRows(db.database, id, [{ day: '2024-03-01', return: 9 }]);
  await refreshAll(db.database, '2023-02-01', '2024-03-31');
  expect(before).toMatchObject({ rolling1y: { observations: 3 } });
  expect(await portfolio(fields, id)).toEqual(before);
});

test('a page of 100 portfolios with four windows each takes one statement for all windows', async () => {
  for (let n = 1; n <= 100; n++) {
    await insertPortfolio(db.database, portfolioId(n), [
      { day: '2020-01-02', return: 0.01, value: 100, benchmark: 0.02 },
      { day: '2020-01-03', return: n / 1000, value: 101, benchmark: 0.01 },
    ]);
  }
  await refreshAll(db.database, '2020-01-02', '2020-01-03');
  db.statements.length = 0;
  const { portfolios } = (await api.data(`{
    portfolios(first: 100) { edges { node {
      rolling30d { averageReturn freshness { isStale } } rolling60d { volatility }
      rolling90d { sharpeRatio } rolling1y { beta }
    } } }
  }`)) as { portfolios: { edges: { node: Record<string, unknown> }[] } };
  expect(portfolios.edges).toHaveLength(100);
  expect(portfolios.edges[4]!.node['rolling30d']).toEqual({
    averageReturn: (0.01 + 0.005) / 2,
    freshness: { isStale: false },
  });
  // The snapshot is read before the page and before the windows.
  expect(db.statements).toHaveLength(4);
});

describe('rollingSeries', () => {
  const SERIES_ID = portfolioId(1003);
  /** February and March 2024, every day but weekends. */
  const rows: TestRow[] = [];
  for (let day = Date.UTC(2024, 1, 1); day < Date.UTC(2024, 3, 1); day += 86_400_000) {
    const date = new Date(day);
    if (date.getUTCDay() % 6 === 0) continue;
    const n = rows.length;
    rows.push({
      day: date.toISOString().slice(0, 10),
      return: Math.sin(n) / 50,
      benchmark: Math.cos(n) / 60,
      value: 100 + n,
    });
  }

  beforeAll(async () => {
    await insertPortfolio(db.database, SERIES_ID, rows);
    await refreshAll(db.database, '2024-01-01', '2024-04-30');
  });

  interface Series {
    readonly days: string[];
    readonly observations: number[];
    readonly columns: { readonly metric: string; readonly values: (number | null)[] }[];
    readonly freshness: Record<string, unknown>;
  }

  async function series(argumentsText: string): Promise<Series> {
    const data =
      (await api.data(`{ portfolio(id: "${SERIES_ID}") { rollingSeries(${argumentsText}) {
      days observations columns { metric values } freshness { isStale staleReason } } } }`)) as {
        portfolio: { rollingSeries: Series };
      };
    return data.portfolio.rollingSeries;
  }

  test('gives each day with a row the value of the window that ends on it', async () => {
    const { days, observations, columns } = await series(
      'window: THIRTY_DAYS, metrics: [VOLATILITY, PEAK_VALUE, VOLATILITY], from: "2024-03-02", to: "2024-03-31"',
    );
    expect(days).toEqual(rows.map(({ day }) => day).filter((day) => day >= '2024-03-02'));
    expect(columns.map(({ metric }) => metric)).toEqual(['VOLATILITY', 'PEAK_VALUE', 'VOLATILITY']);
    expect(columns[2]!.values).toEqual(columns[0]!.values);
    for (const [index, day] of days.entries()) {
      const { rolling30d } = await portfolio(
        `rolling30d(asOf: "${day}") { observations volatility peakValue }`,
        SERIES_ID,
      );
      const { observations: count, volatility, peakValue } = rolling30d as Record<string, number>;
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
      `{ portfolio(id: "${SERIES_ID}") { rollingSeries(${argumentsText}) { days } } }`,
    );
    expect(errors).toHaveLength(1);
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('and windows of one aggregate share one read, over the widest range', async () => {
    await api.data(`{ portfolio(id: "${SERIES_ID}") { name } }`);
    db.statements.length = 0;
    await api.data(`{ portfolio(id: "${SERIES_ID}") {
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
