import type { WindowPartial } from './window-partial.js';

/** Squared shortfalls of daily returns below a daily rate: Σ min(r − rate, 0)², and the count of all returns. */
export class Downside implements WindowPartial {
  count = 0;
  squaredShortfalls = 0;

  /** @param rate decimal fraction per day */
  constructor(private readonly rate: number) {}

  clear(): void {
    this.count = 0;
    this.squaredShortfalls = 0;
  }

  /** Appends a daily return; NaN (no return) is left out. */
  add(dailyReturn: number): void {
    if (Number.isNaN(dailyReturn)) return;
    const shortfall = Math.min(dailyReturn - this.rate, 0);
    this.count += 1;
    this.squaredShortfalls += shortfall * shortfall;
  }

  /** Appends the values with index in [first, end). */
  addAll(values: Float64Array, first: number, end: number): void {
    for (let index = first; index < end; index++) this.add(values[index]!);
  }

  merge(earlier: Downside, later: Downside): void {
    this.count = earlier.count + later.count;
    this.squaredShortfalls = earlier.squaredShortfalls + later.squaredShortfalls;
  }
}
