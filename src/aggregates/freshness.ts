import { formatDay } from '../metrics/calendar.js';
import type { AggregateState, PendingRange } from './aggregate-state.js';
import { clipRanges, type DayRange } from './day-ranges.js';
import { AGGREGATES, type AggregateName } from './registry.js';

/** Whether numbers over some days may be older than their source: a pending day is among them. */
export function isStale({ pending }: AggregateState, days: DayRange): boolean {
  return pending.some(({ from, to }) => from <= days.to && days.from <= to);
}

/** A sentence: which of some days are pending, and whether the policy will reach them; null where none is. */
export function staleReason(
  aggregate: AggregateName,
  { pending }: AggregateState,
  days: DayRange,
): string | null {
  const stale = pending.flatMap((range) =>
    clipRanges([range], days).map((clipped) => ({ ...range, ...clipped })),
  );
  const reasons = [true, false].flatMap((coveredByPolicy) => {
    const ranges = stale.filter((range) => range.coveredByPolicy === coveredByPolicy);
    return ranges.length > 0 ? describePending(aggregate, ranges, coveredByPolicy) : [];
  });
  return reasons.length > 0 ? reasons.join(' ') : null;
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
