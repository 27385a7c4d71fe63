import type { DayNumber } from '../../metrics/calendar.js';
import { clipRanges, countDays, mergeRanges, type DayRange } from '../day-ranges.js';

/**
 * The first slice of a range of days: as far as it holds no more than `budget` pending days.
 * Days that are not pending cost next to nothing to refresh, and do not count.
 */
export function nextSlice(range: DayRange, pending: readonly DayRange[], budget: number): DayRange {
  let left = Math.max(1, budget);
  for (const part of clipRanges(pending, range)) {
    const days = countDays([part]);
    if (days > left) return { from: range.from, to: part.from + left - 1 };
    left -= days;
  }
  return range;
}

/** Missing ranges this near to each other are refreshed together: weekends have no rows to compute. */
const NEAR_DAYS = 7;

/** The ranges that a refresh has to compute by force, where these lost their materialization. */
export function forcedRanges(missing: readonly DayRange[]): DayRange[] {
  const widened = missing.map(({ from, to }) => ({ from, to: to + NEAR_DAYS }));
  return mergeRanges(widened).map(({ from, to }) => ({ from, to: to - NEAR_DAYS }));
}

/** The days from `from` that are all to be refreshed by force, or all not; at most to `to`. */
export function partAt(
  from: DayNumber,
  to: DayNumber,
  forced: readonly DayRange[],
): DayRange & { readonly isForced: boolean } {
  const next = forced.find((range) => range.to >= from);
  if (!next || next.from > to) return { from, to, isForced: false };
  if (next.from > from) return { from, to: next.from - 1, isForced: false };
  return { from, to: Math.min(to, next.to), isForced: true };
}

/** How many pending days the next slice may hold, after one with `days` took this long. */
export function adaptBudget(budget: number, days: number, tookMs: number, aimMs: number): number {
  if (days === 0 || tookMs === 0) return budget;
  const aimed = Math.floor((days * aimMs) / tookMs);
  // Not more than twice as many at once: the next days may hold more rows.
  return Math.max(1, Math.min(aimed, 2 * budget));
}

/** The range between two optional days. */
export function rangeOf(from: DayNumber | null, to: DayNumber | null): DayRange {
  return { from: from ?? -Infinity, to: to ?? Infinity };
}
