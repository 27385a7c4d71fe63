import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Failure } from '../../src/errors.js';
import type { Progress } from '../../src/progress.js';
import {
  DAILY_HEADER,
  dayAfter,
  largeImport,
  lines,
  PORTFOLIO_HEADER,
} from '../helpers/import-files.js';
import { insertPortfolio, portfolioId, refreshAll, refreshOne } from '../helpers/test-data.js';
import {
  createImportFolder,
  everythingStored,
  openImportDatabase,
  TODAY,
  type ImportDatabase,
  type ImportTexts,
} from './import-folder.js';

let setup: ImportDatabase;
let db: ImportDatabase['db'];
let api: ImportDatabase['api'];
let folder: ImportDatabase['folder'];

beforeAll(async () => {
  setup = await openImportDatabase();
  ({ db, api, folder } = setup);
});
afterAll(() => setup.close());

let made = 0;

/** A new portfolio without rows. */
async function newPortfolio(): Promise<string> {
  const id = portfolioId(++made);
  await insertPortfolio(db.database, id);
  return id;
}

/** The stored rows of a portfolio in the order they were recorded, as text. */
async function rowsOf(id: string): Promise<string[]> {
  const rows = await db.database.read<{ row: string }>(
    `SELECT concat_ws(',', asof_date, pricing_pack_id, coalesce(twr_1d::text, 'null'),
      coalesce(portfolio_value_base::text, 'null'), coalesce(benchmark_twr_1d::text, 'null'),
      coalesce(beta_1y::text, 'null'), coalesce(alpha_1y::text, 'null'),
      coalesce(tracking_error_1y::text, 'null')) AS row
    FROM portfolio_metrics WHERE portfolio_id = $1 ORDER BY recorded_no`,
    [id],
  );
  return rows.map(({ row }) => row);
}

/** What the four windows say of a portfolio. */
async function windowsOf(id: string, asOf = TODAY): Promise<Record<string, unknown>> {
  const { portfolio } = (await api.data(
    `query ($id: UUID!, $asOf: LocalDate!) { portfolio(id: $id) {
      rolling30d(asOf: $asOf) { observations averageReturn volatility peakValue troughValue maxDrawdown }
      rolling60d(asOf: $asOf) { observations cumulativeReturn peakValue drawdown }
      rolling90d(asOf: $asOf) { observations returnStandardDeviation sharpeRatio sortinoRatio }
      rolling1y(asOf: $asOf) { observations benchmarkObservations beta alpha trackingError
        averageBeta averageAlpha averageTrackingError }
    } }`,
    { id, asOf },
  )) as { portfolio: Record<string, unknown> };
  return portfolio;
}

describe('a good import', () => {
  test('takes columns in any order, comments, blank lines, quotes, a byte order mark and CRLF', async () => {
    const id = portfolioId(++made);
    const result = await folder.import({
      portfolios: [
        '\uFEFF# Portfolios, as exported',
        'benchmark_id,"name",id,base_currency',
        '',
        `SP500,"Fixed income, ""core"" # 1",${id.toUpperCase()},EUR`,
        '',
      ].join('\r\n'),
      daily: [
        '\uFEFF"twr_1d",tracking_error_1y,alpha_1y,beta_1y,benchmark_twr_1d,portfolio_value_base,asof_date,portfolio_id',
        `,,,,,"1000000.25",2024-02-28,${id}`,
        '',
        `-1.5e-2, 0.04 ,"0.03",+1.25,.01,985000,"2024-02-29",${id.toUpperCase()}`,
      ].join('\r\n'),
    });
    expect(result).toMatchObject({
      portfolios: { inserted: 1, updated: 0, unchanged: 0 },
      daily: { inserted: 2, updated: 0, unchanged: 0, from: '2024-02-28', to: '2024-02-29' },
    });
    expect(await rowsOf(id)).toEqual([
      '2024-02-28,default,null,1000000.25,null,null,null,null',
      '2024-02-29,default,-0.015,985000,0.01,1.25,0.03,0.04',
    ]);
    expect(
      await db.database.read(
        'SELECT name, base_currency, benchmark_id FROM portfolios WHERE id = $1',
        [id],
      ),
    ).toEqual([{ name: 'Fixed income, "core" # 1', base_currency: 'EUR', benchmark_id: 'SP500' }]);
  });

  test('takes what is empty for null, the default pack and dollars', async () => {
    const id = portfolioId(++made);
    await folder.import({
      portfolios: lines(PORTFOLIO_HEADER, `${id},Plain,,`),
      daily: lines(
        `pricing_pack_id,${DAILY_HEADER}`,
        `,${id},2024-03-01,,,,,,`,
        `evening,${id},2024-03-01,0,0,0,0,0,0`,
      ),
    });
    expect(await rowsOf(id)).toEqual([
      '2024-03-01,default,null,null,null,null,null,null',
      '2024-03-01,evening,0,0,0,0,0,0',
    ]);
    expect(
      await db.database.read('SELECT base_currency, benchmark_id FROM portfolios WHERE id = $1', [
        id,
      ]),
    ).toEqual([{ base_currency: 'USD', benchmark_id: null }]);
  });

  test('counts what it inserted, updated and left, and the same again changes nothing', async () => {
    const id = portfolioId(++made);
    const texts: ImportTexts = {
      portfolios: lines(PORTFOLIO_HEADER, `${id},Counted,USD,`),
      daily: lines(
        DAILY_HEADER,
        `${id},2024-01-02,0.01,100,,,,`,
        `${id},2024-01-03,0.02,102,,,,`,
        `${id},2024-01-04,,,,,,`,
      ),
    };
    await folder.import(texts);
    const before = await everythingStored(db.database);
    expect(await folder.import(texts)).toMatchObject({
      portfolios: { inserted: 0, updated: 0, unchanged: 1 },
      daily: { inserted: 0, updated: 0, unchanged: 3, from: '2024-01-02', to: '2024-01-04' },
    });
    expect(await everythingStored(db.database)).toEqual(before);

    expect(
      await folder.import({
        portfolios: lines(PORTFOLIO_HEADER, `${id},Renamed,USD,`),
        daily: lines(
          DAILY_HEADER,
          `${id},2024-01-02,1e-2,100.0,,,,`,
          `${id},2024-01-03,,102,,,,`,
          `${id},2024-01-04,0.5,,,,,`,
          `${id},2024-01-05,0.5,,,,,`,
        ),
      }),
    ).toMatchObject({
      portfolios: { inserted: 0, updated: 1, unchanged: 0 },
      daily: { inserted: 1, updated: 2, unchanged: 1, from: '2024-01-02', to: '2024-01-05' },
    });
    // What was replaced is recorded last, in the order of the file.
    expect(await rowsOf(id)).toEqual([
      '2024-01-02,default,0.01,100,null,null,null,null',
      '2024-01-03,default,null,102,null,null,null,null',
      '2024-01-04,default,0.5,null,null,null,null,null',
      '2024-01-05,default,0.5,null,null,null,null,null',
    ]);
  });

  test('without a row says so', async () => {
    expect(
      await folder.import({ daily: lines('# nothing yet', '', '  # at all', DAILY_HEADER, '') }),
    ).toMatchObject({
      portfolios: null,
      daily: { inserted: 0, updated: 0, unchanged: 0, from: null, to: null },
    });
  });

  test('takes tomorrow, the first day that can be recorded, and the loss of all', async () => {
    const id = await newPortfolio();
    const { daily } = await folder.import({
      daily: lines(DAILY_HEADER, `${id},2024-06-29,0.01,,,,,`, `${id},1900-01-01,-1,,,,,`),
    });
    expect(daily).toMatchObject({ inserted: 2, from: '1900-01-01', to: '2024-06-29' });
    await db.database.write("DELETE FROM portfolio_metrics WHERE asof_date = '1900-01-01'");
  });

  test('leaves what a column that is absent holds, and clears what an empty field does', async () => {
    const id = await newPortfolio();
    await folder.import({
      daily: lines(DAILY_HEADER, `${id},2024-01-02,0.01,100,0.02,1.5,0.1,0.2`),
    });
    const some = lines('portfolio_id,asof_date,twr_1d,alpha_1y', `${id},2024-01-02,0.03,`);
    expect((await folder.import({ daily: some })).daily).toMatchObject({ updated: 1 });
    expect(await rowsOf(id)).toEqual(['2024-01-02,default,0.03,100,0.02,1.5,null,0.2']);
    expect((await folder.import({ daily: some })).daily).toMatchObject({ unchanged: 1 });
    // Another pack restates the day, whole.
    await folder.import({
      daily: lines('portfolio_id,asof_date,twr_1d,pricing_pack_id', `${id},2024-01-02,0.04,late`),
    });
    expect((await rowsOf(id)).at(-1)).toBe('2024-01-02,late,0.04,null,null,null,null,null');
  });

  test('leaves the currency, benchmark and tenant that a file of portfolios does not give', async () => {
    const id = portfolioId(++made);
    const daily = lines(DAILY_HEADER);
    await folder.import({ daily, portfolios: lines(PORTFOLIO_HEADER, `${id},First,EUR,DAX`) });
    await folder.import({ daily, portfolios: lines('id,name', `${id},Second`) });
    await folder.import({ daily, portfolios: lines('id,name,base_currency', `${id},Third,`) });
    expect(
      await db.database.read(
        'SELECT name, base_currency, benchmark_id FROM portfolios WHERE id = $1',
        [id],
      ),
    ).toEqual([{ name: 'Third', base_currency: 'EUR', benchmark_id: 'DAX' }]);
  });

  test('takes # for a character like any other below the header', async () => {
    const id = portfolioId(++made);
    const { portfolios } = await folder.import({
      portfolios: lines('# portfolios "of mine"', '', 'name,id', `#1 fund,${id}`),
      daily: lines(DAILY_HEADER),
    });
    expect(portfolios).toMatchObject({ inserted: 1 });
    expect(
      await folder.refusal({ daily: lines('# a', '\t', DAILY_HEADER, '# 2024', '', '#,,,,,,,') }),
    ).toBe(
      [
        'Nothing was imported, because of these rows:',
        `  ${folder.daily}:4: has 1 columns, but the header has 8; comments may stand only above the header`,
        `  ${folder.daily}:6: asof_date is empty; comments may stand only above the header`,
      ].join('\n'),
    );
  });

  test('keeps numbers as they are', async () => {
    const id = await newPortfolio();
    await folder.import({
      daily: lines(
        DAILY_HEADER,
        `${id},2024-01-02,0.1000000000000000055511151231257827,123456789012345678901234567890.12,1.7976931348623157e308,4.9e-324,-0,5.`,
      ),
    });
    expect(await rowsOf(id)).toEqual([
      '2024-01-02,default,0.1,123456789012345678901234567890.12,1.7976931348623157e+308,5e-324,-0,5',
    ]);
  });
});

describe('a restatement', () => {
  test('by another pack counts whole, its nulls too, and the history stays', async () => {
    const id = await newPortfolio();
    const header = `${DAILY_HEADER},pricing_pack_id`;
    await folder.import({
      daily: lines(
        header,
        `${id},2024-06-03,0.01,100,0.02,1.1,0.1,0.2,`,
        `${id},2024-06-04,0.5,150,0.5,9,9,9,`,
        `${id},2024-06-05,0.03,104,0.01,1.3,0.3,0.4,`,
      ),
    });
    await refreshAll(db.database, '2024-06-03', '2024-06-05');
    await folder.import({ daily: lines(header, `${id},2024-06-04,0.02,,,,,,corrected`) });
    await refreshAll(db.database, '2024-06-04', '2024-06-04');
    expect(await windowsOf(id)).toMatchObject({
      rolling30d: {
        observations: 3,
        averageReturn: expect.closeTo(0.02, 15) as unknown,
        peakValue: 104,
        troughValue: 100,
      },
      rolling1y: {
        observations: 3,
        benchmarkObservations: 2,
        averageBeta: 1.2000000000000002,
        averageAlpha: 0.2,
        averageTrackingError: expect.closeTo(0.3, 15) as unknown,
      },
    });
    expect(await rowsOf(id)).toHaveLength(4);
  });

  test('by a row that replaces an older pack makes that pack the last', async () => {
    const id = await newPortfolio();
    const header = `${DAILY_HEADER},pricing_pack_id`;
    const row = (value: string, pack: string): string => `${id},2024-06-03,${value},,,,,,${pack}`;
    await folder.import({ daily: lines(header, row('0.01', 'a'), row('0.02', 'b')) });
    const averageReturn = async (): Promise<unknown> => {
      await refreshOne(db.database, 'PORTFOLIO_METRICS_30D_ROLLING', '2024-06-03', '2024-06-03');
      const { rolling30d } = await windowsOf(id);
      return (rolling30d as { averageReturn: unknown }).averageReturn;
    };
    expect(await averageReturn()).toBe(0.02);
    // Sent last, it is official, though it changes nothing else; then it is, and nothing is left to do.
    const back = { daily: lines(header, row('0.01', 'a')) };
    expect((await folder.import(back)).daily).toMatchObject({ updated: 1, unchanged: 0 });
    expect(await averageReturn()).toBe(0.01);
    expect((await folder.import(back)).daily).toMatchObject({ updated: 0, unchanged: 1 });
    await folder.import({ daily: lines(header, row('0.03', 'a')) });
    expect(await averageReturn()).toBe(0.03);
    // In one file the last line counts.
    await folder.import({ daily: lines(header, row('0.05', 'b'), row('0.04', 'a')) });
    expect(await averageReturn()).toBe(0.04);
    await folder.import({ daily: lines(header, row('0.07', 'a'), row('0.06', 'b')) });
    expect(await averageReturn()).toBe(0.06);
    // The file again does nothing; with one row of the day changed, its last row stays official.
    const both = (a: string): ImportTexts => ({
      daily: lines(header, row(a, 'a'), row('0.06', 'b')),
    });
    expect((await folder.import(both('0.07'))).daily).toMatchObject({ updated: 0, unchanged: 2 });
    expect((await folder.import(both('0.08'))).daily).toMatchObject({ updated: 2, unchanged: 0 });
    expect(await averageReturn()).toBe(0.06);
    const { data, errors } = await api.execute(
      `mutation ($id: UUID!) { recordDailyMetrics(refresh: false, rows: [
        { portfolioId: $id, asofDate: "2024-06-03", pricingPackId: "a", portfolioValueBase: 5 }
        { portfolioId: $id, asofDate: "2024-06-03", pricingPackId: "c", twr1d: 0.09 }
        { portfolioId: $id, asofDate: "2024-06-03", pricingPackId: "b" }
      ]) { inserted updated unchanged } }`,
      { id },
    );
    expect({ data, errors }).toEqual({
      data: { recordDailyMetrics: { inserted: 1, updated: 2, unchanged: 0 } },
    });
    expect(await averageReturn()).toBe(0.06);
    expect(await rowsOf(id)).toEqual([
      '2024-06-03,a,0.08,5,null,null,null,null',
      '2024-06-03,c,0.09,null,null,null,null,null',
      '2024-06-03,b,0.06,null,null,null,null,null',
    ]);
  });
});

describe('a bad row', () => {
  const KNOWN = portfolioId(500);
  const UNKNOWN = portfolioId(404);
  const DAY = '2024-01-02';

  beforeAll(async () => {
    await insertPortfolio(db.database, KNOWN);
    await folder.import({ daily: lines(DAILY_HEADER, `${KNOWN},${DAY},0.01,,,,,`) });
  });

  test.each([
    [
      'an unknown portfolio',
      `${UNKNOWN},${DAY},,,,,,`,
      `portfolio_id "${UNKNOWN}" is no known portfolio`,
    ],
    [
      'an unknown code',
      `17,${DAY},,,,,,`,
      'portfolio "17" is no known portfolio: add --create-portfolios to make it, or import it first with --portfolios',
    ],
    ['no code', `all,${DAY},,,,,,`, 'portfolio_id "all" stands for every portfolio in exports'],
    ['an empty portfolio', `,${DAY},,,,,,`, 'portfolio_id is empty'],
    [
      'not a date',
      `${KNOWN},02/01/2024,,,,,,`,
      'asof_date "02/01/2024" is not a calendar date such as 2018-05-11',
    ],
    [
      'no day of the calendar',
      `${KNOWN},2023-02-29,,,,,,`,
      'asof_date "2023-02-29" is not a calendar date such as 2018-05-11',
    ],
    [
      'an instant of no day',
      `${KNOWN},2024-02-30T00:00:00Z,,,,,,`,
      'asof_date "2024-02-30T00:00:00Z" is not a calendar date such as 2018-05-11',
    ],
    [
      'the day after tomorrow',
      `${KNOWN},2024-06-30,,,,,,`,
      'asof_date "2024-06-30" is after tomorrow (UTC)',
    ],
    [
      'a day before 1900',
      `${KNOWN},1899-12-31,,,,,,`,
      'asof_date "1899-12-31" is before 1900-01-01',
    ],
    [
      'more than all lost',
      `${KNOWN},${DAY},-1.0001,,,,,`,
      'twr_1d "-1.0001" is below -1: more than all was lost; for returns in percent add --returns percent',
    ],
    ['an empty day', `${KNOWN},,,,,,,`, 'asof_date is empty'],
    ['not a number', `${KNOWN},${DAY},1%,,,,,`, 'twr_1d "1%" is not a finite number'],
    ['NaN', `${KNOWN},${DAY},,,NaN,,,`, 'benchmark_twr_1d "NaN" is not a finite number'],
    ['infinity', `${KNOWN},${DAY},,,,Infinity,,`, 'beta_1y "Infinity" is not a finite number'],
    ['beyond a double', `${KNOWN},${DAY},,,,,1e309,`, 'alpha_1y "1e309" is not a finite number'],
    [
      'below a double',
      `${KNOWN},${DAY},,,,,,1e-400`,
      'tracking_error_1y "1e-400" is not a finite number',
    ],
    [
      'more decimals than a numeric has',
      `${KNOWN},${DAY},,0e-16384,,,,`,
      'portfolio_value_base "0e-16384" has more than 16383 decimals',
    ],
    ['hexadecimal', `${KNOWN},${DAY},0x1p3,,,,,`, 'twr_1d "0x1p3" is not a finite number'],
    [
      'a decimal comma',
      `${KNOWN},${DAY},,"1,5",,,,`,
      'portfolio_value_base "1,5" is not a finite number',
    ],
    ['too few columns', `${KNOWN},${DAY},0.01`, 'has 3 columns, but the header has 8'],
    ['too many columns', `${KNOWN},${DAY},,,,,,,`, 'has 9 columns, but the header has 8'],
  ])('is named: %s', async (_name, row, reason) => {
    const before = await everythingStored(db.database);
    const message = await folder.refusal({
      daily: lines(DAILY_HEADER, `${KNOWN},2024-01-03,0.5,,,,,`, '', row),
    });
    expect(message).toBe(
      `Nothing was imported, because of these rows:\n  ${folder.daily}:4: ${reason}`,
    );
    expect(await everythingStored(db.database)).toEqual(before);
  });

  test.each([
    ['not a UUID', 'x,Name,USD,', 'id "x" is not a UUID'],
    ['no name', `${UNKNOWN},,USD,`, 'name is empty'],
    [
      'a long name',
      `${UNKNOWN},${'n'.repeat(201)},USD,`,
      `name "${'n'.repeat(201)}" has more than 200 characters`,
    ],
    ['a NUL character', `${UNKNOWN},a\0b,USD,`, 'name "a\0b" has a NUL character'],
    [
      'no currency',
      `${UNKNOWN},Name,dollars,`,
      'base_currency "dollars" is not an ISO 4217 currency such as USD',
    ],
    [
      'a currency that there is not',
      `${UNKNOWN},Name,ZZZ,`,
      'base_currency "ZZZ" is not an ISO 4217 currency such as USD',
    ],
    [
      'a name of blanks',
      `${UNKNOWN},"\u00a0 \u200b",USD,`,
      'name "\u00a0 \u200b" has no visible character',
    ],
    [
      'another currency than that of its rows',
      `${KNOWN},Name,EUR,SP500`,
      `base_currency "EUR" is not that of portfolio ${KNOWN}, "USD", which cannot change once rows are recorded`,
    ],
    [
      'another benchmark than that of its rows',
      `${KNOWN},Name,USD,DAX`,
      `benchmark_id "DAX" is not that of portfolio ${KNOWN}, "SP500", which cannot change once rows are recorded`,
    ],
  ])('among portfolios is named: %s', async (_name, row, reason) => {
    const before = await everythingStored(db.database);
    const message = await folder.refusal({
      portfolios: lines('# one', PORTFOLIO_HEADER, `${portfolioId(600)},New,EUR,`, row),
      daily: lines(DAILY_HEADER, `${KNOWN},2024-01-03,0.5,,,,,`),
    });
    expect(message).toBe(
      `Nothing was imported, because of these rows:\n  ${folder.portfolios}:4: ${reason}`,
    );
    expect(await everythingStored(db.database)).toEqual(before);
  });

  test('that repeats a key of the file is named with the line it repeats', async () => {
    const before = await everythingStored(db.database);
    const message = await folder.refusal({
      portfolios: lines(PORTFOLIO_HEADER, `${UNKNOWN},One,USD,`, `${UNKNOWN},Two,USD,`),
      daily: lines(
        `${DAILY_HEADER},pricing_pack_id`,
        `${KNOWN},2024-01-03,0.5,,,,,,`,
        `${KNOWN},2024-01-03,0.5,,,,,,other`,
        `${KNOWN},2024-01-04,0.5,,,,,,`,
        `${KNOWN.toUpperCase()},2024-01-03,0.6,,,,,,default`,
      ),
    });
    expect(message.split('\n')).toEqual([
      'Nothing was imported, because of these rows:',
      `  ${folder.portfolios}:3: id "${UNKNOWN}" stands on line 2 too`,
      `  ${folder.daily}:5: asof_date "2024-01-03" of portfolio ${KNOWN}, pricing pack default, stands on line 2 too`,
    ]);
    expect(await everythingStored(db.database)).toEqual(before);
  });

  test('stands in the order of the lines, whatever kind it is', async () => {
    const message = await folder.refusal({
      daily: lines(
        DAILY_HEADER,
        `${UNKNOWN},2024-01-03,,,,,,`,
        `${KNOWN},2024-01-03,?,,,,,`,
        `${KNOWN},2024-01-04,,,,,,`,
        `${KNOWN},2024-01-04,,,,,,`,
        `${KNOWN},2024-01-05`,
        `${UNKNOWN},2024-01-06,,,,,,`,
      ),
    });
    expect([...message.matchAll(/daily\.csv:(\d+)/g)].map(([, line]) => Number(line))).toEqual([
      // An unknown portfolio is named once.
      2, 3, 5, 6,
    ]);
  });

  test.each([
    ['of wrong values', (): string => `${KNOWN},x,,,,,,`],
    ['of unknown portfolios', (n: number): string => `${portfolioId(9000 + n)},2024-01-02,,,,,,`],
  ])('is listed up to 20 times: %s', async (_name, row) => {
    const rows = (count: number): string[] => Array.from({ length: count }, (_, n) => row(n));
    const few = await folder.refusal({ daily: lines(DAILY_HEADER, ...rows(19)) });
    expect(few.split('\n')).toHaveLength(20);
    const many = (await folder.refusal({ daily: lines(DAILY_HEADER, ...rows(30)) })).split('\n');
    expect(many).toHaveLength(22);
    expect(many[1]).toContain('daily.csv:2:');
    expect(many[20]).toContain('daily.csv:21:');
    expect(many[21]).toBe('  … these are the first 20');
  });

  test('behind thousands of good ones changes nothing', async () => {
    const before = await everythingStored(db.database);
    const good = Array.from({ length: 12_000 }, (_, n) => `${KNOWN},${dayAfter(n)},0.01,,,,,`);
    expect(await folder.refusal({ daily: lines(DAILY_HEADER, ...good, 'bad') })).toContain(
      `${folder.daily}:12002: has 1 columns, but the header has 8`,
    );
    expect(await everythingStored(db.database)).toEqual(before);
  });
});

describe('a file that is not right', () => {
  const NEEDS =
    'it needs portfolio_id,asof_date,[pricing_pack_id],[twr_1d],[portfolio_value_base],[benchmark_twr_1d],[beta_1y],[alpha_1y],[tracking_error_1y]';

  test.each([
    [
      'lacks columns',
      'pricing_pack_id,portfolio_id',
      'no column asof_date or date or day, no column with values, such as return, value or price',
    ],
    [
      'has an unknown column',
      `${DAILY_HEADER},colour`,
      'unknown column "colour" (skip it with --ignore-extra)',
    ],
    ['has a column twice', `${DAILY_HEADER},twr_1d`, 'column twr_1d twice, or another name for it'],
    [
      'has an unnamed column',
      `${DAILY_HEADER},`,
      'unknown column "" (skip it with --ignore-extra)',
    ],
    [
      'has everything wrong',
      `${DAILY_HEADER.replace('asof_date', 'datum')},beta_1y`,
      'unknown column "datum" (skip it with --ignore-extra), no column asof_date or date or day, column beta_1y twice, or another name for it',
    ],
  ])('%s', async (_name, header, reason) => {
    expect(await folder.refusal({ daily: lines('# daily', header) })).toBe(
      `The header of ${folder.daily} is not right: ${reason}; ${NEEDS}`,
    );
  });

  test.each([
    ['empty', ''],
    ['of comments', lines('# nothing', '', '# here')],
  ])('is %s', async (_name, daily) => {
    expect(await folder.refusal({ daily })).toBe(`${folder.daily} has no header; ${NEEDS}`);
  });

  test('is missing', async () => {
    await folder.import({ daily: lines(DAILY_HEADER) });
    const message = await folder
      .refusal({ daily: lines(DAILY_HEADER), portfolios: lines('portfolio') })
      .then((text) => text.replace(folder.portfolios, 'portfolios.csv'));
    expect(message).toContain(
      'The header of portfolios.csv is not right: unknown column "portfolio"',
    );
    const gone = await createImportFolder(db.database);
    await gone.remove();
    await expect(gone.import({ daily: '' })).rejects.toThrow('ENOENT');
  });

  test('is not UTF-8', async () => {
    const id = await newPortfolio();
    const before = await everythingStored(db.database);
    const message = await folder.refusal({
      portfolios: Buffer.concat([
        Buffer.from(`${PORTFOLIO_HEADER}\n${id},Gesch`),
        Buffer.from([0xe4]),
        Buffer.from('ft,EUR,\n'),
      ]),
      daily: Buffer.concat([
        Buffer.from(`${DAILY_HEADER}\n${id},2024-01-03,`),
        Buffer.from([0xc3, 0x28, 0x80]),
        Buffer.from(',,,,,\n'),
      ]),
    });
    expect(message.split('\n').slice(1)).toEqual([
      `  ${folder.portfolios}:2: name "Gesch\uFFFDft" is not UTF-8 text`,
      `  ${folder.daily}:2: twr_1d "\uFFFD(\uFFFD" is not a finite number`,
      `${folder.portfolios} is not UTF-8 text: save it as "CSV UTF-8".`,
      `${folder.daily} is not UTF-8 text: save it as "CSV UTF-8".`,
    ]);
    expect(await everythingStored(db.database)).toEqual(before);
  });

  test('has a quote that is never closed', async () => {
    const id = await newPortfolio();
    const before = await everythingStored(db.database);
    const message = await folder.refusal({
      daily: lines(
        DAILY_HEADER,
        `${id},2024-01-02,0.01,,,,,`,
        `${id},2024-01-03,"0.01,,,,,`,
        `${id},2024-01-04,0.01,,,,,`,
      ),
    });
    expect(message).toContain(`${folder.daily}:3: a quote is opened and never closed`);
    expect(await everythingStored(db.database)).toEqual(before);
  });

  test('has no line ends at all', async () => {
    const message = await folder.refusal({ daily: Buffer.alloc(300_000, 'x') });
    expect(message).toContain(folder.daily);
    expect(message.length).toBeLessThan(1000);
  });

  test('leaves no staging behind', async () => {
    expect(
      await db.database.read("SELECT relname FROM pg_class WHERE relname LIKE 'staged%'"),
    ).toEqual([]);
  });
});

describe('returns of a file', () => {
  const rows = (id: string, ...returns: readonly string[]): string =>
    lines(
      'portfolio_id,asof_date,twr_1d,benchmark_twr_1d',
      ...returns.map((value, n) => `${id},${dayAfter(n, '2024-03-01')},${value},1.1`),
    );
  const UNIT_UNKNOWN = { returns: undefined };

  test('that look like percent are not taken for fractions without a word', async () => {
    const id = await newPortfolio();
    for (const daily of [
      rows(id, '0.06', '0', '', '-0.051', '0.05'),
      rows(id, '1.2', '-1.3', '0'),
    ]) {
      expect(await folder.refusal({ daily }, UNIT_UNKNOWN)).toMatch(
        /^Nothing was imported: of \d returns in .*daily.csv that are not 0, 2 exceed 5 % in size .*--returns percent .*--returns fraction/,
      );
    }
    expect(await rowsOf(id)).toEqual([]);
    const half = rows(id, '0.06', '0.05', '0', '');
    expect((await folder.import({ daily: half }, UNIT_UNKNOWN)).daily).toMatchObject({
      inserted: 4,
    });
  });

  test('in percent become the doubles next to them', async () => {
    const id = await newPortfolio();
    await folder.import({ daily: rows(id, '1.1', '-100', '7e1', '+.35') }, { returns: 'percent' });
    const day = (n: number): string => dayAfter(n, '2024-03-01');
    expect(await rowsOf(id)).toEqual(
      ['0.011', '-1', '0.7', '0.0035'].map(
        (value, n) => `${day(n)},default,${value},null,0.011,null,null,null`,
      ),
    );
    expect(await folder.refusal({ daily: rows(id, '-100.1') }, { returns: 'percent' })).toContain(
      'twr_1d "-100.1" is below -100 %: more than all was lost',
    );
  });
});

describe('an import whose caller is gone', () => {
  test.each([
    ['Reading', 6000],
    ['Writing', 100],
  ])('while %s changes nothing', async (verb, count) => {
    const id = portfolioId(++made);
    const before = await everythingStored(db.database);
    const gone = new AbortController();
    const rows = Array.from({ length: count }, (_, n) => `${id},${dayAfter(n)},0.01,,,,,`);
    const message = await folder.refusal(
      {
        portfolios: lines(PORTFOLIO_HEADER, `${id},Given up,USD,`),
        daily: lines(DAILY_HEADER, ...rows),
      },
      {
        periodsPerYear: 365,
        signal: gone.signal,
        progress: (label) => {
          if (label === 'Writing' || label === `${verb} ${folder.daily}`)
            gone.abort(new Failure('Given up.'));
        },
      },
    );
    expect(message).toBe('Given up.');
    expect(await everythingStored(db.database)).toEqual(before);
  });
});

test('24,000 rows are imported with their progress, and again as unchanged', async () => {
  const ids = Array.from({ length: 30 }, () => portfolioId(++made));
  const { portfolios, daily } = largeImport(ids, 800);
  const steps: { label: string; done: number; total: number | null }[] = [];
  const progress: Progress = (label, done, total) => {
    steps.push({ label, done, total });
  };
  const counts = { from: '2010-01-01', to: dayAfter(799, '2010-01-01') };
  expect(await folder.import({ portfolios, daily }, { progress })).toMatchObject({
    portfolios: { inserted: 30, updated: 0, unchanged: 0 },
    daily: { inserted: 24_000, updated: 0, unchanged: 0, ...counts },
  });
  const reading = steps.filter(({ label }) => label === `Reading ${folder.daily}`);
  expect(reading.length).toBeGreaterThanOrEqual(5);
  expect(reading.map(({ done }) => done)).toEqual(
    reading.map(({ done }) => done).toSorted((a, b) => a - b),
  );
  expect(reading.at(-1)).toMatchObject({ done: daily.length, total: daily.length });
  // In two slices; the last part is the commit.
  expect(steps.filter(({ label }) => label === 'Writing')).toEqual(
    [0, 1 / 3, 2 / 3, 1].map((done) => ({ label: 'Writing', done, total: 1 })),
  );
  expect(await folder.import({ daily })).toMatchObject({
    portfolios: null,
    daily: { inserted: 0, updated: 0, unchanged: 24_000, ...counts },
  });
});

test('how an import is split changes no value of a window', async () => {
  const [whole, split] = [await newPortfolio(), await newPortfolio()];
  const rows = (id: string): string[] =>
    Array.from({ length: 390 }, (_, n) => {
      // Made up, but neither smooth nor in the order of the days.
      const day = dayAfter((n * 277) % 390, '2023-06-01');
      const noise = Math.sin(n * n) / 50;
      const gap = n % 7 === 0;
      return `${id},${day},${gap ? '' : noise},${1000 + n},${noise / 2 + Math.cos(n) / 100},1.${n},,0.${n},`;
    });
  const restated = (id: string): string[] =>
    rows(id).flatMap((row, n) => (n % 9 === 0 ? [`${row}late`.replace(',1.', ',2.')] : []));
  const header = `${DAILY_HEADER},pricing_pack_id`;
  await folder.import({ daily: lines(header, ...rows(whole), ...restated(whole)) });
  for (const [from, to] of [
    [0, 150],
    [150, 390],
  ]) {
    await folder.import({ daily: lines(header, ...rows(split).slice(from, to)) });
  }
  await folder.import({ daily: lines(header, ...restated(split)) });
  await refreshAll(db.database, '2023-06-01', TODAY);
  const windows = await windowsOf(whole, '2024-05-31');
  expect(windows).toMatchObject({ rolling1y: { averageBeta: expect.any(Number) as unknown } });
  expect(await windowsOf(split, '2024-05-31')).toEqual(windows);
});

test('rows in compressed chunks are replaced and added', async () => {
  const id = await newPortfolio();
  const rows = (from: number, to: number, value: string): string[] =>
    Array.from(
      { length: to - from },
      (_, n) => `${id},${dayAfter(from + n, '1995-01-01')},${value},,,,,`,
    );
  await folder.import({ daily: lines(DAILY_HEADER, ...rows(0, 300, '0.01')) });
  await db.database.write(
    "SELECT compress_chunk(show_chunks('portfolio_metrics', older_than => '2000-01-01'::date))",
  );
  const { daily } = await folder.import({
    daily: lines(DAILY_HEADER, ...rows(100, 200, '0.01'), ...rows(200, 400, '0.02')),
  });
  expect(daily).toMatchObject({ inserted: 100, updated: 100, unchanged: 100 });
  const stored = await rowsOf(id);
  expect(stored).toHaveLength(400);
  expect(stored.filter((row) => row.includes(',0.02,'))).toHaveLength(200);
});
