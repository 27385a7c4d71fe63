import type { DayNumber } from '../metrics/calendar.js';

/** Inclusive on both ends; the infinities are allowed. */
export interface DayRange {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

/** How many days the ranges hold. */
export function countDays(ranges: readonly DayRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** The same days as ranges in order that neither overlap nor touch. */
export function mergeRanges(ranges: readonly DayRange[]): DayRange[] {
  const merged: { from: DayNumber; to: DayNumber }[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** The part of each range that lies inside `bounds`. */
export function clipRanges(ranges: readonly DayRange[], bounds: DayRange): DayRange[] {
  return ranges.flatMap((range) => {
    const from = Math.max(range.from, bounds.from);
    const to = Math.min(range.to, bounds.to);
    return from <= to ? { from, to } : [];
  });
}

/** The days of `ranges` that none of `others` has, in order; both merged and in order. */
export function subtractRanges(
  ranges: readonly DayRange[],
  others: readonly DayRange[],
): DayRange[] {
  return others.reduce<DayRange[]>(
    (left, other) =>
      left.flatMap(({ from, to }) => {
        if (other.to < from || to < other.from) return { from, to };
        const before = from < other.from ? [{ from, to: other.from - 1 }] : [];
        return other.to < to ? [...before, { from: other.to + 1, to }] : before;
      }),
    [...ranges],
  );
}

/** The days that both have, merged and in order. */
export function intersectRanges(
  ranges: readonly DayRange[],
  others: readonly DayRange[],
): DayRange[] {
  return mergeRanges(others.flatMap((other) => clipRanges(ranges, other)));
}

/** Whether any day is in both. */
export function rangesMeet(ranges: readonly DayRange[], others: readonly DayRange[]): boolean {
  return ranges.some(({ from, to }) =>
    others.some((other) => from <= other.to && other.from <= to),
  );
}
