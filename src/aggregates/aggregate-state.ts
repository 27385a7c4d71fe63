import type { DayNumber } from '../metrics/calendar.js';
import type { AggregateStateRow } from '../timescale/aggregate-state.js';
import { clipRanges, mergeRanges, subtractRanges, type DayRange } from './day-ranges.js';

/** Days that changed since they were last materialized, or hold source rows and never were. */
export interface PendingRange extends DayRange {
  /** Whether a later run of the policy will include the range. */
  readonly coveredByPolicy: boolean;
}

/** How far an aggregate has caught up with its source. */
export interface AggregateState {
  /** Last day below the watermark; null before the first refresh. */
  readonly materializedThrough: DayNumber | null;
  /** Last successful refresh, by a policy or by hand. */
  readonly lastRefresh: Date | null;
  /** In order, merged, split where coveredByPolicy changes. */
  readonly pending: readonly PendingRange[];
  /** The pending days that lost their materialization: only a forced refresh restores them. */
  readonly missing: readonly DayRange[];
  /** Whether a chunk of it is complete and yet to be noted as such. */
  readonly isUnnoted: boolean;
  /** Days without a chunk at its source: what it holds there can no longer be computed from rows. */
  readonly withoutSource: readonly DayRange[];
}

/** The state that the statement of timescale/aggregate-state gave as JSON. */
export function toAggregateState(row: AggregateStateRow): AggregateState {
  const missing = mergeRanges(row.missing.map(([from, to]) => ({ from, to })));
  const runs = row.policyRuns.map(([from, to]) => ({
    from: from ?? -Infinity,
    to: to ?? Infinity,
  }));
  const reached = subtractRanges(mergeRanges(runs), missing);
  const pending = mergeRanges(row.pending.map(([from, to]) => ({ from, to })));
  return {
    materializedThrough: row.materializedThrough,
    lastRefresh: row.lastRefreshSeconds === null ? null : new Date(row.lastRefreshSeconds * 1000),
    pending: pending.flatMap((range) => splitByPolicy(range, reached)),
    missing,
    isUnnoted: row.isUnnoted,
    withoutSource: row.withoutSource.map(([from, to]) => ({ from, to })),
  };
}

/** The range in parts: those that the policy reaches, and those between them. */
function splitByPolicy(range: DayRange, reached: readonly DayRange[]): PendingRange[] {
  const parts: PendingRange[] = [];
  let { from } = range;
  for (const part of clipRanges(reached, range)) {
    if (from < part.from) parts.push({ from, to: part.from - 1, coveredByPolicy: false });
    parts.push({ ...part, coveredByPolicy: true });
    from = part.to + 1;
  }
  if (from <= range.to) parts.push({ from, to: range.to, coveredByPolicy: false });
  return parts;
}
