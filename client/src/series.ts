import type { FreshnessFragment, RollingMetric, SeriesQuery } from './generated/operations.js';

/** Metrics over the window that ends on each day: index i belongs to the same day everywhere. */
export interface Series<Metric extends RollingMetric = RollingMetric> {
  /** Days with a row, ascending, such as 2018-05-11. */
  readonly days: readonly string[];
  /** The beginning of each day in UTC, in milliseconds, as Date has it. */
  readonly times: Float64Array;
  /** Daily returns in the window that ends on each day. */
  readonly observations: Int32Array;
  /** NaN where the data cannot define the metric. */
  readonly values: Readonly<Record<Metric, Float64Array>>;
  readonly freshness: FreshnessFragment;
}

type Response = NonNullable<SeriesQuery['portfolio']>['rollingSeries'];

/** The arrays of a response as typed arrays. */
export function toSeries<Metric extends RollingMetric>({
  days,
  observations,
  columns,
  freshness,
}: Response): Series<Metric> {
  return {
    days,
    times: Float64Array.from(days, (day) => Date.parse(day)),
    observations: Int32Array.from(observations),
    values: Object.fromEntries(
      columns.map(({ metric, values }) => [
        metric,
        Float64Array.from(values, (value) => value ?? Number.NaN),
      ]),
    ) as Record<Metric, Float64Array>,
    freshness,
  };
}
