import { windowStart, type DayNumber, type WindowLength } from './calendar.js';
import { lowerBound, requireColumns, type DailySeries } from './daily-series.js';
import { BASES, columnsOf, evaluate, type Metric, type MetricTerms } from './metrics.js';
import { PARTIALS, type PartialKind, type PartialName, type Partials } from './partials.js';
import { SlidingWindow } from './sliding-window.js';
import type { WindowPartial } from './window-partial.js';

export interface RollingSeriesOptions {
  readonly metrics: readonly Metric[];
  readonly window: WindowLength;
  /** Inclusive. Days before it count where a window reaches them. */
  readonly from: DayNumber;
  /** Inclusive. */
  readonly to: DayNumber;
  readonly terms: MetricTerms;
  /** A value whose basis has fewer observations in its window than this is null. */
  readonly minObservations: number;
}

export interface RollingSeriesColumns {
  readonly days: Int32Array;
  /** Daily returns in each day's window. */
  readonly observations: number[];
  /** One column a metric, in the order of the request, each with one value a day. */
  readonly columns: (number | null)[][];
}

/**
 * Every metric over the window that ends on each day with a row from `from` to `to`: one pass
 * over the daily series, amortised constant time a day and metric whatever the window's length.
 */
export function rollingSeries(
  series: DailySeries,
  { metrics, window, from, to, terms, minObservations }: RollingSeriesOptions,
): RollingSeriesColumns {
  requireColumns(series, BASES.returns.columns);
  for (const metric of metrics) requireColumns(series, columnsOf(metric));
  const first = lowerBound(series.days, from);
  const end = Math.max(first, lowerBound(series.days, to + 1));
  const start = lowerBound(series.days, windowStart(from, window));
  const names = new Set<PartialName>(['returns']);
  for (const { basis, partials } of metrics)
    for (const name of [basis, ...partials]) names.add(name);
  const slide = [...names].map((name) => slidingPartial(name, series, terms.riskFreeDaily, start));

  const partials = {} as Partials;
  const observations: number[] = [];
  const columns = metrics.map((): (number | null)[] => []);
  let windowFirst = start;
  for (let index = first; index < end; index++) {
    const startDay = windowStart(series.days[index]!, window);
    while (series.days[windowFirst]! < startDay) windowFirst++;
    for (const step of slide) step(partials, windowFirst, index + 1);
    observations.push(partials.returns.count);
    for (let m = 0; m < metrics.length; m++) {
      const metric = metrics[m]!;
      const { count } = partials[metric.basis];
      columns[m]!.push(count >= minObservations ? evaluate(metric, count, partials, terms) : null);
    }
  }
  return { days: series.days.subarray(first, end), observations, columns };
}

/** A step that puts the named partial of the days [first, end) into a record of partials. */
function slidingPartial(
  name: PartialName,
  series: DailySeries,
  riskFreeDaily: number,
  start: number,
): (into: Partials, first: number, end: number) => void {
  // Each kind deals in its own partial only; the compiler cannot follow that through the union.
  const { create, add, isExact } = PARTIALS[name] as unknown as PartialKind<WindowPartial>;
  const addDay = (partial: WindowPartial, index: number): void =>
    add(partial, series, index, index + 1);
  const sliding = new SlidingWindow(() => create(riskFreeDaily), addDay, start);
  const scanned = create(riskFreeDaily);
  return (into, first, end) => {
    let partial = sliding.slideTo(first, end);
    if (isExact && !isExact(partial)) {
      scanned.clear();
      add(scanned, series, first, end);
      partial = scanned;
    }
    (into as Record<PartialName, WindowPartial>)[name] = partial;
  };
}
