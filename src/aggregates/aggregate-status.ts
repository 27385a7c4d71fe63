import type { Database } from '../database/database.js';
import type { AggregateState, AggregateStateRow } from './aggregate-state.js';
import { aggregateState, toAggregateState } from './aggregate-state.js';
import type { Interval } from './duration.js';
import { AGGREGATE_NAMES, AGGREGATES } from './registry.js';
import type { AggregateName } from './registry.js';

/** What the database says of one aggregate, its policy and its size. */
export interface AggregateStatus extends AggregateState {
  readonly name: AggregateName;
  readonly materializationHypertable: string;
  readonly policyEnabled: boolean;
  readonly policyExists: boolean;
  readonly scheduleInterval: Interval | null;
  readonly startOffset: Interval | null;
  readonly endOffset: Interval | null;
  readonly nextRefresh: Date | null;
  readonly lastRunStatus: string | null;
  readonly lastError: string | null;
  readonly totalRuns: number;
  readonly totalFailures: number;
  readonly totalRows: number;
  readonly sizeBytes: number;
  readonly newestSourceDay: string | null;
}

interface Row {
  readonly view_name: string;
  readonly state: AggregateStateRow;
  readonly materialization_hypertable: string;
  readonly policy_exists: boolean;
  readonly policy_enabled: boolean;
  readonly schedule_interval: Interval | null;
  readonly start_offset: Interval | null;
  readonly end_offset: Interval | null;
  readonly next_refresh: Date | null;
  readonly last_run_status: string | null;
  readonly last_error: string | null;
  readonly total_runs: number;
  readonly total_failures: number;
  readonly total_rows: number;
  readonly size_bytes: number;
  readonly newest_source_day: string | null;
}

/** A statement that gives the status of aggregates that exist, a row each. */
function statusesOf(sqlNames: readonly string[]): string {
  const states = sqlNames.map(
    (sqlName) => `SELECT '${sqlName}' AS view_name, (${aggregateState(sqlName)}) AS state`,
  );
  return `
    SELECT states.view_name, states.state, aggregate.table_name AS materialization_hypertable,
      policy.job_id IS NOT NULL AS policy_exists,
      coalesce(policy.scheduled, false) AS policy_enabled,
      policy.schedule_interval,
      (policy.config ->> 'start_offset')::interval AS start_offset,
      (policy.config ->> 'end_offset')::interval AS end_offset,
      CASE WHEN isfinite(stats.next_start) THEN stats.next_start END AS next_refresh,
      stats.last_run_status,
      (SELECT error.err_message FROM timescaledb_information.job_errors AS error
        WHERE error.job_id = policy.job_id ORDER BY error.finish_time DESC LIMIT 1) AS last_error,
      coalesce(stats.total_runs, 0)::int AS total_runs,
      coalesce(stats.total_failures, 0)::int AS total_failures,
      approximate_row_count(aggregate.table_name::regclass)::float8 AS total_rows,
      hypertable_size(aggregate.table_name::regclass)::float8 AS size_bytes,
      (SELECT max(source.asof_date) FROM portfolio_metrics AS source) AS newest_source_day
    FROM (${states.join(' UNION ALL ')}) AS states
    JOIN (
      SELECT view.user_view_name, view.mat_hypertable_id,
        format('%I.%I', hypertable.schema_name, hypertable.table_name) AS table_name
      FROM _timescaledb_catalog.continuous_agg AS view
      JOIN _timescaledb_catalog.hypertable ON hypertable.id = view.mat_hypertable_id
    ) AS aggregate ON aggregate.user_view_name = states.view_name
    LEFT JOIN timescaledb_information.jobs AS policy
      ON policy.proc_name = 'policy_refresh_continuous_aggregate'
      AND (policy.config ->> 'mat_hypertable_id')::int = aggregate.mat_hypertable_id
    LEFT JOIN timescaledb_information.job_stats AS stats ON stats.job_id = policy.job_id`;
}

/** The status of the named aggregates that exist, in the registry's order: two statements. */
export async function readAggregateStatuses(
  database: Database,
  names: readonly AggregateName[] = AGGREGATE_NAMES,
): Promise<AggregateStatus[]> {
  const existing = await database.read<{ readonly name: string }>(
    'SELECT user_view_name AS name FROM _timescaledb_catalog.continuous_agg WHERE user_view_name = ANY($1)',
    [names.map((name) => AGGREGATES[name].sqlName)],
  );
  if (existing.length === 0) return [];
  const rows = await database.read<Row>(statusesOf(existing.map(({ name }) => name)));
  return names.flatMap((name) => {
    const row = rows.find(({ view_name }) => view_name === AGGREGATES[name].sqlName);
    return row ? toStatus(name, row) : [];
  });
}

function toStatus(name: AggregateName, row: Row): AggregateStatus {
  return {
    ...toAggregateState(row.state),
    name,
    materializationHypertable: row.materialization_hypertable,
    policyExists: row.policy_exists,
    policyEnabled: row.policy_enabled,
    scheduleInterval: row.schedule_interval,
    startOffset: row.start_offset,
    endOffset: row.end_offset,
    nextRefresh: row.next_refresh,
    lastRunStatus: row.last_run_status,
    lastError: row.last_error,
    totalRuns: row.total_runs,
    totalFailures: row.total_failures,
    totalRows: row.total_rows,
    sizeBytes: row.size_bytes,
    newestSourceDay: row.newest_source_day,
  };
}
