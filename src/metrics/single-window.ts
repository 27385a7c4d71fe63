import type { DayNumber, WindowLength } from './calendar.js';
import { windowStart } from './calendar.js';
import type { DailySeries } from './daily-series.js';
import { lowerBound } from './daily-series.js';
import type { Metric } from './metrics.js';
import { evaluate } from './metrics.js';
import { PARTIALS } from './partials.js';
import type { PartialName, Partials } from './partials.js';

/** The days of a series in one window, and the metrics that can be read from them. */
export class SingleWindow {
  readonly asOf: DayNumber;
  /** First calendar day inside the window. */
  readonly start: DayNumber;
  /** Decimal fraction per day. */
  readonly riskFreeDaily: number;
  private readonly first: number;
  private readonly end: number;
  private readonly partials: { [Name in PartialName]?: Partials[Name] } = {};

  private constructor(
    private readonly series: DailySeries,
    asOf: DayNumber,
    length: WindowLength,
    riskFreeDaily: number,
  ) {
    this.asOf = asOf;
    this.start = windowStart(asOf, length);
    this.riskFreeDaily = riskFreeDaily;
    this.first = lowerBound(series.days, this.start);
    this.end = lowerBound(series.days, asOf + 1);
  }

  /** The window (asOf − W, asOf] of a series, or null when it holds no day. */
  static find(
    series: DailySeries,
    asOf: DayNumber,
    length: WindowLength,
    riskFreeDaily: number,
  ): SingleWindow | null {
    const window = new SingleWindow(series, asOf, length, riskFreeDaily);
    return window.first < window.end ? window : null;
  }

  get firstObservation(): DayNumber {
    return this.series.days[this.first]!;
  }

  get lastObservation(): DayNumber {
    return this.series.days[this.end - 1]!;
  }

  /** How many days of the window the partial counts. */
  count(name: PartialName): number {
    return this.partial(name).count;
  }

  /** The metric over the window; null where the data cannot define it. */
  value(metric: Metric): number | null {
    this.partial(metric.basis);
    for (const name of metric.partials) this.partial(name);
    return evaluate(metric, this.partials as Partials, this.riskFreeDaily);
  }

  private partial<Name extends PartialName>(name: Name): Partials[Name] {
    return (this.partials[name] ??= this.sum(name));
  }

  private sum<Name extends PartialName>(name: Name): Partials[Name] {
    const { create, add } = PARTIALS[name];
    const partial = create(this.riskFreeDaily);
    for (let index = this.first; index < this.end; index++) add(partial, this.series, index);
    return partial;
  }
}
