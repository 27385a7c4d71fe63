import type { DayNumber } from '../metrics/calendar.js';
import { mergeRanges } from './day-ranges.js';
import type { DayRange } from './day-ranges.js';

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
}

/** What AGGREGATE_STATES gives for one aggregate, as JSON. */
export interface AggregateStateRow {
  readonly materializedThrough: number | null;
  readonly lastRefreshSeconds: number | null;
  readonly pending: readonly (readonly [from: number, to: number])[];
  /** First day that the next run of the policy takes; null: from the beginning. */
  readonly policyFrom: number | null;
  readonly policyEnabled: boolean;
}

/** TimescaleDB counts microseconds since 1970-01-01; a timestamp's lowest means minus infinity. */
const DAY = 86_400_000_000;
const LOWEST = -210_866_803_200_000_000;

/**
 * One row (view_name, state) for each continuous aggregate over portfolio_metrics.
 *
 * Pending are the days in either invalidation log, those in materialization_ranges (whose upper
 * end is exclusive; a refresh that failed leaves its range only there), and those above the
 * watermark. A range that reaches to infinity counts only where source rows are.
 */
export const AGGREGATE_STATES = `
  SELECT aggregate.user_view_name AS view_name, jsonb_build_object(
    'materializedThrough',
      CASE WHEN watermark.watermark > ${LOWEST} THEN watermark.watermark / ${DAY} - 1 END,
    'lastRefreshSeconds', extract(epoch FROM greatest(
      CASE WHEN isfinite(job.last_successful_finish) THEN job.last_successful_finish END,
      (SELECT max(refresh.finished_at) FROM aggregate_refreshes AS refresh
        WHERE refresh.view_name = aggregate.user_view_name AND refresh.state = 'SUCCEEDED'))),
    'policyEnabled', coalesce(job.scheduled, false),
    'policyFrom', job.first_day,
    'pending', coalesce(pending.ranges, '[]')
  ) AS state
  FROM _timescaledb_catalog.continuous_agg AS aggregate
  JOIN _timescaledb_catalog.hypertable AS source
    ON source.id = aggregate.raw_hypertable_id AND source.table_name = 'portfolio_metrics'
  LEFT JOIN _timescaledb_catalog.continuous_aggs_watermark AS watermark
    ON watermark.mat_hypertable_id = aggregate.mat_hypertable_id
  LEFT JOIN LATERAL (
    SELECT policy.scheduled, stats.last_successful_finish,
      ((greatest(now(), stats.next_start) AT TIME ZONE 'UTC')
        - (policy.config ->> 'start_offset')::interval)::date - date '1970-01-01' AS first_day
    FROM timescaledb_information.jobs AS policy
    LEFT JOIN timescaledb_information.job_stats AS stats USING (job_id)
    WHERE policy.proc_name = 'policy_refresh_continuous_aggregate'
      AND (policy.config ->> 'mat_hypertable_id')::int = aggregate.mat_hypertable_id
  ) AS job ON true
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(
        first_day.day - date '1970-01-01', last_day.day - date '1970-01-01')) AS ranges
    FROM (
      SELECT lowest_modified_value AS low, greatest_modified_value AS high
      FROM _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log
      WHERE hypertable_id = aggregate.raw_hypertable_id
      UNION ALL
      SELECT lowest_modified_value, greatest_modified_value
      FROM _timescaledb_catalog.continuous_aggs_materialization_invalidation_log
      WHERE materialization_id = aggregate.mat_hypertable_id
      UNION ALL
      SELECT lowest_modified_value, greatest_modified_value - 1
      FROM _timescaledb_catalog.continuous_aggs_materialization_ranges
      WHERE materialization_id = aggregate.mat_hypertable_id
      UNION ALL
      SELECT coalesce(watermark.watermark, ${LOWEST}), 9223372036854775807
    ) AS log
    -- Not to_date: it fails on the lowest values of the log.
    CROSS JOIN LATERAL (
      SELECT
        CASE WHEN log.low > ${LOWEST} THEN date '1970-01-01' + floor(log.low / ${DAY}.0)::int END AS low,
        CASE WHEN log.high < 9000000000000000000 THEN date '1970-01-01' + floor(log.high / ${DAY}.0)::int END AS high
    ) AS bound
    CROSS JOIN LATERAL (
      SELECT CASE WHEN bound.low IS NOT NULL AND bound.high IS NOT NULL THEN bound.low ELSE (
        SELECT min(row.asof_date) FROM portfolio_metrics AS row
        WHERE row.asof_date >= coalesce(bound.low, '-infinity')) END AS day
    ) AS first_day
    CROSS JOIN LATERAL (
      SELECT CASE WHEN bound.low IS NOT NULL AND bound.high IS NOT NULL THEN bound.high ELSE (
        SELECT max(row.asof_date) FROM portfolio_metrics AS row
        WHERE row.asof_date <= coalesce(bound.high, 'infinity')) END AS day
    ) AS last_day
    WHERE first_day.day <= last_day.day
  ) AS pending`;

/** The state that a row of AGGREGATE_STATES describes. */
export function toAggregateState(row: AggregateStateRow): AggregateState {
  const pending = mergeRanges(row.pending.map(([from, to]) => ({ from, to })));
  return {
    materializedThrough: row.materializedThrough,
    lastRefresh: row.lastRefreshSeconds === null ? null : new Date(row.lastRefreshSeconds * 1000),
    pending: pending.flatMap((range) => splitByPolicy(range, row)),
  };
}

function splitByPolicy(range: DayRange, row: AggregateStateRow): PendingRange[] {
  if (!row.policyEnabled) return [{ ...range, coveredByPolicy: false }];
  const firstCovered = row.policyFrom ?? -Infinity;
  if (range.from >= firstCovered) return [{ ...range, coveredByPolicy: true }];
  if (range.to < firstCovered) return [{ ...range, coveredByPolicy: false }];
  return [
    { from: range.from, to: firstCovered - 1, coveredByPolicy: false },
    { from: firstCovered, to: range.to, coveredByPolicy: true },
  ];
}
