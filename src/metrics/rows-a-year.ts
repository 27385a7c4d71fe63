import type { DayNumber } from './calendar.js';

const DAYS_A_YEAR = 365.25;
/** A pause of so many times the median one is a gap, not the usual distance of rows. */
const GAP = 10;

/**
 * How many rows a year a series has, by the mean distance of its rows: about 261 of business days
 * without holidays, 365.25 of all days, 12 of months. Gaps are left out. Null below two rows.
 *
 * @param days descending, without repetition
 */
export function rowsAYear(days: readonly DayNumber[]): number | null {
  const pauses = days.slice(1).map((day, index) => days[index]! - day);
  if (pauses.length === 0) return null;
  const median = pauses.toSorted((a, b) => a - b)[pauses.length >> 1]!;
  const usual = pauses.filter((pause) => pause <= GAP * median);
  return (DAYS_A_YEAR * usual.length) / usual.reduce((sum, pause) => sum + pause, 0);
}
