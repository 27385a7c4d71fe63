import { registerEnumType } from 'type-graphql';
import { enumOf } from '../aggregates/graphql-types.js';
import { metricsOf, ROLLING_WINDOWS, type RollingWindow } from '../aggregates/registry.js';
import { badUserInput } from '../errors.js';
import { describe, METRIC_NAMES, METRICS, type MetricName } from '../metrics/metrics.js';

export const RollingMetricEnum = enumOf(METRIC_NAMES);
registerEnumType(RollingMetricEnum, {
  name: 'RollingMetric',
  description:
    'The metrics of a rolling window. Each names the windows that serve it. r are the daily returns in the window, b those of the benchmark, v the values, n the count of r, rf the risk-free rate per day, A the periodsPerYear of the portfolio.',
  valuesConfig: Object.fromEntries(
    METRIC_NAMES.map((name) => [
      name,
      { description: `${describe(METRICS[name])} Windows: ${windowsServing(name).join(', ')}.` },
    ]),
  ),
});

/** The windows that serve a metric. */
export function windowsServing(metric: MetricName): RollingWindow[] {
  return ROLLING_WINDOWS.filter((window) => metricsOf(window).includes(metric));
}

/** Throws BAD_USER_INPUT unless the window serves the metric. */
export function checkServed(metric: MetricName, window: RollingWindow): void {
  if (metricsOf(window).includes(metric)) return;
  const windows = windowsServing(metric).join(', ');
  throw badUserInput(`${metric} is not served by the window ${window}, only by ${windows}`);
}
