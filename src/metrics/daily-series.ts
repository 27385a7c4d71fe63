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

/**
 * One portfolio's official daily series: `days` ascending without repetition, and for every
 * column one number a day, NaN where the day has none. Returns and ratios are decimal
 * fractions, values are in the portfolio's base currency. A column that the aggregate does
 * not have is an empty array.
 */
export interface DailySeries extends Readonly<Record<DailyColumn, Float64Array>> {
  readonly days: Int32Array;
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
