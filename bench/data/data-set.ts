import { formatDay, toDay } from '../../src/metrics/calendar.js';

/** Monday to Friday of a year. */
export const DAYS_A_YEAR = 261;

/** The last day of every data set, a Friday: fixed, so that the same parameters give the same rows. */
export const LAST_DAY = '2025-10-31';

/** What a data set is made from. */
export interface DataSet {
  readonly portfolios: number;
  /** Business days that each portfolio has, up to LAST_DAY. */
  readonly days: number;
}

/** The name of the database, or of the data directory, that holds the data set. */
export function nameOf({ portfolios, days }: DataSet): string {
  return `bench_metrics_${portfolios}x${days}`;
}

/** The id of the portfolio with this number, from 0. */
export function portfolioId(number: number): string {
  return `5eed0000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** The first calendar day of the last `years` years of every data set. */
export function firstDayOf(years: number): string {
  const [year, month, day] = LAST_DAY.split('-');
  return formatDay(toDay(`${Number(year) - years}-${month}-${day}`) + 1);
}
