import type { WindowPartial } from './window-partial.js';

/**
 * A wealth index that starts at 1 before the first return and compounds them: its growth, its
 * distance from its running maximum (the starting 1 included) and the worst such distance.
 *
 * Only ratios are stored. With c the ratio of the index to its running maximum, a return r takes
 * c to min(1, c · (1 + r)). Over a run of days without a return below −1 this is
 * c → min(`current`, c · `growth`), and the least ratio on the way is
 * min(`worst`, c · `minGrowth`), so runs merge by four products.
 * A return below −1 makes the index negative; such a run is summed up rightly by `add`, but is
 * not `mergeable`.
 */
export class Wealth implements WindowPartial {
  count = 0;
  /** Π(1 + r); infinite beyond the range of a double. */
  growth = 1;
  /** Least product of a leading part of the run. */
  minGrowth = 1;
  /** Index over its running maximum after the last return; 1 at a maximum. */
  current = 1;
  /** Least value of that ratio. */
  worst = 1;
  mergeable = true;

  clear(): void {
    this.count = 0;
    this.growth = 1;
    this.minGrowth = 1;
    this.current = 1;
    this.worst = 1;
    this.mergeable = true;
  }

  /** Appends a daily return; NaN (no return) is left out. */
  add(dailyReturn: number): void {
    if (Number.isNaN(dailyReturn)) return;
    const factor = 1 + dailyReturn;
    this.count += 1;
    this.growth = product(this.growth, factor);
    this.minGrowth = Math.min(this.minGrowth, this.growth);
    this.current = Math.min(1, this.current * factor);
    this.worst = Math.min(this.worst, this.current);
    if (factor < 0) this.mergeable = false;
  }

  /** Appends the values with index in [first, end). */
  addAll(values: Float64Array, first: number, end: number): void {
    for (let index = first; index < end; index++) this.add(values[index]!);
  }

  merge(earlier: Wealth, later: Wealth): void {
    this.count = earlier.count + later.count;
    this.growth = product(earlier.growth, later.growth);
    this.minGrowth = Math.min(earlier.minGrowth, product(earlier.growth, later.minGrowth));
    this.current = Math.min(product(earlier.current, later.growth), later.current);
    this.worst = Math.min(earlier.worst, earlier.current * later.minGrowth, later.worst);
    this.mergeable = earlier.mergeable && later.mergeable;
  }
}

/** a · b, where 0 absorbs even an overflowed factor: after a return of −1 nothing is left. */
function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}
