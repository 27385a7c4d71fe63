import { countDays } from '../aggregates/day-ranges.js';
import { toDay } from '../metrics/calendar.js';

/** An inclusive range of days that wait for a refresh. */
export interface PendingDays {
  readonly from: string;
  readonly to: string;
  readonly coveredByPolicy: boolean;
}

/** At most so many ranges are named. */
const MAX_RANGES = 3;

/** How many days there are in all the ranges. */
export function countPendingDays(ranges: readonly PendingDays[]): number {
  return countDays(ranges.map(({ from, to }) => ({ from: toDay(from), to: toDay(to) })));
}

/** "2018-05-01 to 2018-05-11, 2018-05-14, and 3 more ranges". */
export function describeRanges(ranges: readonly PendingDays[]): string {
  const named = ranges
    .slice(0, MAX_RANGES)
    .map(({ from, to }) => (from === to ? from : `${from} to ${to}`));
  const more = ranges.length - named.length;
  if (more > 0) named.push(`and ${more} more ${more === 1 ? 'range' : 'ranges'}`);
  return named.join(', ');
}
