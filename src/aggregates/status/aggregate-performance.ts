import type { Database } from '../../database/database.js';
import { chunksOf, CONTINUOUS_AGGREGATES } from '../../timescale/catalog.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../registry.js';
import { policyRuns, type PolicyRunner } from './policy-runs.js';

/** How the materialization of an aggregate is used, summed over its chunks, and how its policy runs. */
export interface AggregatePerformance {
  readonly name: AggregateName;
  readonly sequentialScans: number;
  readonly indexScans: number;
  readonly liveRows: number;
  readonly deadRows: number;
  readonly lastAnalyze: Date | null;
  readonly lastVacuum: Date | null;
  readonly lastRunDurationSeconds: number | null;
  readonly lastSuccessfulFinish: Date | null;
  readonly totalRuns: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
}

/** The performance of the named aggregates that exist, in the registry's order: one statement. */
export async function readAggregatePerformance(
  database: Database,
  runner: PolicyRunner,
  names: readonly AggregateName[] = AGGREGATE_NAMES,
): Promise<AggregatePerformance[]> {
  const rows = await database.write<
    { readonly view_name: string } & Omit<AggregatePerformance, 'name'>
  >(`
    SELECT aggregate.view_name,
      usage.sequential_scans AS "sequentialScans", usage.index_scans AS "indexScans",
      usage.live_rows AS "liveRows", usage.dead_rows AS "deadRows",
      usage.last_analyze AS "lastAnalyze", usage.last_vacuum AS "lastVacuum",
      policy.last_duration_seconds AS "lastRunDurationSeconds",
      policy.last_success AS "lastSuccessfulFinish",
      coalesce(policy.total_runs, 0) AS "totalRuns",
      coalesce(policy.total_successes, 0) AS "totalSuccesses",
      coalesce(policy.total_failures, 0) AS "totalFailures"
    FROM (${CONTINUOUS_AGGREGATES}) AS aggregate
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(stats.seq_scan + session.seq_scan), 0)::float8 AS sequential_scans,
        coalesce(sum(stats.idx_scan + session.idx_scan), 0)::float8 AS index_scans,
        coalesce(sum(stats.n_live_tup), 0)::float8 AS live_rows,
        coalesce(sum(stats.n_dead_tup), 0)::float8 AS dead_rows,
        greatest(max(stats.last_analyze), max(stats.last_autoanalyze)) AS last_analyze,
        greatest(max(stats.last_vacuum), max(stats.last_autovacuum)) AS last_vacuum
      FROM (${chunksOf('aggregate.relid')}) AS chunk
      JOIN pg_stat_all_tables AS stats USING (relid)
      -- What this session has not passed on yet; that of the embedded engine never does.
      JOIN pg_stat_xact_all_tables AS session USING (relid)
    ) AS usage
    LEFT JOIN (${policyRuns(runner)}) AS policy USING (view_name)`);
  return names.flatMap((name) => {
    const row = rows.find(({ view_name }) => view_name === AGGREGATES[name].sqlName);
    return row ? { ...row, name } : [];
  });
}
