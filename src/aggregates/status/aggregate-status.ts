import type { Database } from '../../database/database.js';
import { toDay, type DayNumber } from '../../metrics/calendar.js';
import { SAMPLE_PORTFOLIO_IDS } from '../../sample-portfolios.js';
import {
  aggregateState,
  IN_BOUNDS,
  type AggregateStateRow,
} from '../../timescale/aggregate-state.js';
import { CONTINUOUS_AGGREGATES } from '../../timescale/catalog.js';
import { toAggregateState, type AggregateState } from '../aggregate-state.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../registry.js';
import type { Interval } from './duration.js';
import { policyRuns, type PolicyRunner } from './policy-runs.js';

/** The refresh policy of an aggregate and its runs. */
export interface PolicyStatus {
  /** Whether it is scheduled. */
  readonly enabled: boolean;
  readonly runner: PolicyRunner;
  readonly scheduleInterval: Interval;
  readonly scheduleSeconds: number;
  /** Null: from the oldest day. */
  readonly startOffset: Interval | null;
  /** Null: to the newest day. */
  readonly endOffset: Interval | null;
  /**
   * The first day that the last successful run left out (before the first, that one now would);
   * null without an end offset.
   */
  readonly endDay: DayNumber | null;
  readonly nextRun: Date | null;
  readonly lastSuccess: Date | null;
  readonly lastDurationSeconds: number | null;
  /** Success or Failed; null before the first run. */
  readonly lastRunStatus: string | null;
  readonly lastError: string | null;
  readonly totalRuns: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  /** Failures among about the last ten runs. */
  readonly recentFailures: number;
}

/** What the database says of one aggregate, its policy and its size. */
export interface AggregateStatus extends AggregateState {
  readonly name: AggregateName;
  /** Schema and name. */
  readonly materializationHypertable: string;
  readonly policy: PolicyStatus | null;
  readonly hasRows: boolean;
  /** As the statistics of the database estimate them. */
  readonly totalRows: number;
  readonly sizeBytes: number;
  readonly newestSourceDay: DayNumber | null;
  /** Whether all portfolios are those of the sample data. */
  readonly isSample: boolean;
}

interface Row {
  readonly view_name: string;
  readonly state: AggregateStateRow;
  readonly materialization_hypertable: string;
  readonly has_rows: boolean;
  readonly total_rows: number;
  readonly size_bytes: number;
  readonly newest_source_day: string | null;
  readonly is_sample: boolean;
  /** Null without a policy. */
  readonly job_id: number | null;
  readonly scheduled: boolean;
  readonly schedule_interval: Interval;
  readonly schedule_seconds: number;
  readonly start_offset: Interval | null;
  readonly end_offset: Interval | null;
  readonly end_day: string | null;
  readonly next_run: Date | null;
  readonly last_success: Date | null;
  readonly last_duration_seconds: number | null;
  readonly last_run_status: string | null;
  readonly last_error: string | null;
  readonly total_runs: number;
  readonly total_successes: number;
  readonly total_failures: number;
  readonly recent_failures: number;
}

/** The status of the named aggregates that exist, in the registry's order: two statements. */
export async function readAggregateStatuses(
  database: Database,
  runner: PolicyRunner,
  names: readonly AggregateName[] = AGGREGATE_NAMES,
): Promise<AggregateStatus[]> {
  const existing = await existingAggregates(database, names);
  if (existing.length === 0) return [];
  const rows = await database.write<Row>(statusesOf(runner, existing));
  return names.flatMap((name) => {
    const row = rows.find(({ view_name }) => view_name === AGGREGATES[name].sqlName);
    return row ? toStatus(name, row, runner) : [];
  });
}

/** Those of the aggregates that the database has. */
async function existingAggregates(
  database: Database,
  names: readonly AggregateName[] = AGGREGATE_NAMES,
): Promise<AggregateName[]> {
  const rows = await database.write<{ readonly view_name: string }>(
    `SELECT view_name FROM (${CONTINUOUS_AGGREGATES}) AS aggregate`,
  );
  return names.filter((name) =>
    rows.some(({ view_name }) => view_name === AGGREGATES[name].sqlName),
  );
}

const SAMPLE = SAMPLE_PORTFOLIO_IDS.map((id) => `'${id}'`).join(', ');

/** A statement that returns the status of aggregates that exist, a row each. */
function statusesOf(runner: PolicyRunner, names: readonly AggregateName[]): string {
  const states = names.map((name) => {
    const { sqlName } = AGGREGATES[name];
    return `SELECT '${sqlName}' AS view_name, (${aggregateState(sqlName)}) AS state,
      EXISTS (SELECT FROM ${sqlName}) AS has_rows`;
  });
  return `
    SELECT states.view_name, states.state, states.has_rows, aggregate.hypertable AS materialization_hypertable,
      approximate_row_count(aggregate.relid)::float8 AS total_rows,
      hypertable_approximate_size(aggregate.relid)::float8 AS size_bytes,
      (SELECT max(source.asof_date) FROM portfolio_metrics AS source
        WHERE source.asof_date ${IN_BOUNDS}) AS newest_source_day,
      NOT EXISTS (SELECT FROM portfolios AS portfolio WHERE portfolio.id NOT IN (${SAMPLE})) AS is_sample,
      ((coalesce(policy.last_success, now()) AT TIME ZONE 'UTC') - policy.end_offset)::date AS end_day,
      policy.job_id, policy.scheduled, policy.schedule_interval, policy.schedule_seconds,
      policy.start_offset, policy.end_offset, policy.next_run, policy.last_success,
      policy.last_duration_seconds, policy.last_run_status, policy.last_error, policy.total_runs,
      policy.total_successes, policy.total_failures, policy.recent_failures
    FROM (${states.join(' UNION ALL ')}) AS states
    JOIN (${CONTINUOUS_AGGREGATES}) AS aggregate USING (view_name)
    LEFT JOIN (${policyRuns(runner)}) AS policy USING (view_name)`;
}

function toStatus(name: AggregateName, row: Row, runner: PolicyRunner): AggregateStatus {
  return {
    ...toAggregateState(row.state),
    name,
    materializationHypertable: row.materialization_hypertable,
    policy: row.job_id === null ? null : toPolicy(row, runner),
    hasRows: row.has_rows,
    totalRows: row.total_rows,
    sizeBytes: row.size_bytes,
    newestSourceDay: row.newest_source_day === null ? null : toDay(row.newest_source_day),
    isSample: row.is_sample,
  };
}

function toPolicy(row: Row, runner: PolicyRunner): PolicyStatus {
  return {
    runner,
    enabled: row.scheduled,
    scheduleInterval: row.schedule_interval,
    scheduleSeconds: row.schedule_seconds,
    startOffset: row.start_offset,
    endOffset: row.end_offset,
    endDay: row.end_day === null ? null : toDay(row.end_day),
    nextRun: row.next_run,
    lastSuccess: row.last_success,
    lastDurationSeconds: row.last_duration_seconds,
    lastRunStatus: row.last_run_status,
    lastError: row.last_error,
    totalRuns: row.total_runs,
    totalSuccesses: row.total_successes,
    totalFailures: row.total_failures,
    recentFailures: row.recent_failures,
  };
}
