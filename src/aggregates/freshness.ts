import type { DayNumber } from '../metrics/calendar.js';
import { formatDay } from '../metrics/calendar.js';
import type { AggregateState, PendingRange } from './aggregate-state.js';
import { clipRanges } from './day-ranges.js';
import type { DayRange } from './day-ranges.js';
import { AGGREGATES } from './registry.js';
import type { AggregateName } from './registry.js';

/** Whether the numbers over some days are as new as their source. */
export interface Freshness {
  readonly aggregate: AggregateName;
  readonly materializedThrough: DayNumber | null;
  readonly lastRefresh: Date | null;
  readonly isStale: boolean;
  /** A sentence where stale, else null. */
  readonly staleReason: string | null;
}

/** The freshness of what an aggregate in this state says about the given days. */
export function freshnessOf(
  aggregate: AggregateName,
  { materializedThrough, lastRefresh, pending }: AggregateState,
  days: DayRange,
): Freshness {
  const missing = pending.flatMap((range) =>
    clipRanges([range], days).map((clipped) => ({ ...range, ...clipped })),
  );
  const reasons = [true, false].flatMap((coveredByPolicy) => {
    const ranges = missing.filter((range) => range.coveredByPolicy === coveredByPolicy);
    return ranges.length > 0 ? describePending(aggregate, ranges, coveredByPolicy) : [];
  });
  return {
    aggregate,
    materializedThrough,
    lastRefresh,
    isStale: missing.length > 0,
    staleReason: reasons.length > 0 ? reasons.join(' ') : null,
  };
}

/** "2018-05-11", or "2018-05-01 to 2018-05-11". */
export function formatRange({ from, to }: DayRange): string {
  return from === to ? formatDay(from) : `${formatDay(from)} to ${formatDay(to)}`;
}

function describePending(
  aggregate: AggregateName,
  ranges: readonly PendingRange[],
  coveredByPolicy: boolean,
): string {
  const days = ranges.map(formatRange).join(', ');
  const { sqlName } = AGGREGATES[aggregate];
  return coveredByPolicy
    ? `Pending in ${sqlName}: ${days}; its refresh policy will reach them.`
    : `Pending in ${sqlName}: ${days}; its refresh policy will not reach them, refresh them by hand.`;
}
