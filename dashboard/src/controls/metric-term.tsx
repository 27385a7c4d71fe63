import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { RollingMetric } from '../../../client/src/index.js';
import { METRICS } from '../format/metrics.js';
import { METRIC_FACTS } from '../generated/metrics.js';

/** The name of a metric, with its formula on hover and focus. */
export function MetricTerm({
  metric,
  name = METRICS[metric].name,
}: {
  readonly metric: RollingMetric;
  readonly name?: string;
}): JSX.Element {
  const id = useId();
  return (
    <span class="term">
      <button type="button" class="term-name" aria-describedby={id}>
        {name}
      </button>
      <span role="tooltip" id={id} class="term-text">
        {METRIC_FACTS[metric].description}
      </span>
    </span>
  );
}
