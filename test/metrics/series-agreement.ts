import { windowStart, type WindowLength } from '../../src/metrics/calendar.js';
import type { DailySeries } from '../../src/metrics/daily-series.js';
import {
  METRIC_NAMES,
  METRICS,
  SHARPE_STANDARD_ERROR,
  type Metric,
  type MetricName,
} from '../../src/metrics/metrics.js';
import { rollingSeries, type RollingSeriesColumns } from '../../src/metrics/rolling-series.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { agrees } from './agreement.js';
import { daysOf } from './daily-series-of.js';
import { sizeOfTerms } from './size-of-terms.js';
import { termsOf } from './terms.js';

export const ALL_METRICS: readonly Metric[] = [
  ...METRIC_NAMES.map((name) => METRICS[name]),
  SHARPE_STANDARD_ERROR,
];

/** A metric's name in the table; the error of the Sharpe ratio, which has none there, has its field. */
export function nameOf(metric: Metric): MetricName | 'sharpeStandardError' {
  return METRIC_NAMES.find((name) => METRICS[name] === metric) ?? 'sharpeStandardError';
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Every metric's series over the days of a range, by default all. */
export function allSeries(
  series: DailySeries,
  window: WindowLength,
  riskFreeDaily: number,
  { from, to }: Range = { from: series.days.at(0)!, to: series.days.at(-1)! },
): RollingSeriesColumns {
  const options = { window, from, to, terms: termsOf(riskFreeDaily), minObservations: 0 };
  return rollingSeries(series, { metrics: ALL_METRICS, ...options });
}

/** Every metric of one window, in the order of ALL_METRICS; null where it holds no day. */
export function allValues(
  series: DailySeries,
  asOf: number,
  window: WindowLength,
  riskFreeDaily: number,
): (number | null)[] | null {
  const days = SingleWindow.find(series, asOf, window, termsOf(riskFreeDaily));
  return days && ALL_METRICS.map((metric) => days.value(metric));
}

/** One line for each metric whose two values over the same days do not agree. */
export function differences(
  days: DailySeries,
  riskFreeDaily: number,
  actual: readonly (number | null)[],
  expected: readonly (number | null)[],
): string[] {
  return ALL_METRICS.flatMap((metric, m) => {
    if (agrees(actual[m]!, expected[m]!)) return [];
    const name = nameOf(metric);
    const terms = name === 'sharpeStandardError' ? 1 : sizeOfTerms(name, days, riskFreeDaily);
    if (terms === null || agrees(actual[m]!, expected[m]!, terms)) return [];
    return [`${name}: ${actual[m]} instead of ${expected[m]}`];
  });
}

/**
 * One line for each value of a rolling series that does not agree with the single window of its
 * day, of the days whose index passes `isChecked`.
 */
export function seriesDifferences(
  series: DailySeries,
  window: WindowLength,
  riskFreeDaily: number,
  range?: Range,
  isChecked: (index: number) => boolean = () => true,
): string[] {
  const { days, columns } = allSeries(series, window, riskFreeDaily, range);
  return [...days.entries()]
    .filter(([index]) => isChecked(index))
    .flatMap(([index, day]) => {
      const start = windowStart(day, window);
      const held = daysOf(series, (other) => other >= start && other <= day);
      const point = columns.map((column) => column[index]!);
      const single = allValues(series, day, window, riskFreeDaily)!;
      return differences(held, riskFreeDaily, point, single).map((line) => `day ${day} ${line}`);
    });
}
