import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { EVERY_TENANT } from '../../src/access/tenant.js';
import { metricsOf, type RollingWindow } from '../../src/aggregates/registry.js';
import { openImportFiles } from '../../src/commands/import-sources.js';
import { TEMPLATE } from '../../src/commands/template-command.js';
import { createSchema } from '../../src/graphql/schema.js';
import { dayReader } from '../../src/ingest/date-text.js';
import { deleteDays, deletePortfolios } from '../../src/ingest/delete-rows.js';
import { plainName } from '../../src/ingest/header.js';
import { importFiles, type ImportResult } from '../../src/ingest/import-files.js';
import { idOfCode } from '../../src/ingest/portfolio-refs.js';
import { readSettings } from '../../src/ingest/read-settings.js';
import { dayInBounds } from '../../src/ingest/refresh-rows.js';
import { printImport } from '../../src/ingest/run-import.js';
import { formatDay, toDay } from '../../src/metrics/calendar.js';
import { lines } from '../helpers/import-files.js';
import { statementsOf } from '../helpers/snippets.js';
import { insertPortfolio, portfolioId, refreshAll } from '../helpers/test-data.js';
import { createTestServices } from '../helpers/test-services.js';
import { startTestServer, type TestServer } from '../http/test-server.js';
import { agrees } from '../metrics/agreement.js';
import {
  everythingStored,
  openImportDatabase,
  TODAY,
  type ImportDatabase,
} from './import-folder.js';

const PATHS = { examples: '../../docs/examples/', oracle: 'oracle/' };
const pathOf = (kind: keyof typeof PATHS, name: string): string =>
  fileURLToPath(new URL(PATHS[kind] + name, import.meta.url));

/** The examples, each with the options that its user is shown, from the first refusal to the last. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'monthly-percent.csv':
    "--delimiter ';' --decimal comma --date-format dd.MM.yyyy --returns percent --create-portfolios --periods-per-year 12",
  'prices-wide.csv': '--layout wide --values prices --create-portfolios',
  'returns.csv': '--create-portfolios',
  'pandas.csv': '--create-portfolios',
  'value-wide.csv':
    '--delimiter tab --date-format MM/dd/yyyy --layout wide --values value --create-portfolios',
  'prices-long.csv':
    "--delimiter ';' --decimal comma --date-format dd/MM/yyyy --values prices --create-portfolios",
};
/** What pandas says of their windows: see oracle/examples.py. */
const EXPECTED = parse<Record<string, string>>(
  readFileSync(pathOf('oracle', 'examples-expected.csv'), 'utf8'),
  { columns: true },
);

/** Has the code OWN-1; it is the portfolio of the documentation, too. */
const OWN = portfolioId(1);

let setup: ImportDatabase;
let db: ImportDatabase['db'];
let api: ImportDatabase['api'];
let folder: ImportDatabase['folder'];

beforeAll(async () => {
  setup = await openImportDatabase();
  ({ db, api, folder } = setup);
  await insertPortfolio(db.database, OWN, [{ day: '2024-01-02', return: 0.1 }]);
  await db.database.write('UPDATE portfolios SET code = $2 WHERE id = $1', [OWN, 'OWN-1']);
});
afterAll(() => setup.close());

/** Leaves no portfolio but OWN. */
async function removeImported(): Promise<void> {
  await db.database.write('DELETE FROM portfolio_metrics WHERE portfolio_id <> $1', [OWN]);
  await db.database.write('DELETE FROM portfolios WHERE id <> $1', [OWN]);
}

/** Settings as they are written on a command line. */
function optionsOf(text: string): ReturnType<typeof readSettings> {
  const words = text.split(' ').filter((word) => word !== '');
  const texts: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    if (!word.startsWith('--')) continue;
    const next = words[index + 1] ?? '--';
    texts[word.slice(2)] = next.startsWith('--') ? 'true' : next.replaceAll("'", '');
  }
  return readSettings(texts);
}

async function importExample(name: string, options: string): Promise<ImportResult> {
  return importFiles(
    db.database,
    await openImportFiles({ daily: pathOf('examples', name) }, () => undefined),
    { ...optionsOf(options), today: toDay(TODAY), tenant: EVERY_TENANT, progress: () => undefined },
  );
}

/** The options that a refusal proposes. */
async function proposedOptions(name: string, options: string): Promise<string> {
  const outcome = await importExample(name, options).catch((error: Error) => error);
  if (!(outcome instanceof Error)) return '';
  const [, proposed] = /: add (--.*?)(?:, or another.*| to make it.*|$)/m.exec(outcome.message)!;
  return proposed!.replaceAll(/ \(.*?\)/g, '');
}

/** The rows of a portfolio by its code, as texts. */
async function rowsOf(code: string): Promise<string[]> {
  const rows = await db.database.read<{ row: string }>(
    `SELECT concat_ws(' ', asof_date, coalesce(twr_1d::text, '-'), coalesce(portfolio_value_base::text, '-')) AS row
    FROM portfolio_metrics JOIN portfolios ON id = portfolio_id WHERE code = $1 ORDER BY asof_date`,
    [code],
  );
  return rows.map(({ row }) => row);
}

const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());

describe('the examples', () => {
  afterEach(removeImported);

  test.each(Object.entries(EXAMPLES).filter(([name]) => name !== 'value-wide.csv'))(
    '%s is imported with the options that its refusals propose',
    async (name, expected) => {
      let options = '';
      for (let attempt = 0; attempt < 4; attempt++) {
        const more = await proposedOptions(name, options);
        if (more === '') break;
        options = `${options} ${more}`.trim();
      }
      expect(options).toBe(expected);
      // The last one has imported it: the same again changes nothing.
      expect((await importExample(name, options)).daily).toMatchObject({ inserted: 0, updated: 0 });
    },
  );

  test('give what pandas says of them', async () => {
    for (const [name, options] of Object.entries(EXAMPLES)) await importExample(name, options);
    await refreshAll(db.database, '2022-01-01', '2023-12-31');
    const wrong: string[] = [];
    for (const row of EXPECTED) {
      const window = row['window'] as RollingWindow;
      const field = window === 'ONE_YEAR' ? 'rolling1y' : 'rolling30d';
      const names = ['OBSERVATIONS', ...metricsOf(window)];
      const { portfolio } = await api.data(
        `query ($code: String!, $asOf: LocalDate!) { portfolio(code: $code) {
          ${field}(asOf: $asOf) { ${names.map(camelCase).join(' ')} } } }`,
        { code: row['code'], asOf: row['as_of'] },
      );
      for (const name of names) {
        const theirs = row[name] === '' ? null : Number(row[name]);
        const ours = portfolio[field][camelCase(name)];
        if (!agrees(ours, name === 'OBSERVATIONS' ? (theirs ?? 0) : theirs)) {
          wrong.push(`${row['code']} ${window} ${name}: ${ours} instead of ${row[name]}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(EXPECTED).toHaveLength(20);
  });

  test('the template is imported as it is', async () => {
    const { daily, made } = await folder.import(
      { daily: TEMPLATE },
      { createPortfolios: true, returns: undefined },
    );
    expect({ inserted: daily.inserted, made }).toEqual({ inserted: 8, made: ['GROWTH', 'INCOME'] });
  });
});

describe('codes', () => {
  afterEach(removeImported);

  test('are those of portfolios there are; new ones get the same id again', async () => {
    const daily = lines('code,day,return', 'OWN-1,2024-01-02,0.01', 'NEW-1,2024-01-02,0.02');
    expect((await folder.import({ daily }, { createPortfolios: true })).made).toEqual(['NEW-1']);
    expect((await folder.import({ daily }, { createPortfolios: true })).made).toEqual([]);
    const { portfolio } = await api.data(`{ portfolio(code: "NEW-1") { id name baseCurrency } }`);
    expect(portfolio).toEqual({
      id: idOfCode('default', 'NEW-1'),
      name: 'NEW-1',
      baseCurrency: 'USD',
    });
    expect(await rowsOf('OWN-1')).toContain('2024-01-02 0.01 -');
  });

  test('of a file of portfolios are known to the file of its rows, and need no id', async () => {
    const { portfolios } = await folder.import({
      portfolios: lines('code,name,currency,periods_per_year', 'OWN-2,Second,EUR,12'),
      daily: lines('fund,date,return', 'OWN-2,2024-01-31,0.01'),
    });
    expect(portfolios).toMatchObject({ inserted: 1 });
    const { portfolio } = await api.data(
      `{ portfolio(code: "OWN-2") { name baseCurrency periodsPerYear } }`,
    );
    expect(portfolio).toEqual({ name: 'Second', baseCurrency: 'EUR', periodsPerYear: 12 });
    expect(
      await folder.refusal({
        portfolios: lines('id,code,name', `${portfolioId(77)},OWN-2,Other`),
        daily: lines('fund,date,return'),
      }),
    ).toMatch(/portfolios\.csv:2: code "OWN-2" is that of portfolio .* too$/);
  });

  test('of other tenants do not exist, and the same code has another id there', async () => {
    const daily = lines('fund,date,return', 'NEW-1,2024-01-03,0.01');
    await folder.import({ daily }, { createPortfolios: true });
    expect(await folder.refusal({ daily }, { tenant: 'acme' })).toContain(
      'daily.csv:2: portfolio "NEW-1" is no known portfolio: add --create-portfolios',
    );
    await folder.import({ daily }, { tenant: 'acme', createPortfolios: true });
    expect(await folder.refusal({ daily })).toContain(
      'portfolio "NEW-1" is a code of several tenants: give the UUID',
    );
    expect(idOfCode('acme', 'NEW-1')).not.toBe(idOfCode('default', 'NEW-1'));
  });

  test('of new portfolios never lead into a portfolio of another tenant', async () => {
    const id = idOfCode('acme', 'TAKEN');
    await db.database.write(
      `INSERT INTO portfolios (id, name, code, base_currency, tenant)
      VALUES ($1, 'Theirs', 'TAKEN', 'USD', 'other')`,
      [id],
    );
    const daily = lines('fund,date,return', 'TAKEN,2024-01-03,0.01');
    for (const dryRun of [false, true]) {
      expect(
        await folder.refusal({ daily }, { tenant: 'acme', createPortfolios: true, dryRun }),
      ).toContain('other portfolios have the ids that new ones would get for the codes TAKEN');
    }
    expect(await rowsOf('TAKEN')).toEqual([]);
    const portfolios = lines('code,name', 'TAKEN,Mine');
    expect(await folder.refusal({ daily, portfolios }, { tenant: 'acme' })).toContain(
      `id "${id}" is not available`,
    );
    // Without a tenant it is that of the only portfolio with the code; with one it is another.
    await folder.import({
      portfolios: lines('code,name,tenant', 'TAKEN,Mine,third'),
      daily: lines('fund,date,return'),
    });
    expect(
      await db.database.read('SELECT id, name FROM portfolios WHERE code = $1 ORDER BY name', [
        'TAKEN',
      ]),
    ).toEqual([
      { id: idOfCode('third', 'TAKEN'), name: 'Mine' },
      { id, name: 'Theirs' },
    ]);
  });

  test('are refused twice in a tenant, also where one row leaves the tenant to the default', async () => {
    const daily = lines('fund,date,return');
    const twice = (...rows: readonly string[]): Promise<string> =>
      folder.refusal({ portfolios: lines('id,code,name,tenant', ...rows), daily });
    const [one, other] = [portfolioId(81), portfolioId(82)];
    expect(await twice(`${one},TWICE,First,`, `${other},TWICE,Second,default`)).toContain(
      `portfolios.csv:3: code "TWICE" is that of portfolio ${one} too`,
    );
    expect(await twice(`${one},TWICE,First,default`, `${other},TWICE,Second,`)).toContain(
      `portfolios.csv:3: code "TWICE" is that of portfolio ${one} too`,
    );
    const id = idOfCode('default', 'TWICE');
    expect(await twice(',TWICE,First,', ',TWICE,Second,default')).toContain(
      `portfolios.csv:3: id "${id}" stands on line 2 too`,
    );
    expect(await rowsOf('TWICE')).toEqual([]);
  });

  test('of several tenants in one file of portfolios get an id in each', async () => {
    await folder.import({
      portfolios: lines('code,name,tenant', 'MANY,First,one', 'MANY,Second,two', 'MANY,Third,'),
      daily: lines('fund,date,return'),
    });
    expect(
      await db.database.read('SELECT id, tenant FROM portfolios WHERE code = $1 ORDER BY name', [
        'MANY',
      ]),
    ).toEqual(
      ['one', 'two', 'default'].map((tenant) => ({ id: idOfCode(tenant, 'MANY'), tenant })),
    );
  });
});

test('unknown codes end the reading of a file once as many as are listed are known', async () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => `NONE-${n},2024-01-02,0.01`);
  const daily = lines('fund,date,return', ...rows);
  let read = 0;
  const refusal = await folder.refusal({ daily }, { progress: (_label, done) => (read = done) });
  expect(refusal.split('\n')).toHaveLength(22);
  expect(read).toBeLessThan(daily.length);
});

test.each([
  ['Return (%)', 'return'],
  ['Daily return (decimal)', 'daily_return'],
  ['Value (EUR)', 'value'],
  ['Return (YTD)', 'return_ytd'],
  ['Return (gross)', 'return_gross'],
])('the column %s is %s', (name, plain) => {
  expect(plainName(name)).toBe(plain);
});

test.each([
  ['20180-05-11', '9999-12-31'],
  ['0044-03-15 BC', '1900-01-01'],
  ['2018-05-11', '2018-05-11'],
])('rows of %s are refreshed from or to %s', (date, day) => {
  expect(formatDay(dayInBounds(date))).toBe(day);
});

describe('periods a year', () => {
  afterEach(removeImported);

  const monthly = (code: string): string =>
    lines(
      'fund,date,return',
      ...[1, 2, 3, 4, 5, 6].map((month) => `${code},2024-0${month}-28,0.01`),
    );
  const periodsOf = (code: string): Promise<unknown> =>
    db.database.read('SELECT periods_per_year AS periods FROM portfolios WHERE code = $1', [code]);

  test('that are given are those of new portfolios in the file of portfolios', async () => {
    const files = { portfolios: lines('code,name', 'M1,Monthly'), daily: monthly('M1') };
    expect(await folder.refusal(files)).toContain(
      'M1 has about 12 rows a year, but would be annualised by 252: add --periods-per-year 12',
    );
    await folder.import(files, { periodsPerYear: 12 });
    expect(await periodsOf('M1')).toEqual([{ periods: 12 }]);
    await folder.import(files, { periodsPerYear: 12 });
    expect(await folder.refusal(files, { periodsPerYear: 52 })).toMatch(
      /portfolio \S+ exists with periodsPerYear 12, which --periods-per-year 52 does not change: .*upsertPortfolio\(input: \{ id: "\S+", periodsPerYear: 52 \}\)/,
    );
    expect(await periodsOf('M1')).toEqual([{ periods: 12 }]);
  });

  test('that the file of portfolios gives are checked too', async () => {
    const portfolios = lines('code,name,periods_per_year', 'M2,Monthly,52');
    expect(await folder.refusal({ portfolios, daily: monthly('M2') })).toContain(
      'would be annualised by 52: set its periods_per_year to 12 in the file of portfolios',
    );
  });

  test('that are given and change nothing are named', async () => {
    const texts: string[] = [];
    const result = await folder.import({ daily: lines('fund,date,return') });
    printImport({ line: (text) => texts.push(text) }, result, { periodsPerYear: 12 });
    expect(texts).toContain('No portfolio is new: --periods-per-year 12 changes nothing');
  });
});

describe('prices', () => {
  afterEach(removeImported);

  const PRICES = { values: 'prices', createPortfolios: true } as const;
  const long = (...rows: readonly string[]): string => lines('fund,date,price', ...rows);

  test('in any order give returns over the rows there are, from stored ones too', async () => {
    await folder.import({ daily: long('P1,2024-01-05,110', 'P1,2024-01-02,100') }, PRICES);
    expect(await rowsOf('P1')).toEqual(['2024-01-02 - 100', `2024-01-05 ${110 / 100 - 1} 110`]);
    await folder.import({ daily: long('P1,2024-01-08,99') }, PRICES);
    expect((await rowsOf('P1')).at(-1)).toBe(`2024-01-08 ${99 / 110 - 1} 99`);
  });

  test('before or between stored ones give those after them their return again', async () => {
    await folder.import(
      { daily: long('P1,2024-01-02,100', 'P1,2024-01-05,110', 'P1,2024-01-08,99') },
      PRICES,
    );
    const { followers, daily } = await folder.import(
      { daily: long('P1,2024-01-03,105', 'P1,2023-12-29,80') },
      PRICES,
    );
    expect(followers).toBe(2);
    expect(daily).toMatchObject({ inserted: 2, updated: 2 });
    const right = [
      '2023-12-29 - 80',
      `2024-01-02 ${100 / 80 - 1} 100`,
      `2024-01-03 ${105 / 100 - 1} 105`,
      `2024-01-05 ${110 / 105 - 1} 110`,
      `2024-01-08 ${99 / 110 - 1} 99`,
    ];
    expect(await rowsOf('P1')).toEqual(right);
    const again = await folder.import({ daily: long('P1,2024-01-03,105') }, PRICES);
    expect(again.daily).toMatchObject({ unchanged: 1, updated: 0 });
    expect(await rowsOf('P1')).toEqual(right);
  });

  test.each([
    ['the first two', '2024-01-02', '2024-01-03', '2024-01-04', ['2024-01-04 - 102']],
    [
      'one between',
      '2024-01-03',
      '2024-01-03',
      '2024-01-04',
      ['2024-01-02 - 100', `2024-01-04 ${102 / 100 - 1} 102`],
    ],
    [
      'the last',
      '2024-01-04',
      '2024-01-04',
      '2024-01-04',
      ['2024-01-02 - 100', `2024-01-03 ${1010 / 100 - 1} 1010`],
    ],
  ])('that are deleted, %s, change the return after them', async (name, from, to, last, left) => {
    const code = `DELETED ${name}`;
    const days = ['2024-01-02,100', '2024-01-03,1010', '2024-01-04,102'];
    await folder.import({ daily: long(...days.map((day) => `${code},${day}`)) }, PRICES);
    const deleted = { portfolioId: idOfCode('default', code), from, to, pricingPackId: null };
    for (const dryRun of [true, false]) {
      expect(await deleteDays(db.database, deleted, { tenant: EVERY_TENANT, dryRun })).toEqual({
        deleted: from === to ? 1 : 2,
        from,
        to: last,
      });
    }
    expect(await rowsOf(code)).toEqual(left);
  });

  test('of a pack that would be official again with an old return are not deleted into', async () => {
    const packs = (...rows: readonly string[]): string =>
      lines('fund,date,price,pricing_pack', ...rows);
    const files = [
      packs('P7,2024-01-02,100,a', 'P7,2024-01-03,110,a'),
      packs('P7,2024-01-03,120,b'),
      packs('P7,2024-01-02,105,a'),
    ];
    for (const daily of files) await folder.import({ daily }, PRICES);
    const portfolioOf = idOfCode('default', 'P7');
    const day = '2024-01-03';
    const deletion = { portfolioId: portfolioOf, from: day, to: day, pricingPackId: 'b' };
    const remove = (dryRun: boolean): Promise<unknown> =>
      deleteDays(db.database, deletion, { tenant: EVERY_TENANT, dryRun });
    for (const dryRun of [true, false]) {
      await expect(remove(dryRun)).rejects.toThrow(
        `Nothing was deleted: pricing pack a of ${day} would be official again, but its return is ${110 / 100 - 1}, and that of its price and the price before ${110 / 105 - 1}. Import its price again`,
      );
    }
    await folder.import({ daily: packs('P7,2024-01-03,110,a') }, PRICES);
    expect(await remove(false)).toEqual({ deleted: 1, from: day, to: day });
    expect(await rowsOf('P7')).toEqual(['2024-01-02 - 105', `${day} ${110 / 105 - 1} 110`]);
  });

  test('that are cleared, the first, leave none after them', async () => {
    await folder.import({ daily: long('P6,2024-01-02,100', 'P6,2024-01-03,110') }, PRICES);
    await folder.import({ daily: long('P6,2024-01-02,') }, PRICES);
    expect(await rowsOf('P6')).toEqual(['2024-01-02 - -', '2024-01-03 - 110']);
  });

  test('leave returns that were given and not computed', async () => {
    await folder.import(
      {
        daily: lines('fund,date,return,value', 'P2,2024-01-02,,100', 'P2,2024-01-03,0.01,150'),
      },
      { createPortfolios: true },
    );
    await folder.import({ daily: long('P2,2024-01-02,120') }, PRICES);
    expect(await rowsOf('P2')).toEqual(['2024-01-02 - 120', '2024-01-03 0.01 150']);
  });

  test('of a day without a field are passed over in a wide table', async () => {
    await folder.import(
      { daily: lines('Date,P3,P4', '2024-01-04,12,', '2024-01-03,,5', '2024-01-02,10,4') },
      { ...PRICES, layout: 'wide' },
    );
    expect(await rowsOf('P3')).toEqual(['2024-01-02 - 10', `2024-01-04 ${12 / 10 - 1} 12`]);
    expect(await rowsOf('P4')).toEqual(['2024-01-02 - 4', `2024-01-03 ${5 / 4 - 1} 5`]);
  });

  test.each(['0', '-1', '1e31'])('are refused where one is %s', async (price) => {
    expect(await folder.refusal({ daily: long(`P5,2024-01-02,${price}`) }, PRICES)).toContain(
      `daily.csv:2: price "${price}" is no price: one is above 0`,
    );
  });
});

test('the INSERT of the documentation records the official row, and its day is pending', async () => {
  const [insert] = await statementsOf('docs/importing.md');
  await db.database.write(insert!);
  await db.database.write(insert!.replace('0.01,', '0.02,'));
  expect(
    await db.database.read(
      `SELECT twr_1d, benchmark_twr_1d FROM portfolio_metrics
      WHERE portfolio_id = $1 AND asof_date = '2024-01-02' ORDER BY recorded_no DESC`,
      [OWN],
    ),
  ).toEqual([{ twr_1d: 0.02, benchmark_twr_1d: 0.008 }]);
  const { portfolio } = await api.data(
    `query ($id: UUID!) { portfolio(id: $id) { freshness(window: THIRTY_DAYS, asOf: "2024-01-02") { isStale } } }`,
    { id: OWN },
  );
  expect(portfolio).toEqual({ freshness: { isStale: true } });
});

describe('a dry run', () => {
  test('says what would change, and changes nothing', async () => {
    const before = await everythingStored(db.database);
    const result = await folder.import(
      {
        daily: lines(
          'fund,date,return',
          'OWN-1,2024-01-02,0.5',
          'DRY,2024-01-06,-0.25',
          'DRY,2024-01-20,0.125',
        ),
      },
      { createPortfolios: true, dryRun: true },
    );
    expect(result).toMatchObject({
      made: ['DRY'],
      daily: { inserted: 2, updated: 1, unchanged: 0, from: '2024-01-02', to: '2024-01-20' },
      summary: {
        portfolios: 2,
        smallestReturn: { day: '2024-01-06', value: -0.25 },
        greatestReturn: { portfolioId: OWN, day: '2024-01-02', value: 0.5 },
        gapCount: 1,
        gaps: [{ from: '2024-01-06', to: '2024-01-20' }],
        weekendRows: 2,
      },
    });
    expect(await everythingStored(db.database)).toEqual(before);
  });
});

describe('a file that looks different is refused with the option that helps', () => {
  test.each([
    [
      'decimal commas in quotes',
      lines('fund,date,return', 'A,2024-01-02,"0,01"'),
      '',
      /csv:2: return "0,01" is not a finite number\n.* looks like decimal commas: add --decimal comma$/,
    ],
    [
      'decimal points',
      lines('fund;date;return', 'A;2024-01-02;0.01'),
      "--delimiter ';' --decimal comma",
      /"0\.01" is not a finite number with a decimal comma\n.* decimal points: add --decimal point$/,
    ],
    [
      'days that may be either',
      lines('fund,date,return', 'A,03/04/2024,0.01'),
      '',
      /csv:2: date "03\/04\/2024" is not a calendar date .*\n.*add --date-format dd\/MM\/yyyy \(or MM\/dd\/yyyy\)$/,
    ],
    [
      'days of another format',
      lines('fund,date,return', 'A,2024-01-02,0.01'),
      '--date-format dd.MM.yyyy',
      /date "2024-01-02" is not a calendar date in the format dd\.MM\.yyyy\n.*--date-format yyyy-MM-dd$/,
    ],
    [
      'a price without a word',
      lines('fund,date,nav', 'A,2024-01-02,100'),
      '',
      /column "nav" may be prices or values: add --values prices .*--values value/,
    ],
    [
      'a name that says percent',
      lines('fund,date,Return (%)', 'A,2024-01-02,0.01'),
      '',
      /column "Return \(%\)" says percent: add --returns percent/,
    ],
    [
      'returns in place of prices',
      lines('fund,date,return', 'A,2024-01-02,0.01'),
      '--values prices',
      /column "return" has returns: leave out --values prices.*\n.*looks like returns: add --values returns/,
    ],
    [
      'an unknown column',
      lines('fund,date,return,colour', 'A,2024-01-02,0.01,red'),
      '',
      /unknown column "colour" \(skip it with --ignore-extra\)/,
    ],
    [
      'a wide table of returns in percent',
      lines('Date,A,B', '2024-01-02,1.5,-0.8', '2024-01-03,-2,0.7'),
      '',
      /looks like a column for each portfolio, returns and percent: add --layout wide --values returns --returns percent$/,
    ],
    [
      'a wide table that does not say what it holds',
      lines('Date,A', '2024-01-02,1.5'),
      '--layout wide',
      /what its fields are must be said: add --values returns, prices or value/,
    ],
    [
      'a wide table with a column twice and one without a name',
      lines('Date,A,,A', '2024-01-02,1,2,3'),
      '--layout wide --values prices',
      /column 3 without a name, column A twice/,
    ],
    [
      'a wide field',
      lines('Date,A,B', '2024-01-02,1,x'),
      '--layout wide --values prices',
      /csv:2: B "x" is not a finite number/,
    ],
    [
      'monthly rows of a new portfolio',
      lines('fund,date,return', ...[1, 2, 3, 4, 5, 6].map((month) => `A,2024-0${month}-28,0.01`)),
      '--create-portfolios',
      /A has about 12 rows a year, but would be annualised by 252: add --periods-per-year 12/,
    ],
  ])('%s', async (_name, daily, options, message) => {
    const before = await everythingStored(db.database);
    expect(await folder.refusal({ daily }, { returns: undefined, ...optionsOf(options) })).toMatch(
      message,
    );
    expect(await everythingStored(db.database)).toEqual(before);
  });

  test.each([
    ['layout', 'tall', 'layout must be long or wide, but got "tall"'],
    ['delimiter', 'ab', 'delimiter "ab" must be one character between fields'],
    ['date-format', 'dd/mm/yyyy', 'date-format "dd/mm/yyyy" must have dd for the day, MM'],
    ['date-format', 'yyyy-MM', 'date-format "yyyy-MM" must have dd for the day'],
    ['periods-per-year', '1e2', 'periods-per-year "1e2" is not a whole number from 1 to 366'],
    ['dryrun', 'true', 'dryrun is no option of an import; there are layout, '],
  ])('the option %s %s', (name, text, message) => {
    expect(() => readSettings({ [name]: text })).toThrow(message);
  });

  test('extra columns are skipped and named where that is said', async () => {
    const daily = lines('fund,date,return,colour', 'OWN-1,2024-02-02,0.01,red');
    const { skipped } = await folder.import({ daily }, { ignoreExtra: true });
    expect(skipped).toEqual(['colour']);
  });
});

describe('POST /import', () => {
  let services: ReturnType<typeof createTestServices>;
  let server: TestServer;

  beforeAll(async () => {
    services = createTestServices(db.database);
    const schema = await createSchema();
    server = await startTestServer({ schema, database: db.database, imports: services });
  });
  afterAll(async () => {
    await server.close();
    await services.refreshes.close();
  });

  /** Sends a file with options; gives the status, and the lines of the response. */
  async function send(options: Readonly<Record<string, string>>, daily: string): Promise<string[]> {
    const body = new FormData();
    body.set('daily', new Blob([daily]), 'daily.csv');
    const address = new URL('/import', server.url);
    address.search = new URLSearchParams({ refresh: 'false', ...options }).toString();
    const headers = { 'apollo-require-preflight': 'true' };
    const response = await fetch(address, { method: 'POST', headers, body });
    return [String(response.status), ...(await response.text()).trimEnd().split('\n')];
  }

  const JANUARY_2 = '2024-01-02 0.01 -';

  test.each<[option: string, Record<string, string>, daily: string[], rows: string[]]>([
    ['create-portfolios', {}, ['fund,date,return', 'HTTP,2024-01-02,0.01'], [JANUARY_2]],
    [
      'layout',
      { layout: 'wide', values: 'returns' },
      ['Date,HTTP', '2024-01-02,0.01'],
      [JANUARY_2],
    ],
    [
      'values',
      { values: 'prices' },
      ['fund,date,nav', 'HTTP,2024-01-02,100', 'HTTP,2024-01-03,110'],
      ['2024-01-02 - 100', `2024-01-03 ${110 / 100 - 1} 110`],
    ],
    [
      'returns',
      { returns: 'percent' },
      ['fund,date,return', 'HTTP,2024-01-02,7'],
      ['2024-01-02 0.07 -'],
    ],
    ['delimiter', { delimiter: ';' }, ['fund;date;return', 'HTTP;2024-01-02;0.01'], [JANUARY_2]],
    [
      'delimiter',
      { delimiter: 'tab' },
      ['fund\tdate\treturn', 'HTTP\t2024-01-02\t0.01'],
      [JANUARY_2],
    ],
    [
      'decimal',
      { decimal: 'comma', delimiter: ';' },
      ['fund;date;return', 'HTTP;2024-01-02;0,01'],
      [JANUARY_2],
    ],
    [
      'date-format',
      { 'date-format': 'dd.MM.yyyy' },
      ['fund,date,return', 'HTTP,02.01.2024,0.01'],
      [JANUARY_2],
    ],
    [
      'ignore-extra',
      { 'ignore-extra': 'true' },
      ['fund,date,return,colour', 'HTTP,2024-01-02,0.01,red'],
      [JANUARY_2],
    ],
    [
      'periods-per-year',
      { 'periods-per-year': '12' },
      ['fund,date,return', ...[1, 2, 3, 4, 5, 6].map((month) => `HTTP,2024-0${month}-28,0.01`)],
      [1, 2, 3, 4, 5, 6].map((month) => `2024-0${month}-28 0.01 -`),
    ],
  ])('takes %s, and names it where it is missing: %j', async (option, given, file, rows) => {
    const daily = lines(...file);
    const options: Record<string, string> = { 'create-portfolios': 'true', ...given };
    const { [option]: _, ...others } = options;
    const [status, message] = await send(others, daily);
    expect(status).toBe('400');
    expect(message).toContain(`--${option}`);
    const stored = await everythingStored(db.database);
    expect(await send({ ...options, 'dry-run': 'true' }, daily)).toContain(
      '{"type":"line","text":"A dry run: nothing was changed. Without --dry-run:"}',
    );
    expect(await everythingStored(db.database)).toEqual(stored);
    expect((await send(options, daily)).at(-1)).toBe('{"type":"exit","code":0}');
    expect(await rowsOf('HTTP')).toEqual(rows);
    const portfolioIds = [idOfCode('default', 'HTTP')];
    await deletePortfolios(db.database, portfolioIds, { tenant: EVERY_TENANT, dryRun: false });
  });

  test.each([
    ['dryrun', 'true', 'dryrun is no option of an import'],
    ['dry-run', '1', 'dry-run must be true or false, but got \\"1\\"'],
  ])('refuses %s=%s', async (option, value, message) => {
    const [status, text] = await send({ [option]: value }, lines('fund,date,return'));
    expect(status).toBe('400');
    expect(text).toContain(message);
  });
});

test.each([
  ['2024-01-02 00:00:00', undefined],
  ['2024-01-02T23:30:00-05:00', undefined],
  ['2024-01-02T00:00:00.000Z', undefined],
  ['02.01.24', 'dd.MM.yy'],
  ['2 Jan 2024', 'd MMM yyyy'],
  ['01/02/2024 18:00', 'MM/dd/yyyy HH:mm'],
])('the day of %s is the one that is written', (text, format) => {
  expect(dayReader(format)(text)).toEqual({ value: '2024-01-02' });
});
