import type { DayNumber } from './calendar.js';

/** The columns a daily series can have, in the order in which the reader lists them. */
export const DAILY_COLUMNS = [
  'returns',
  'values',
  'benchmarkReturns',
  'reportedBetas',
  'reportedAlphas',
  'reportedTrackingErrors',
] as const;
export type DailyColumn = (typeof DAILY_COLUMNS)[number];

/** Columns that take as much room as all others, and that few requests need. */
const SELDOM_REQUESTED: ReadonlySet<DailyColumn> = new Set([
  'reportedBetas',
  'reportedAlphas',
  'reportedTrackingErrors',
]);

/** Whether a column is read only for requests that select it. */
export function isSeldomAsked(column: DailyColumn): boolean {
  return SELDOM_REQUESTED.has(column);
}

/**
 * One portfolio's official daily series: `days` ascending without repetition, and for every
 * column one number a day, NaN where the day has none. Returns and ratios are decimal
 * fractions, values are in the portfolio's base currency. A column that the aggregate does
 * not have, or that was not read, is an empty array.
 */
export interface DailySeries extends Readonly<Record<DailyColumn, Float64Array>> {
  readonly days: Int32Array;
}

const NOT_READ = new Float64Array(0);
const EMPTY_COLUMNS = Object.fromEntries(
  DAILY_COLUMNS.map((column) => [column, NOT_READ]),
) as Record<DailyColumn, Float64Array>;

/** A daily series with these columns; the others are empty. */
export function createDailySeries(
  days: Int32Array,
  columns: Readonly<Partial<Record<DailyColumn, Float64Array>>>,
): DailySeries {
  return { ...EMPTY_COLUMNS, ...columns, days };
}

/** The columns that were read. */
export function columnsIn(series: DailySeries): DailyColumn[] {
  return DAILY_COLUMNS.filter((column) => isIn(series, column));
}

/** Throws where one of these columns was not read: what is computed from it would be wrong. */
export function requireColumns(series: DailySeries, columns: readonly DailyColumn[]): void {
  for (const column of columns) {
    if (!isIn(series, column)) {
      throw new Error(`the daily series has been read without its ${column}`);
    }
  }
}

function isIn(series: DailySeries, column: DailyColumn): boolean {
  return series[column].length === series.days.length;
}

/** Index of the first day that is not before `day`; the length where all days are before it. */
export function lowerBound(days: Int32Array, day: DayNumber): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (days[middle]! < day) low = middle + 1;
    else high = middle;
  }
  return low;
}
