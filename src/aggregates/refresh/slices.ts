import type { DayNumber } from '../../metrics/calendar.js';
import { clipRanges, countDays } from '../day-ranges.js';
import type { DayRange } from '../day-ranges.js';

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
