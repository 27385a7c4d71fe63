import { badUserInput } from './errors.js';
import { toDay, type DayNumber } from './metrics/calendar.js';

/** Forty years from a day to the same day, both included, with ten leap days. */
export const MAX_SERIES_DAYS = 40 * 365 + 10 + 1;

/** Inclusive days of a series. */
export interface SeriesRange {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

/** The range of a series. Throws BAD_USER_INPUT, naming the field, where there is none, or too many days. */
export function seriesRange(field: string, from: string, to: string): SeriesRange {
  const range = { from: toDay(from), to: toDay(to) };
  if (range.from > range.to) {
    throw badUserInput(`from must not be after to, but got from ${from} and to ${to}`);
  }
  if (range.to - range.from >= MAX_SERIES_DAYS) {
    throw badUserInput(`${field} takes at most 40 years, but got ${from} to ${to}`);
  }
  return range;
}
