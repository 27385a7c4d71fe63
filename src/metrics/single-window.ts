import { windowStart, type DayNumber, type WindowLength } from './calendar.js';
import { lowerBound, requireColumns, type DailyColumn, type DailySeries } from './daily-series.js';
import {
  BASES,
  columnsOf,
  evaluate,
  type Basis,
  type Metric,
  type MetricTerms,
} from './metrics.js';
import { PARTIALS, type PartialKind, type PartialName, type Partials } from './partials.js';
import type { WindowPartial } from './window-partial.js';

/** The last window of each series, with what was computed of it: most are requested again. */
const lastWindows = new WeakMap<DailySeries, SingleWindow>();

/** The days of a series in one window, and the metrics that can be read from them. */
export class SingleWindow {
  readonly asOf: DayNumber;
  /** First calendar day inside the window. */
  readonly start: DayNumber;
  readonly terms: MetricTerms;
  private readonly first: number;
  private readonly end: number;
  private readonly counts: { [Name in Basis]?: number } = {};
  private readonly partials: { [Name in PartialName]?: WindowPartial } = {};

  private constructor(
    private readonly series: DailySeries,
    asOf: DayNumber,
    length: WindowLength,
    terms: MetricTerms,
  ) {
    this.asOf = asOf;
    this.start = windowStart(asOf, length);
    this.terms = terms;
    this.first = lowerBound(series.days, this.start);
    this.end = lowerBound(series.days, asOf + 1);
  }

  /** The window (asOf − W, asOf] of a series, or null when it holds no day. */
  static find(
    series: DailySeries,
    asOf: DayNumber,
    length: WindowLength,
    terms: MetricTerms,
  ): SingleWindow | null {
    let window = lastWindows.get(series);
    if (!window?.is(asOf, windowStart(asOf, length), terms)) {
      window = new SingleWindow(series, asOf, length, terms);
      lastWindows.set(series, window);
    }
    return window.first < window.end ? window : null;
  }

  get firstObservation(): DayNumber {
    return this.series.days[this.first]!;
  }

  get lastObservation(): DayNumber {
    return this.series.days[this.end - 1]!;
  }

  private is(
    asOf: DayNumber,
    start: DayNumber,
    { riskFreeDaily, periodsPerYear }: MetricTerms,
  ): boolean {
    const { terms } = this;
    return (
      this.asOf === asOf &&
      this.start === start &&
      terms.riskFreeDaily === riskFreeDaily &&
      terms.periodsPerYear === periodsPerYear
    );
  }

  /** How many days of the window have all that the basis takes. */
  count(basis: Basis): number {
    return (
      this.partials[basis]?.count ?? (this.counts[basis] ??= this.countDays(BASES[basis].columns))
    );
  }

  /** The metric over the window; null where the data cannot define it. */
  value(metric: Metric): number | null {
    requireColumns(this.series, columnsOf(metric));
    for (const name of metric.partials) this.partials[name] ??= this.sum(name);
    const count = this.count(metric.basis);
    return evaluate(metric, count, this.partials as unknown as Partials, this.terms);
  }

  private sum(name: PartialName): WindowPartial {
    // Each kind deals in its own partial only; the compiler cannot follow that through the union.
    const { create, add } = PARTIALS[name] as unknown as PartialKind<WindowPartial>;
    const partial = create(this.terms.riskFreeDaily);
    add(partial, this.series, this.first, this.end);
    return partial;
  }

  private countDays(names: readonly DailyColumn[]): number {
    requireColumns(this.series, names);
    const columns = names.map((name) => this.series[name]);
    const { first, end } = this;
    let count = end - first;
    for (let index = first; index < end; index++) {
      for (let number = 0; number < columns.length; number++) {
        if (Number.isNaN(columns[number]![index])) {
          count--;
          break;
        }
      }
    }
    return count;
  }
}
