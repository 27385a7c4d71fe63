import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../../src/aggregates/registry.js';
import type { MetricName } from '../../src/metrics/metrics.js';
import { CHART_METRICS, DASHBOARD_METRICS } from '../requests.js';
import { AGGREGATED, intervalOf, SUMMED } from './sql-metrics.js';

/** A SELECT that gives a row a day with the metrics over the window that ends on it. */
type Points = (name: AggregateName, metrics: readonly MetricName[]) => string;

/** A SELECT of a portfolio's chart as JSON; `id`, `first` and `last` are variables. */
export function chartSelect(points: Points): string {
  return `SELECT ${chart('year', CHART_METRICS)}
    FROM (${columns(points, 'PORTFOLIO_METRICS_1Y_BETA', CHART_METRICS)}) AS year`;
}

/** A SELECT of a portfolio's charts of every window, one pass over the days of each aggregate. */
export function dashboardSelect(points: Points): string {
  const charts = AGGREGATE_NAMES.flatMap((name) => {
    const { window } = AGGREGATES[name];
    return DASHBOARD_METRICS.map((metric) => `'${window}_${metric}', ${chart(window, [metric])}`);
  });
  const windows = AGGREGATE_NAMES.map(
    (name) => `(${columns(points, name, DASHBOARD_METRICS)}) AS ${AGGREGATES[name].window}`,
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
function columns(points: Points, name: AggregateName, metrics: readonly MetricName[]): string {
  const arrays = metrics.map((metric) => `json_agg(${metric}) AS ${metric}`);
  return `SELECT json_agg(day) AS days, ${arrays.join(', ')} FROM (${points(name, metrics)}) AS points`;
}

/** By window frames, each of which is summed up from its first day: right for any returns. */
export function framedPoints(name: AggregateName, metrics: readonly MetricName[]): string {
  const framed = (metric: MetricName): string =>
    AGGREGATED[metric]!.replaceAll(/\b(?:avg|stddev_samp|regr_slope)\([^()]*\)/g, '$& OVER reach');
  return `
    SELECT * FROM (
      SELECT day, ${metrics.map((metric) => `${framed(metric)} AS ${metric}`).join(', ')}
      FROM ${AGGREGATES[name].sqlName}
      WHERE portfolio_id = id AND day > (first - ${intervalOf(name)})::date AND day <= last
      WINDOW ${reach(name)}
    ) AS framed
    WHERE day >= first
    ORDER BY day`;
}

/**
 * By differences of running sums, in constant time a day: they lose digits where returns are of
 * very different size.
 */
export function summedPoints(name: AggregateName, metrics: readonly MetricName[]): string {
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
        WINDOW ${reach(name)}
      ) AS window_sums
      WHERE day >= first
    ) AS moments
    ORDER BY day`;
}

/** The window of a day: the days it reaches over. */
function reach(name: AggregateName): string {
  return `reach AS (ORDER BY day RANGE BETWEEN ${intervalOf(name)} - interval '1 day' PRECEDING AND CURRENT ROW)`;
}
