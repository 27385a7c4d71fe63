import type { DayNumber } from './calendar.js';

const DAYS_A_YEAR = 365.25;
/** A pause of so many times the median one is a gap, not the usual distance of rows. */
const GAP = 10;
/** How many of the last rows of a series are looked at. */
export const LAST_ROWS = 30;
/** Rows a year this many times as many as the periods of a year, or as few, are far from them. */
const FAR = 1.25;
/** Fewer rows say nothing. */
const MIN_ROWS = 6;
/** Among fewer rows, a weekend and some holidays weigh so much that only much fewer are far. */
const MANY_ROWS = 20;
const FAR_OF_FEW = 2.5;
/** What is set where it is near. */
const COMMON_PERIODS = [1, 2, 4, 12, 26, 52, 252, 365];
const NEAR = 1.1;
const MAX_PERIODS = 366;

/** What a series is where its rows a year are far from the periods that it is annualised by. */
export interface OtherPeriods {
  readonly rowsAYear: number;
  /** How many periods a year it should have. */
  readonly periods: number;
}

/**
 * Whether a series' rows a year are far from the periods of a year with which it is annualised: how
 * many there are; null where they are not, or where the rows are too few to say.
 *
 * @param days its last days, descending, without repetition
 */
export function otherPeriods(days: readonly DayNumber[], periods: number): OtherPeriods | null {
  if (days.length < MIN_ROWS) return null;
  const rows = rowsAYear(days)!;
  const ratio = rows / periods;
  const min = 1 / (days.length < MANY_ROWS ? FAR_OF_FEW : FAR);
  if (ratio <= FAR && ratio >= min) return null;
  const near = COMMON_PERIODS.find((common) => Math.max(rows / common, common / rows) < NEAR);
  return {
    rowsAYear: rows,
    periods: near ?? Math.max(1, Math.min(MAX_PERIODS, Math.round(rows))),
  };
}

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
