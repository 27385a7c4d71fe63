import { AGGREGATE_OF_WINDOW, AGGREGATES } from '../aggregates/registry.js';
import { METRIC_NAMES, METRICS } from '../metrics/metrics.js';
import { windowsServing } from '../rolling/metric-enum.js';

const UNKNOWN_FIELD = /^Cannot query field "(\w+)" on type "Rolling\w+Metrics"\./;

/** Names the windows that serve a metric, where the requested one does not: "drawdown is served by rolling30d, rolling60d."; undefined where a message is of something else. */
export function windowHint(message: string): string | undefined {
  const [, field] = UNKNOWN_FIELD.exec(message) ?? [];
  const metric = METRIC_NAMES.find((name) => METRICS[name].field === field);
  if (!metric) return undefined;
  const fields = windowsServing(metric).map(
    (window) => AGGREGATES[AGGREGATE_OF_WINDOW[window]].field,
  );
  return `${field} is served by ${fields.join(', ')}.`;
}
