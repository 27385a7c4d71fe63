import type { WindowPartial } from './window-partial.js';

/** The least and the greatest of a sequence, whatever their order. */
export class Extremes implements WindowPartial {
  count = 0;
  least = Infinity;
  greatest = -Infinity;

  clear(): void {
    this.count = 0;
    this.least = Infinity;
    this.greatest = -Infinity;
  }

  /** Appends a value; NaN (no value) is left out. */
  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.count += 1;
    this.least = Math.min(this.least, value);
    this.greatest = Math.max(this.greatest, value);
  }

  /** Appends the values with index in [first, end). */
  addAll(values: Float64Array, first: number, end: number): void {
    for (let index = first; index < end; index++) this.add(values[index]!);
  }

  merge(earlier: Extremes, later: Extremes): void {
    this.count = earlier.count + later.count;
    this.least = Math.min(earlier.least, later.least);
    this.greatest = Math.max(earlier.greatest, later.greatest);
  }
}
