import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

let db: TestDatabase;
let api: TestApi;

const ID = portfolioId(1);

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  await insertPortfolio(db.database, ID);
});
afterAll(async () => {
  await api.close();
  await db.close();
});

const RECORD = `mutation ($rows: [DailyMetricsInput!]!, $refresh: Boolean! = true) {
  recordDailyMetrics(rows: $rows, refresh: $refresh) {
    inserted updated unchanged from to refreshes { viewName state }
  }
}`;

const row = (asofDate: string, twr1d: number | null, more = {}): Record<string, unknown> => ({
  portfolioId: ID,
  asofDate,
  twr1d,
  ...more,
});

describe('recordDailyMetrics', () => {
  test('records, refreshes, and the windows have it', async () => {
    const rows = [row('2021-03-01', 0.01), row('2021-03-02', 0.03, { portfolioValueBase: 103.5 })];
    const { recordDailyMetrics } = await api.data(RECORD, { rows });
    expect(recordDailyMetrics).toMatchObject({
      inserted: 2,
      updated: 0,
      unchanged: 0,
      from: '2021-03-01',
      to: '2021-03-02',
    });
    expect(recordDailyMetrics.refreshes.map(({ state }: { state: string }) => state)).toEqual(
      Array(4).fill('SUCCEEDED'),
    );
    const { portfolio } = await api.data(`{ portfolio(id: "${ID}") {
      rolling30d { averageReturn peakValue freshness { isStale } } } }`);
    expect(portfolio.rolling30d).toEqual({
      averageReturn: expect.closeTo(0.02, 15),
      peakValue: 103.5,
      freshness: { isStale: false },
    });
  });

  test('sent again changes nothing; changed, it updates', async () => {
    const rows = [row('2021-04-01', 0.01), row('2021-04-02', 0.02)];
    await api.data(RECORD, { rows, refresh: false });
    expect((await api.data(RECORD, { rows, refresh: false })).recordDailyMetrics).toMatchObject({
      inserted: 0,
      updated: 0,
      unchanged: 2,
      refreshes: [],
    });
    const changed = [row('2021-04-01', 0.01), row('2021-04-02', null)];
    expect(
      (await api.data(RECORD, { rows: changed, refresh: false })).recordDailyMetrics,
    ).toMatchObject({
      updated: 1,
      unchanged: 1,
    });
  });

  test('of nothing does nothing', async () => {
    expect((await api.data(RECORD, { rows: [] })).recordDailyMetrics).toEqual({
      inserted: 0,
      updated: 0,
      unchanged: 0,
      from: null,
      to: null,
      refreshes: [],
    });
  });

  test.each([
    [
      [row('2021-05-01', 0.01), row('2999-01-01', 0.01)],
      'Nothing was recorded: rows[1].asofDate "2999-01-01" is after tomorrow (UTC)',
    ],
    [
      [{ ...row('2021-05-01', 0.01), portfolioId: portfolioId(9) }],
      `Nothing was recorded: rows[0].portfolioId "${portfolioId(9)}" is no known portfolio`,
    ],
    [
      [row('2021-05-01', 0.01), row('2021-05-02', 0.01), row('2021-05-01', 0.02)],
      `Nothing was recorded: rows[2].asofDate "2021-05-01" of portfolio ${ID}, pricing pack default, stands on rows[0] too`,
    ],
    [
      [row('2021-05-01', 0.01, { pricingPackId: 'x'.repeat(201) })],
      `Nothing was recorded: rows[0].pricingPackId "${'x'.repeat(201)}" has more than 200 characters`,
    ],
    [
      [row('2021-05-01', 0.01, { pricingPackId: 'half \ud83d' })],
      'Nothing was recorded: rows[0].pricingPackId "half \ud83d" is not Unicode text',
    ],
    [
      [
        row('2021-05-01', 0.01),
        row('2021-05-02', 1e-320, { pricingPackId: 'a\0' }),
        row('2999-01-01', 0.01),
      ],
      'Nothing was recorded: rows[2].asofDate "2999-01-01" is after tomorrow (UTC); rows[1].pricingPackId "a\0" has a NUL character',
    ],
  ])('refuses bad rows by index and field and records nothing: %#', async (rows, message) => {
    const { errors } = await api.execute(RECORD, { rows });
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
    const [stored] = await db.database.read<{ count: number }>(
      `SELECT count(*)::int AS count FROM portfolio_metrics WHERE asof_date >= '2021-05-01'`,
    );
    expect(stored!.count).toBe(0);
  });

  test('names the first 20 of many bad rows, and says how many more there are', async () => {
    const rows = Array.from({ length: 30 }, () => row('2999-01-01', 0.01));
    const { errors } = await api.execute(RECORD, { rows });
    const [, list] = errors![0]!.message.split(': ');
    expect(list!.split('; ')).toHaveLength(20);
    expect(list).toMatch(/^rows\[0\]\..*rows\[19\]\..*, and 10 more$/);
  });

  test('two writers at once lose nothing, whatever order their rows have', async () => {
    const days = Array.from({ length: 400 }, (_, n) =>
      new Date(Date.UTC(2001, 0, 1 + n)).toISOString().slice(0, 10),
    );
    const some = days.slice(0, 300).map((day) => row(day, 0.01));
    const others = days.slice(100).map((day) => row(day, 0.02));
    const [first, second] = await Promise.all([
      api.data(RECORD, { rows: some, refresh: false }),
      api.data(RECORD, { rows: others.toReversed(), refresh: false }),
    ]);
    const counts = [first.recordDailyMetrics, second.recordDailyMetrics];
    expect(counts.map(({ inserted, updated }) => inserted + updated)).toEqual([300, 300]);
    expect(counts.map(({ updated }) => updated).toSorted((a, b) => a - b)).toEqual([0, 200]);
    const stored = await db.database.read(
      `SELECT count(*)::int AS rows, count(*) FILTER (WHERE asof_date BETWEEN $1 AND $2)::int AS both,
        count(DISTINCT twr_1d) FILTER (WHERE asof_date BETWEEN $1 AND $2)::int AS values
      FROM portfolio_metrics WHERE asof_date BETWEEN $3 AND $4`,
      [days[100], days[299], days[0], days.at(-1)],
    );
    // Of the days that both have, one of them has all.
    expect(stored).toEqual([{ rows: 400, both: 200, values: 1 }]);
  });

  test('takes 10,000 rows and not one more', async () => {
    const rows = Array.from({ length: 10_001 }, (_, index) =>
      row(new Date(index * 86_400_000).toISOString().slice(0, 10), 0.001),
    );
    const { errors } = await api.execute(RECORD, { rows, refresh: false });
    expect(errors![0]!.message).toBe('rows takes at most 10000 rows, but got 10001');
    const { recordDailyMetrics } = await api.data(RECORD, { rows: rows.slice(1), refresh: false });
    expect(recordDailyMetrics.inserted).toBe(10_000);
  });
});

const UPSERT = `mutation ($input: PortfolioInput!) {
  upsertPortfolio(input: $input) { id name baseCurrency benchmarkId }
}`;

describe('upsertPortfolio', () => {
  test('makes a portfolio in USD and changes only what is given', async () => {
    const id = portfolioId(50);
    const made = await api.data(UPSERT, { input: { id, name: 'New', benchmarkId: 'B' } });
    expect(made.upsertPortfolio).toEqual({
      id,
      name: 'New',
      baseCurrency: 'USD',
      benchmarkId: 'B',
    });
    const changed = await api.data(UPSERT, { input: { id, baseCurrency: 'EUR' } });
    expect(changed.upsertPortfolio).toEqual({
      id,
      name: 'New',
      baseCurrency: 'EUR',
      benchmarkId: 'B',
    });
    const cleared = await api.data(UPSERT, { input: { id, benchmarkId: null } });
    expect(cleared.upsertPortfolio.benchmarkId).toBeNull();
  });

  test.each([
    [
      { id: portfolioId(51) },
      `name must be given for a new portfolio, but ${portfolioId(51)} is new`,
    ],
    [{ id: portfolioId(51), name: '' }, 'name must not be empty, but got ""'],
    [
      { id: portfolioId(51), name: 'X', baseCurrency: 'usd' },
      'baseCurrency "usd" is not an ISO 4217 currency such as USD',
    ],
    [
      { id: portfolioId(51), name: 'X', baseCurrency: 'ZZZ' },
      'baseCurrency "ZZZ" is not an ISO 4217 currency such as USD',
    ],
    [{ id: portfolioId(51), name: ' \u200b ' }, 'name " \u200b " has no visible character'],
    [
      { id: portfolioId(51), name: 'half \ud83d' },
      String.raw`name "half \ud83d" is not Unicode text`,
    ],
    [
      { id: portfolioId(51), name: 'x'.repeat(201) },
      `name "${'x'.repeat(40)}…" has more than 200 characters`,
    ],
  ])('refuses %j', async (input, message) => {
    const { errors } = await api.execute(UPSERT, { input });
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('keeps the currency and benchmark that rows are recorded with', async () => {
    const id = portfolioId(52);
    await insertPortfolio(db.database, id, [{ day: '2024-01-02', return: 0.01 }]);
    const same = { id, name: 'Renamed', baseCurrency: 'USD', benchmarkId: 'SP500' };
    expect((await api.data(UPSERT, { input: same })).upsertPortfolio.name).toBe('Renamed');
    for (const [field, value, message] of [
      [
        'baseCurrency',
        'EUR',
        `baseCurrency cannot change once rows are recorded: those of ${id} are with "USD", but got "EUR"`,
      ],
      [
        'benchmarkId',
        null,
        `benchmarkId cannot change once rows are recorded: those of ${id} are with "SP500", but got null`,
      ],
    ]) {
      const { errors } = await api.execute(UPSERT, { input: { id, [field!]: value } });
      expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
    }
  });
});
