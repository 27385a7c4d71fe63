import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { DEFAULT_TENANT, EVERY_TENANT } from '../access/tenant.js';
import type { Database } from '../database/database.js';
import { toDay } from '../metrics/calendar.js';
import { createDailySeries } from '../metrics/daily-series.js';
import { DEFAULT_PERIODS_PER_YEAR, METRICS } from '../metrics/metrics.js';
import { rollingSeries } from '../metrics/rolling-series.js';
import { SAMPLE_PORTFOLIO_IDS } from '../sample-portfolios.js';
import { deletePortfolios, type DeletedRows } from './delete-rows.js';
import type { ImportFile } from './import-file.js';
import { importFiles, type ImportOptions, type ImportResult } from './import-files.js';

const BENCHMARK = 'SP500';
const STARTING_VALUE = 1_000_000;
/** Pairs a reported beta, alpha or tracking error is made from at least. */
const MIN_REPORTED = 120;

/** Portfolios of the index and the stock, each by the daily return it makes of theirs. */
const PORTFOLIOS: readonly {
  readonly id: string;
  readonly name: string;
  readonly dailyReturn: (index: number, stock: number) => number;
}[] = [
  {
    id: SAMPLE_PORTFOLIO_IDS[0],
    name: 'S&P 500',
    dailyReturn: (index) => index,
  },
  {
    id: SAMPLE_PORTFOLIO_IDS[1],
    name: 'Apple',
    dailyReturn: (_index, stock) => stock,
  },
  {
    id: SAMPLE_PORTFOLIO_IDS[2],
    name: 'Half S&P 500, half Apple, rebalanced daily',
    dailyReturn: (index, stock) => 0.5 * index + 0.5 * stock,
  },
  {
    id: SAMPLE_PORTFOLIO_IDS[3],
    name: 'Half S&P 500, half cash, rebalanced daily',
    dailyReturn: (index) => 0.5 * index,
  },
];

/**
 * Imports sample portfolios made of real prices, Apple and the S&P 500 from 2013-05-13 to
 * 2018-05-11, adjusted for dividends and splits. Running it again changes nothing.
 */
export function importSampleData(
  database: Database,
  options: Omit<ImportOptions, 'tenant' | 'returns'>,
): Promise<ImportResult> {
  const portfolios = stringify(
    PORTFOLIOS.map(({ id, name }) => [id, name, 'USD', BENCHMARK]),
    { header: true, columns: ['id', 'name', 'base_currency', 'benchmark_id'] },
  );
  const file = (name: string, text: string): ImportFile => ({
    name,
    content: Readable.from([Buffer.from(text)]),
  });
  return importFiles(
    database,
    {
      portfolios: async () => file('sample portfolios', portfolios),
      daily: async () => file('sample rows', await sampleRows()),
    },
    { ...options, tenant: DEFAULT_TENANT, returns: 'fraction' },
  );
}

/** Deletes the sample portfolios that are there, and their rows, all or nothing. */
export async function removeSampleData(
  database: Database,
): Promise<DeletedRows & { readonly portfolios: number }> {
  const present = await database.write<{ readonly id: string }>(
    'SELECT id FROM portfolios WHERE id = ANY($1::uuid[])',
    [SAMPLE_PORTFOLIO_IDS],
  );
  const ids = present.map(({ id }) => id);
  const rows = await deletePortfolios(database, ids, { tenant: EVERY_TENANT, dryRun: false });
  return { ...rows, portfolios: ids.length };
}

async function sampleRows(): Promise<string> {
  const index = await readPrices(
    fileURLToPath(new URL('../data/sp500-2000.csv', import.meta.resolve('vega-datasets'))),
  );
  const stock = await readPrices(
    fileURLToPath(import.meta.resolve('@observablehq/sample-datasets/aapl.csv')),
  );
  const days = [...index.keys()].filter((day) => stock.has(day)).toSorted();
  const returnsOf = (prices: ReadonlyMap<string, number>): number[] =>
    days.slice(1).map((day, i) => prices.get(day)! / prices.get(days[i]!)! - 1);
  const indexReturns = returnsOf(index);
  const stockReturns = returnsOf(stock);

  const rows = PORTFOLIOS.flatMap(({ id, dailyReturn }) => {
    const returns = indexReturns.map((value, i) => dailyReturn(value, stockReturns[i]!));
    const reported = reportedFigures(days.slice(1), returns, indexReturns);
    let value = STARTING_VALUE;
    const first = [id, days[0], null, value, null, null, null, null];
    const others = returns.map((change, i) => {
      value *= 1 + change;
      const figures = reported.map((column) => column[i]);
      return [id, days[i + 1], change, value.toFixed(2), indexReturns[i], ...figures];
    });
    return [first, ...others];
  });
  return stringify(rows, {
    header: true,
    columns: [
      'portfolio_id',
      'asof_date',
      'twr_1d',
      'portfolio_value_base',
      'benchmark_twr_1d',
      'beta_1y',
      'alpha_1y',
      'tracking_error_1y',
    ],
  });
}

/** One-year beta, alpha and tracking error for each day, as a risk system would report them. */
function reportedFigures(
  days: readonly string[],
  returns: readonly number[],
  benchmarkReturns: readonly number[],
): readonly (readonly (number | null)[])[] {
  const series = createDailySeries(Int32Array.from(days, toDay), {
    returns: Float64Array.from(returns),
    benchmarkReturns: Float64Array.from(benchmarkReturns),
  });
  return rollingSeries(series, {
    metrics: [METRICS.BETA, METRICS.ALPHA, METRICS.TRACKING_ERROR],
    window: { years: 1 },
    from: series.days[0]!,
    to: series.days.at(-1)!,
    terms: { riskFreeDaily: 0.0001, periodsPerYear: DEFAULT_PERIODS_PER_YEAR },
    minObservations: MIN_REPORTED,
  }).columns;
}

/** Adjusted closing prices by day. */
async function readPrices(file: string): Promise<Map<string, number>> {
  const prices = new Map<string, number>();
  const records = createReadStream(file).pipe(
    parse({
      columns: (header: string[]) => header.map((name) => name.toLowerCase().replace(' ', '')),
    }),
  );
  for await (const { date, adjclose } of records as AsyncIterable<Record<string, string>>) {
    prices.set(date!, Number(adjclose));
  }
  return prices;
}
