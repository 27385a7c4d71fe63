import { CATALOG, DAY, HIGHEST, LOWEST } from './catalog.js';

/** What aggregateState returns, as JSON. Days are counted from 1970-01-01, ranges are inclusive. */
export interface AggregateStateRow {
  readonly materializedThrough: number | null;
  readonly lastRefreshSeconds: number | null;
  readonly pending: readonly (readonly [from: number, to: number])[];
  /** The pending days that lost their materialization: an ordinary refresh does not restore them. */
  readonly missing: readonly (readonly [from: number, to: number])[];
  /** Whether a chunk of it is complete and not noted as such. */
  readonly isUnnoted: boolean;
  /** The days for which it has chunks and its source has none: what it holds there may be dropped at its source. */
  readonly withoutSource: readonly (readonly [from: number, to: number])[];
  /** The days that the policy's next runs take; null is unlimited. Empty when it is not scheduled. */
  readonly policyRuns: readonly (readonly [from: number | null, to: number | null])[];
}

/** Days beyond these bounds are not days of portfolios: a row there is ignored by every reader. */
export const FIRST_DAY = '1900-01-01';
export const LAST_DAY = '9999-12-31';

/**
 * A statement that returns the state of one aggregate as a single JSON value.
 *
 * Pending are the days in either invalidation log, those in materialization_ranges (whose upper
 * end is exclusive; a refresh that failed leaves its range only there), those above the watermark,
 * and the missing ones: drop_chunks and retention policies remove materialized days without an
 * invalidation. These are below the watermark, in chunks of the source for which the materialization
 * has none, or days without a materialized row in a chunk that is not known to be complete (a later
 * refresh of one day makes the chunk again, without the others). Each range is cut to where there are source rows or materialized ones: before the first refresh, and in what
 * refreshes left out, the log says that everything is pending.
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
    'pending', coalesce(pending.ranges, '[]'),
    'missing', coalesce(pending.missing_ranges, '[]'),
    'isUnnoted', EXISTS (
      SELECT FROM ${slicesOf('aggregate.mat_hypertable_id')}
      WHERE ${NOT_NOTED} AND NOT ${DAYS_OF_SLICE} && lost.missing),
    'withoutSource', (
      SELECT coalesce(jsonb_agg(jsonb_build_array(lower(range), upper(range) - 1)), '[]')
      FROM unnest((days.of_chunks - days.of_source) * ${BOUNDS}) AS range)
  ) AS state
  FROM ${CATALOG}.continuous_agg AS aggregate
  LEFT JOIN ${CATALOG}.continuous_aggs_watermark AS watermark USING (mat_hypertable_id)
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
    SELECT ${multirange([
      {
        from: `${CATALOG}.continuous_aggs_hypertable_invalidation_log`,
        where: 'hypertable_id = aggregate.raw_hypertable_id',
        high: 'greatest_modified_value',
      },
      {
        from: `${CATALOG}.continuous_aggs_materialization_invalidation_log`,
        where: 'materialization_id = aggregate.mat_hypertable_id',
        high: 'greatest_modified_value',
      },
      {
        from: `${CATALOG}.continuous_aggs_materialization_ranges`,
        where: 'materialization_id = aggregate.mat_hypertable_id',
        high: 'greatest_modified_value - 1',
      },
    ])} AS logged,
      int4multirange(int4range(floor(watermark.watermark / ${DAY}.0)::int, NULL)) AS above,
      ${daysOfChunks('aggregate.raw_hypertable_id')} AS of_source,
      ${daysOfChunks('aggregate.mat_hypertable_id')} AS of_chunks,
      ${daysOfChunks('aggregate.mat_hypertable_id', NOT_NOTED)} AS incomplete
  ) AS days
  CROSS JOIN LATERAL (
    -- What an ordinary refresh materializes is in the log or above the watermark.
    SELECT days.of_source - days.of_chunks - days.above - days.logged + coalesce((
      SELECT range_agg(found.days)
      FROM unnest((days.incomplete * days.of_source - days.above - days.logged) * ${BOUNDS}) AS range
      CROSS JOIN LATERAL unnest(missing_days('${sqlName}', aggregate.raw_hypertable_id,
        date '1970-01-01' + lower(range), date '1970-01-01' + upper(range) - 1)) AS found (days)), '{}') AS missing
  ) AS lost
  CROSS JOIN LATERAL (
    SELECT ${rangesOf('true')} AS ranges, ${rangesOf('found.is_missing')} AS missing_ranges
    FROM (
      SELECT unnest((days.logged + days.above) * ${BOUNDS}) AS days, false AS is_missing
      UNION ALL
      SELECT unnest(lost.missing * ${BOUNDS}), true
    ) AS range
    CROSS JOIN LATERAL (
      SELECT date '1970-01-01' + lower(range.days) AS low,
        date '1970-01-01' + upper(range.days) - 1 AS high OFFSET 0
    ) AS bound
    -- Each is looked up once (OFFSET 0).
    CROSS JOIN LATERAL (
      SELECT ${lastDay(sqlName, 'bound.low', 'bound.high')} AS last_day OFFSET 0
    ) AS upper_end
    CROSS JOIN LATERAL (
      SELECT CASE WHEN upper_end.last_day = bound.low THEN bound.low
        ELSE ${firstDay(sqlName, 'bound.low', 'upper_end.last_day')} END AS first_day OFFSET 0
    ) AS lower_end
    CROSS JOIN LATERAL (SELECT range.is_missing, lower_end.first_day, upper_end.last_day) AS found
    -- Else the range holds no row.
    WHERE found.first_day IS NOT NULL
  ) AS pending
  WHERE aggregate.user_view_name = '${sqlName}'
    AND aggregate.user_view_schema = current_schema()`;
}

/** Days are counted from 1970-01-01; the first day has to come as a constant to be compared with. */
const BOUNDS = `int4multirange(int4range(
  date '${FIRST_DAY}' - date '1970-01-01', date '${LAST_DAY}' - date '1970-01-01', '[]'))`;

/** An aggregate of the rows called `found`, as [first day, last day]; null without any. */
function rangesOf(condition: string): string {
  return `jsonb_agg(jsonb_build_array(
    found.first_day - date '1970-01-01', found.last_day - date '1970-01-01')) FILTER (WHERE ${condition})`;
}

interface Log {
  readonly from: string;
  readonly where: string;
  /** The highest value of a row, inclusive. */
  readonly high: string;
}

/** The days of TimescaleDB's logs, each inclusive, as a multirange. */
function multirange(logs: readonly Log[]): string {
  const rows = logs.map(
    ({ from, where, high }) =>
      `SELECT lowest_modified_value AS low, ${high} AS high FROM ${from} WHERE ${where}`,
  );
  return `coalesce((
    SELECT range_agg(int4range(
      -- Not to_date: it fails on the lowest values of the log. A refresh from the very beginning
      -- leaves a range that ends before the first of all dates.
      CASE WHEN log.low > ${LOWEST} THEN floor(log.low / ${DAY}.0)::int END,
      CASE WHEN log.high < ${HIGHEST} THEN floor(greatest(log.high, ${LOWEST}) / ${DAY}.0)::int END,
      '[]'))
    FROM (${rows.join(' UNION ALL ')}) AS log), '{}')`;
}

/** The days for which a hypertable has chunks, with rows in them or not. */
function daysOfChunks(hypertableId: string, condition = 'true'): string {
  return `coalesce((
    SELECT range_agg(${DAYS_OF_SLICE}) FROM ${slicesOf(hypertableId)} WHERE ${condition}), '{}')`;
}

/** The slices of a hypertable: what each of its chunks covers. */
function slicesOf(hypertableId: string): string {
  return `${CATALOG}.dimension_slice AS slice
    JOIN ${CATALOG}.dimension AS dimension
      ON dimension.id = slice.dimension_id AND dimension.hypertable_id = ${hypertableId}`;
}

const DAYS_OF_SLICE = `int4range(floor(greatest(slice.range_start, ${LOWEST}) / ${DAY}.0)::int,
  ceil(least(slice.range_end, ${HIGHEST}) / ${DAY}.0)::int)`;

const NOT_NOTED =
  'NOT EXISTS (SELECT FROM complete_chunks AS complete WHERE complete.slice_id = slice.id)';

export const IN_BOUNDS = `BETWEEN date '${FIRST_DAY}' AND date '${LAST_DAY}'`;

const [FIRST, LAST] = [`date '${FIRST_DAY}'`, `date '${LAST_DAY}'`];

/** The first day of a range that has a source row or a materialized one; null where there is none. */
export function firstDay(sqlName: string, low = FIRST, high = LAST): string {
  return endOf('min', 'least', sqlName, low, high);
}

/** The last one. */
export function lastDay(sqlName: string, low = FIRST, high = LAST): string {
  return endOf('max', 'greatest', sqlName, low, high);
}

function endOf(
  which: 'min' | 'max',
  choose: 'least' | 'greatest',
  sqlName: string,
  low: string,
  high: string,
): string {
  const source = sourceDay(which, low, high);
  const end = which === 'min' ? low : high;
  // Most ranges end with a row of the source.
  return `(SELECT CASE WHEN source.day = ${end} THEN source.day
      ELSE ${choose}(source.day, ${materializedDay(which, sqlName, low, high)}) END
    FROM (SELECT ${source} AS day OFFSET 0) AS source)`;
}

function sourceDay(which: 'min' | 'max', low: string, high: string): string {
  return `day_with_row('${which}', 'portfolio_metrics', 'asof_date', (
    SELECT id FROM ${CATALOG}.hypertable
    WHERE table_name = 'portfolio_metrics' AND schema_name = current_schema()), ${low}, ${high})`;
}

function materializedDay(which: 'min' | 'max', sqlName: string, low: string, high: string): string {
  return `day_with_row('${which}', '${sqlName}', 'day', (
    SELECT mat_hypertable_id FROM ${CATALOG}.continuous_agg
    WHERE user_view_name = '${sqlName}' AND user_view_schema = current_schema()), ${low}, ${high})`;
}

/** The last day that an aggregate has materialized for any portfolio; null where it holds none. */
export function lastMaterializedDay(sqlName: string): string {
  return materializedDay('max', sqlName, FIRST, LAST);
}

/** Notes the chunks of an aggregate's materialization as complete that none of the missing days $1 is in. */
export function noteComplete(sqlName: string): string {
  return `
    INSERT INTO complete_chunks
    SELECT slice.id FROM ${CATALOG}.continuous_agg AS aggregate
    CROSS JOIN LATERAL (SELECT slice.* FROM ${slicesOf('aggregate.mat_hypertable_id')}) AS slice
    WHERE aggregate.user_view_name = '${sqlName}' AND aggregate.user_view_schema = current_schema()
      AND NOT ${DAYS_OF_SLICE} && $1::int4multirange
    ON CONFLICT DO NOTHING`;
}
