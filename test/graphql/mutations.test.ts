import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AGGREGATE_NAMES } from '../../src/aggregates/registry.js';
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
      AGGREGATE_NAMES.map(() => 'SUCCEEDED'),
    );
    const { portfolio } = await api.data(`{ portfolio(id: "${ID}") {
      rolling30d(asOf: "2021-03-02") { averageReturn peakValue freshness { isStale } } } }`);
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
      [row('2021-05-01', -1), row('2021-05-02', -1.0001)],
      'Nothing was recorded: rows[1].twr1d "-1.0001" is below -1: more than all was lost',
    ],
    [
      [row('1900-01-01', 0.01), row('1899-12-31', 0.01)],
      'Nothing was recorded: rows[1].asofDate "1899-12-31" is before 1900-01-01',
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
    const stored = (): Promise<unknown> =>
      db.database.read('SELECT count(*)::int AS rows FROM portfolio_metrics');
    const before = await stored();
    const { errors } = await api.execute(RECORD, { rows });
    expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
    expect(await stored()).toEqual(before);
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

describe('deleting', () => {
  const FUND = portfolioId(40);
  const OTHER = portfolioId(41);
  /** With the rows of FUND, each for one test that changes them. */
  const [RESTATED, SHORTENED, DELETED] = [portfolioId(42), portfolioId(43), portfolioId(44)];
  /** With the rows of OTHER. */
  const SUSPECT = portfolioId(45);
  const DAYS = Array.from({ length: 10 }, (_, n) => `2020-05-${String(n + 4).padStart(2, '0')}`);
  const rowsOf = (id: string): Record<string, unknown>[] =>
    DAYS.map((asofDate, n) =>
      row(asofDate, n / 100, { portfolioId: id, portfolioValueBase: 100 + n }),
    );
  const DELETE_DAYS = `mutation ($id: UUID!, $from: LocalDate!, $to: LocalDate!, $pack: String, $dryRun: Boolean! = false) {
    deleteDailyMetrics(portfolioId: $id, from: $from, to: $to, pricingPackId: $pack, dryRun: $dryRun) {
      deleted from to refreshes { state } } }`;
  const DELETE_PORTFOLIO = `mutation ($id: UUID!, $dryRun: Boolean! = false) {
    deletePortfolio(id: $id, dryRun: $dryRun) { deleted from to refreshes { state } } }`;
  const READ = `query ($id: UUID!, $from: LocalDate, $to: LocalDate) { portfolio(id: $id) { firstDay lastDay
    dailySeries(from: $from, to: $to) { days pricingPackIds returns values benchmarkReturns }
    rolling30d(asOf: "2020-05-13") { observations cumulativeReturn freshness { isStale } } } }`;
  const SUCCEEDED = AGGREGATE_NAMES.map(() => ({ state: 'SUCCEEDED' }));

  beforeAll(async () => {
    const funds = [FUND, RESTATED, SHORTENED, DELETED];
    const ids = [...funds, OTHER, SUSPECT];
    for (const id of ids) await insertPortfolio(db.database, id);
    // A day that is restated, and one whose figures are taken back.
    const late = funds.map((id) => row(DAYS[8]!, -0.5, { portfolioId: id, pricingPackId: 'late' }));
    const empty = funds.map((id) =>
      row(DAYS[9]!, null, { portfolioId: id, portfolioValueBase: null }),
    );
    for (const rows of [[...ids.flatMap(rowsOf), ...late], empty]) await api.data(RECORD, { rows });
    await db.database.write(`SELECT compress_chunk(show_chunks('portfolio_metrics'), true)`);
  });

  test('what is recorded can be read back, each day as it was sent last', async () => {
    const { portfolio } = await api.data(READ, { id: FUND, from: DAYS[7], to: DAYS[9] });
    expect(portfolio.dailySeries).toEqual({
      days: DAYS.slice(7),
      pricingPackIds: ['default', 'late', 'default'],
      returns: [0.07, -0.5, null],
      values: [107, null, null],
      benchmarkReturns: [null, null, null],
    });
    const whole = await api.data(READ, { id: FUND });
    expect(whole.portfolio.dailySeries.days).toEqual(DAYS);
    const none = await api.data(READ, { id: FUND, from: '2020-06-01' });
    expect(none.portfolio.dailySeries.days).toEqual([]);
    for (const [range, message] of [
      [
        'from: "1950-01-01", to: "2020-01-01"',
        'dailySeries takes at most 40 years, but got 1950-01-01 to 2020-01-01',
      ],
      [
        'from: "2020-02-01", to: "2020-01-01"',
        'from must not be after to, but got from 2020-02-01 and to 2020-01-01',
      ],
    ]) {
      const { errors } = await api.execute(
        `{ portfolio(id: "${FUND}") { dailySeries(${range}) { days } } }`,
      );
      expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
    }
  });

  test('a dry run says what would go, and changes nothing', async () => {
    const before = await api.data(READ, { id: FUND });
    const days = { id: FUND, from: DAYS[8], to: DAYS[9], dryRun: true };
    expect((await api.data(DELETE_DAYS, days)).deleteDailyMetrics).toEqual({
      deleted: 3,
      from: DAYS[8],
      to: DAYS[9],
      refreshes: [],
    });
    expect((await api.data(DELETE_PORTFOLIO, { id: FUND, dryRun: true })).deletePortfolio).toEqual({
      deleted: 11,
      from: DAYS[0],
      to: DAYS[9],
      refreshes: [],
    });
    expect(await api.data(READ, { id: FUND })).toEqual(before);
  });

  test('of one pricing pack lets the one before count again', async () => {
    const { deleteDailyMetrics } = await api.data(DELETE_DAYS, {
      id: RESTATED,
      from: DAYS[0],
      to: DAYS[9],
      pack: 'late',
    });
    expect(deleteDailyMetrics).toEqual({
      deleted: 1,
      from: DAYS[8],
      to: DAYS[8],
      refreshes: SUCCEEDED,
    });
    const { portfolio } = await api.data(READ, { id: RESTATED, from: DAYS[8], to: DAYS[8] });
    expect(portfolio).toMatchObject({
      dailySeries: { pricingPackIds: ['default'], returns: [0.08] },
      rolling30d: { observations: 9, freshness: { isStale: false } },
    });
  });

  test('of days takes them out of windows at once, and leaves other portfolios', async () => {
    const range = { id: SHORTENED, from: DAYS[5], to: DAYS[9] };
    const { deleteDailyMetrics } = await api.data(DELETE_DAYS, range);
    expect(deleteDailyMetrics).toMatchObject({ deleted: 6, from: DAYS[5], to: DAYS[9] });
    const { portfolio } = await api.data(READ, { id: SHORTENED });
    expect(portfolio).toMatchObject({
      lastDay: DAYS[4],
      dailySeries: { days: DAYS.slice(0, 5) },
      rolling30d: { observations: 5, freshness: { isStale: false } },
    });
    const other = await api.data(READ, { id: OTHER });
    expect(other.portfolio.rolling30d.observations).toBe(10);
    const { deleteDailyMetrics: again } = await api.data(DELETE_DAYS, range);
    expect(again).toEqual({ deleted: 0, from: null, to: null, refreshes: [] });
  });

  test('of a portfolio takes it and its rows away', async () => {
    const { deletePortfolio } = await api.data(DELETE_PORTFOLIO, { id: DELETED });
    expect(deletePortfolio).toEqual({
      deleted: 11,
      from: DAYS[0],
      to: DAYS[9],
      refreshes: SUCCEEDED,
    });
    expect(await api.data(READ, { id: DELETED })).toEqual({ portfolio: null });
    const { errors } = await api.execute(DELETE_PORTFOLIO, { id: DELETED });
    expect(errors![0]!.message).toBe(`Nothing was deleted: ${DELETED} is no known portfolio`);
    const left = await db.database.read(
      `SELECT count(*)::int AS rows FROM portfolio_metrics_30d_rolling WHERE portfolio_id = $1`,
      [DELETED],
    );
    expect(left).toEqual([{ rows: 0 }]);
    expect((await api.data(READ, { id: OTHER })).portfolio.rolling30d.observations).toBe(10);
  });

  test('of what another tenant has, or none, is BAD_USER_INPUT', async () => {
    const theirs = await createTestApi(db.database, {
      caller: { name: 'key:theirs', role: 'writer', tenant: 'acme' },
    });
    const message = `Nothing was deleted: ${OTHER} is no known portfolio`;
    const range = { id: OTHER, from: DAYS[0], to: DAYS[9] };
    for (const { errors } of [
      await theirs.execute(DELETE_PORTFOLIO, { id: OTHER }),
      await theirs.execute(DELETE_DAYS, range),
    ]) {
      expect(errors![0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
    }
    await theirs.close();
    const { errors } = await api.execute(DELETE_PORTFOLIO, { id: portfolioId(9) });
    expect(errors![0]!.message).toBe(
      `Nothing was deleted: ${portfolioId(9)} is no known portfolio`,
    );
    expect((await api.data(READ, { id: OTHER })).portfolio.dailySeries.days).toEqual(DAYS);
  });

  test('what looks wrong in rows is listed with the portfolio', async () => {
    await api.data(RECORD, {
      rows: [row('2020-05-14', 0, { portfolioId: SUSPECT, portfolioValueBase: 500 })],
      refresh: false,
    });
    const { portfolio } = await api.data(
      `{ portfolio(id: "${SUSPECT}") { dataQuality { kind from to sentence } } }`,
    );
    expect(portfolio.dataQuality).toEqual([
      {
        kind: 'UNEXPLAINED_VALUE',
        from: DAYS[9],
        to: '2020-05-14',
        sentence: `From ${DAYS[9]} to 2020-05-14 the value went from 109 to 500, by 358.72 %, and the return is 0.00 %: a deposit or withdrawal, or an error.`,
      },
      {
        kind: 'MISSING_BENCHMARK',
        from: DAYS[0],
        to: '2020-05-14',
        sentence: `The 11 rows from ${DAYS[0]} to 2020-05-14 have a return and none of the benchmark.`,
      },
    ]);
  });
});
