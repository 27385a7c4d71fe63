/** Where TimescaleDB keeps what it knows of hypertables, chunks and invalidations. */
export const CATALOG = '_timescaledb_catalog';

/** TimescaleDB counts microseconds since 1970-01-01: those of a day. */
export const DAY = 86_400_000_000;
/** The lowest value of a date; below it are TimescaleDB's minus infinity and its neighbours. */
export const LOWEST = -210_866_803_200_000_000;
/** No date is as high; above it is TimescaleDB's infinity. */
export const HIGHEST = 9_000_000_000_000_000_000n;

/**
 * What this program reads of TimescaleDB besides its documented functions, with every column. The
 * check at the start looks for all of it, and a test finds what is read and not listed here.
 */
export const READ_RELATIONS: Readonly<Record<string, readonly string[]>> = {
  '_timescaledb_catalog.hypertable': ['id', 'schema_name', 'table_name'],
  '_timescaledb_catalog.chunk': ['id', 'hypertable_id'],
  '_timescaledb_catalog.dimension': ['id', 'hypertable_id'],
  '_timescaledb_catalog.dimension_slice': ['id', 'dimension_id', 'range_start', 'range_end'],
  '_timescaledb_catalog.continuous_agg': [
    'mat_hypertable_id',
    'raw_hypertable_id',
    'user_view_schema',
    'user_view_name',
  ],
  '_timescaledb_catalog.continuous_aggs_watermark': ['mat_hypertable_id', 'watermark'],
  '_timescaledb_catalog.continuous_aggs_hypertable_invalidation_log': [
    'hypertable_id',
    'lowest_modified_value',
    'greatest_modified_value',
  ],
  '_timescaledb_catalog.continuous_aggs_materialization_invalidation_log': [
    'materialization_id',
    'lowest_modified_value',
    'greatest_modified_value',
  ],
  '_timescaledb_catalog.continuous_aggs_materialization_ranges': [
    'materialization_id',
    'lowest_modified_value',
    'greatest_modified_value',
  ],
  '_timescaledb_internal.bgw_job_stat': [
    'job_id',
    'last_start',
    'last_finish',
    'next_start',
    'last_successful_finish',
    'last_run_success',
    'total_runs',
    'total_successes',
    'total_failures',
    'total_crashes',
  ],
  'timescaledb_information.jobs': [
    'job_id',
    'proc_name',
    'owner',
    'scheduled',
    'schedule_interval',
    'config',
    'hypertable_schema',
    'hypertable_name',
  ],
  'timescaledb_information.job_errors': ['job_id', 'start_time', 'finish_time', 'err_message'],
};

/** The functions and procedures of TimescaleDB that this program calls, migrations included. */
export const CALLED_FUNCTIONS = [
  'add_compression_policy',
  'add_continuous_aggregate_policy',
  'alter_job',
  'approximate_row_count',
  'by_range',
  'create_hypertable',
  'hypertable_approximate_size',
  'last',
  'refresh_continuous_aggregate',
  'remove_continuous_aggregate_policy',
  'run_job',
  'time_bucket',
] as const;

/**
 * A subquery with the continuous aggregates of the current schema: view_name, and of the
 * hypertable that holds what is materialized its id, its name with its schema, and its relid.
 */
export const CONTINUOUS_AGGREGATES = `
  SELECT aggregate.user_view_name AS view_name, aggregate.mat_hypertable_id AS id,
    named.name AS hypertable, named.name::regclass AS relid
  FROM _timescaledb_catalog.continuous_agg AS aggregate
  JOIN _timescaledb_catalog.hypertable AS materialization
    ON materialization.id = aggregate.mat_hypertable_id
  CROSS JOIN LATERAL (
    SELECT format('%I.%I', materialization.schema_name, materialization.table_name)
  ) AS named (name)
  WHERE aggregate.user_view_schema = current_schema()`;

/**
 * A subquery with the chunks of a hypertable: their relid. Chunks inherit from their hypertable in
 * every version, whereas TimescaleDB's own list of them names them differently from 2.29 on.
 *
 * @param hypertable an expression of type regclass
 */
export function chunksOf(hypertable: string): string {
  return `SELECT chunk.inhrelid AS relid FROM pg_inherits AS chunk WHERE chunk.inhparent = ${hypertable}`;
}
