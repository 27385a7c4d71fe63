import type { WindowPartial } from './window-partial.js';

/** The minimum and the maximum of a sequence, in any order. */
export class Extremes implements WindowPartial {
  count = 0;
  min = Infinity;
  max = -Infinity;

  clear(): void {
    this.count = 0;
    this.min = Infinity;
    this.max = -Infinity;
  }

  /** Appends a value; NaN (no value) is left out. */
  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.count += 1;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  /** Appends the values with index in [first, end). */
  addAll(values: Float64Array, first: number, end: number): void {
    for (let index = first; index < end; index++) this.add(values[index]!);
  }

  merge(earlier: Extremes, later: Extremes): void {
    this.count = earlier.count + later.count;
    this.min = Math.min(earlier.min, later.min);
    this.max = Math.max(earlier.max, later.max);
  }
}
