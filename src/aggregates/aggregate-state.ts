import type { DayNumber } from '../metrics/calendar.js';
import { clipRanges, mergeRanges } from './day-ranges.js';
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

/** What aggregateState gives, as JSON. */
export interface AggregateStateRow {
  readonly materializedThrough: number | null;
  readonly lastRefreshSeconds: number | null;
  readonly pending: readonly (readonly [from: number, to: number])[];
  /** The days that the policy's next runs take; null is unlimited. Empty when it is not scheduled. */
  readonly policyRuns: readonly (readonly [from: number | null, to: number | null])[];
}

/** TimescaleDB counts microseconds since 1970-01-01, and its minus infinity is this. */
const DAY = 86_400_000_000;
const LOWEST = -210_866_803_200_000_000;
const HIGHEST = 9_000_000_000_000_000_000n;

/**
 * A statement that gives the state of one aggregate as a single JSON value.
 *
 * Pending are the days in either invalidation log, those in materialization_ranges (whose upper
 * end is exclusive; a refresh that failed leaves its range only there), and those above the
 * watermark, each range cut to where there are source rows or materialized ones: before the first
 * refresh, and in what refreshes left out, the log says that everything is pending.
 */
export function aggregateState(sqlName: string): string {
  return `
  SELECT jsonb_build_object(
    'materializedThrough',
      CASE WHEN watermark.watermark > ${LOWEST} THEN watermark.watermark / ${DAY} - 1 END,
    'lastRefreshSeconds', extract(epoch FROM greatest(
      CASE WHEN isfinite(job.last_successful_finish) THEN job.last_successful_finish END,
      (SELECT max(refresh.finished_at) FROM aggregate_refreshes AS refresh
        WHERE refresh.view_name = '${sqlName}' AND refresh.state = 'SUCCEEDED'))),
    'policyRuns', coalesce(job.runs, '[]'),
    'pending', coalesce(pending.ranges, '[]')
  ) AS state
  FROM _timescaledb_catalog.continuous_agg AS aggregate
  LEFT JOIN _timescaledb_catalog.continuous_aggs_watermark AS watermark USING (mat_hypertable_id)
  LEFT JOIN LATERAL (
    SELECT stats.last_successful_finish, CASE WHEN policy.scheduled THEN (
      -- A DATE bound of a policy is cut to its day.
      SELECT jsonb_agg(jsonb_build_array(
        (run.at - policy.start_offset)::date - date '1970-01-01',
        CASE WHEN gap.leaves_days THEN (run.at - policy.end_offset)::date - 1 - date '1970-01-01' END))
      FROM generate_series(next.at, CASE WHEN gap.leaves_days
          THEN next.at + policy.end_offset + policy.schedule_interval + interval '3 days'
          ELSE next.at END, policy.schedule_interval) AS run (at)
    ) END AS runs
    FROM (
      SELECT job.job_id, job.scheduled, job.schedule_interval,
        (job.config ->> 'start_offset')::interval AS start_offset,
        (job.config ->> 'end_offset')::interval AS end_offset
      FROM timescaledb_information.jobs AS job
      WHERE job.proc_name = 'policy_refresh_continuous_aggregate'
        AND (job.config ->> 'mat_hypertable_id')::int = aggregate.mat_hypertable_id
    ) AS policy
    LEFT JOIN _timescaledb_internal.bgw_job_stat AS stats USING (job_id)
    LEFT JOIN scheduled_jobs AS scheduled USING (job_id)
    CROSS JOIN LATERAL (
      SELECT greatest(now(), CASE WHEN isfinite(stats.next_start) THEN stats.next_start END,
        scheduled.last_started_at + policy.schedule_interval) AT TIME ZONE 'UTC' AS at
    ) AS next
    -- Where each run begins before the last one ended, together they reach every later day.
    CROSS JOIN LATERAL (
      SELECT coalesce((next.at + policy.schedule_interval - policy.start_offset)::date
        > (next.at - policy.end_offset)::date, false) AS leaves_days
    ) AS gap
  ) AS job ON true
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(
        lower_end.first_day - date '1970-01-01', upper_end.last_day - date '1970-01-01')) AS ranges
    FROM (
      SELECT unnest(range_agg(int4range(
        -- Not to_date: it fails on the lowest values of the log. A refresh from the very beginning
        -- leaves a range that ends before the first of all dates.
        CASE WHEN log.low > ${LOWEST} THEN floor(log.low / ${DAY}.0)::int END,
        CASE WHEN log.high < ${HIGHEST} THEN floor(greatest(log.high, ${LOWEST}) / ${DAY}.0)::int END,
        '[]'))) AS days
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
        SELECT coalesce(watermark.watermark, ${LOWEST}), ${HIGHEST}
      ) AS log
    ) AS range
    CROSS JOIN LATERAL (
      SELECT coalesce(date '1970-01-01' + lower(range.days), '-infinity') AS low,
        coalesce(date '1970-01-01' + upper(range.days) - 1, 'infinity') AS high OFFSET 0
    ) AS bound
    -- In compressed chunks the first or last of many days takes a hundred times as long as whether
    -- there is any, and most ranges end with a row. Each is looked up once (OFFSET 0).
    CROSS JOIN LATERAL (
      SELECT CASE WHEN ${hasRow('bound.high')} THEN bound.high
        ELSE ${lastDay(sqlName, 'BETWEEN bound.low AND bound.high')} END AS last_day OFFSET 0
    ) AS upper_end
    CROSS JOIN LATERAL (
      SELECT CASE WHEN upper_end.last_day IS NULL THEN NULL
        WHEN ${hasRow('bound.low')} THEN bound.low
        ELSE ${firstDay(sqlName, 'BETWEEN bound.low AND upper_end.last_day')} END AS first_day OFFSET 0
    ) AS lower_end
    -- Else the range holds no row.
    WHERE lower_end.first_day IS NOT NULL
  ) AS pending
  WHERE aggregate.user_view_name = '${sqlName}'
    AND aggregate.user_view_schema = current_schema()`;
}

/** Whether a day has a source row. */
function hasRow(day: string): string {
  return `isfinite(${day}) AND EXISTS (
    SELECT FROM portfolio_metrics AS source WHERE source.asof_date = ${day})`;
}

/** The first day that has a source row or a materialized one; null where there is none. */
export function firstDay(sqlName: string, within = 'IS NOT NULL'): string {
  return `least(${daysWithRows('min', sqlName, within)})`;
}

/** The last one. */
export function lastDay(sqlName: string, within = 'IS NOT NULL'): string {
  return `greatest(${daysWithRows('max', sqlName, within)})`;
}

/** @param within what is true of the days that count */
function daysWithRows(which: 'min' | 'max', sqlName: string, within: string): string {
  return `
    (SELECT ${which}(source.asof_date) FROM portfolio_metrics AS source WHERE source.asof_date ${within}),
    (SELECT ${which}(daily.day) FROM ${sqlName} AS daily WHERE daily.day ${within})`;
}

/** The state that aggregateState gave as JSON. */
export function toAggregateState(row: AggregateStateRow): AggregateState {
  const reached = mergeRanges(
    row.policyRuns.map(([from, to]) => ({ from: from ?? -Infinity, to: to ?? Infinity })),
  );
  const pending = mergeRanges(row.pending.map(([from, to]) => ({ from, to })));
  return {
    materializedThrough: row.materializedThrough,
    lastRefresh: row.lastRefreshSeconds === null ? null : new Date(row.lastRefreshSeconds * 1000),
    pending: pending.flatMap((range) => splitByPolicy(range, reached)),
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
