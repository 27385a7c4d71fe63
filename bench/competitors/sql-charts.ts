import { AGGREGATE_NAMES, AGGREGATES } from '../../src/aggregates/registry.js';
import type { AggregateName } from '../../src/aggregates/registry.js';
import type { MetricName } from '../../src/metrics/metrics.js';
import { CHART_METRICS, DASHBOARD_METRICS } from '../questions.js';
import { intervalOf, SUMMED } from './sql-metrics.js';

/** A SELECT of a portfolio's chart as JSON; `id`, `first` and `last` are variables. */
export function chartSelect(): string {
  return `SELECT ${chart('year', CHART_METRICS)}
    FROM (${columns('PORTFOLIO_METRICS_1Y_BETA', CHART_METRICS)}) AS year`;
}

/** A SELECT of a portfolio's charts of every window, one pass over the days of each aggregate. */
export function dashboardSelect(): string {
  const charts = AGGREGATE_NAMES.flatMap((name) => {
    const { window } = AGGREGATES[name];
    return DASHBOARD_METRICS.map((metric) => `'${window}_${metric}', ${chart(window, [metric])}`);
  });
  const windows = AGGREGATE_NAMES.map(
    (name) => `(${columns(name, DASHBOARD_METRICS)}) AS ${AGGREGATES[name].window}`,
  );
  return `SELECT json_build_object(${charts.join(', ')}) FROM ${windows.join(' CROSS JOIN ')}`;
}

function chart(source: string, metrics: readonly MetricName[]): string {
  const values = metrics.map(
    (metric) => `json_build_object('metric', '${metric}', 'values', ${source}.${metric})`,
  );
  return `json_build_object('days', ${source}.days, 'columns', json_build_array(${values.join(', ')}))`;
}

/** One row: the days and each metric as JSON arrays. */
function columns(name: AggregateName, metrics: readonly MetricName[]): string {
  const arrays = metrics.map((metric) => `json_agg(${metric}) AS ${metric}`);
  return `SELECT json_agg(day) AS days, ${arrays.join(', ')} FROM (${points(name, metrics)}) AS points`;
}

/** A row a day with the metrics over the window that ends on it. */
function points(name: AggregateName, metrics: readonly MetricName[]): string {
  const withBenchmark = metrics.includes('BETA') || metrics.includes('TRACKING_ERROR');
  const terms: Readonly<Record<string, string>> = {
    n: '1',
    r: 'daily_return',
    rr: 'daily_return * daily_return',
    ...(withBenchmark
      ? {
          b: 'benchmark_return',
          bb: 'benchmark_return * benchmark_return',
          rb: 'daily_return * benchmark_return',
        }
      : {}),
  };
  const each = Object.entries(terms);
  return `
    SELECT day, ${metrics.map((metric) => `${SUMMED[metric]} AS ${metric}`).join(', ')} FROM (
      SELECT day, n, r, rr - r * r / n AS vr
        ${withBenchmark ? ', bb - b * b / n AS vb, rb - r * b / n AS c' : ''}
      FROM (
        SELECT day, ${each.map(([sum, term]) => `${sum} - first_value(${sum} - ${term}) OVER reach AS ${sum}`).join(', ')}
        FROM (
          SELECT day, daily_return ${withBenchmark ? ', benchmark_return' : ''},
            ${each.map(([sum, term]) => `sum(${term}) OVER so_far AS ${sum}`).join(', ')}
          FROM ${AGGREGATES[name].sqlName}
          WHERE portfolio_id = id AND day > (first - ${intervalOf(name)})::date AND day <= last
          WINDOW so_far AS (ORDER BY day ROWS UNBOUNDED PRECEDING)
        ) AS running
        WINDOW reach AS (ORDER BY day RANGE BETWEEN ${intervalOf(name)} - interval '1 day' PRECEDING AND CURRENT ROW)
      ) AS window_sums
      WHERE day >= first
    ) AS moments
    ORDER BY day`;
}
