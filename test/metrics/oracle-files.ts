import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { toDay } from '../../src/metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../../src/metrics/daily-series.js';
import { dailySeriesOf } from './daily-series-of.js';

type CsvRow = Readonly<Record<string, string>>;

const COLUMN_NAMES: Readonly<Record<DailyColumn, string>> = {
  returns: 'twr_1d',
  values: 'portfolio_value_base',
  benchmarkReturns: 'benchmark_twr_1d',
  reportedBetas: 'beta_1y',
  reportedAlphas: 'alpha_1y',
  reportedTrackingErrors: 'tracking_error_1y',
};

/** The rows of a file of test/oracles, by its path there. */
export function readOracle(path: string): CsvRow[] {
  const text = readFileSync(new URL(`../oracles/${path}`, import.meta.url), 'utf8');
  return parse<Record<string, string>>(text, { columns: true });
}

/** A number of an oracle file; an empty field is null. */
export function oracleNumber(text: string): number | null {
  return text === '' ? null : Number(text);
}

/** The official daily series of a case: of a day's lines the last counts, whole. */
export function readCase(name: string): DailySeries {
  const official = new Map(readOracle(`input/${name}.csv`).map((row) => [row['asof_date']!, row]));
  const rows = [...official.values()].map((row) => {
    const values = Object.entries(COLUMN_NAMES).map(([column, csvName]) => [
      column,
      oracleNumber(row[csvName]!),
    ]);
    return { day: toDay(row['asof_date']!), ...Object.fromEntries(values) };
  });
  return dailySeriesOf(rows.toSorted((a, b) => a.day - b.day));
}
