import type { WindowPartial } from './window-partial.js';

/**
 * The partial of a window that slides forward over indexed days, in amortised constant time a
 * day whatever the window's length: two-stack aggregation. The front of the window is a stack
 * of suffix partials, built once each time the back, a single running partial, is turned over;
 * the result is one merge of the two. Nothing is subtracted.
 *
 * Source: the two-stacks algorithm, e.g. Tangwongsan, Hirzel, Schneider, "In-order
 * sliding-window aggregation in worst-case constant time" (2021), section 2.
 */
export class SlidingWindow<P extends WindowPartial> {
  private readonly create: () => P;
  private readonly add: (partial: P, index: number) => void;
  private readonly single: P;
  private readonly back: P;
  private readonly merged: P;
  /** suffixes[k] sums up the days from frontStart + k to middle. */
  private readonly suffixes: P[] = [];
  private frontStart: number;
  private middle: number;
  private end: number;

  /**
   * @param add appends the day at an index to a partial
   * @param start the first index that any window will hold
   */
  constructor(create: () => P, add: (partial: P, index: number) => void, start: number) {
    this.create = create;
    this.add = add;
    this.frontStart = this.middle = this.end = start;
    this.single = create();
    this.back = create();
    this.merged = create();
  }

  /**
   * The partial of the days with index in [first, end). Neither bound may go back from one call
   * to the next. The result is good until the next call.
   */
  slideTo(first: number, end: number): P {
    while (this.end < end) this.add(this.back, this.end++);
    if (first > this.middle) this.turnOver(first);
    if (first >= this.middle) return this.back;
    this.merged.merge(this.suffixes[first - this.frontStart]!, this.back);
    return this.merged;
  }

  private turnOver(first: number): void {
    this.back.clear();
    for (let index = this.end - 1; index >= first; index--) {
      this.single.clear();
      this.add(this.single, index);
      const suffix = (this.suffixes[index - first] ??= this.create());
      const rest = this.suffixes[index - first + 1];
      if (index === this.end - 1 || rest === undefined) suffix.merge(this.single, this.back);
      else suffix.merge(this.single, rest);
    }
    this.frontStart = first;
    this.middle = this.end;
  }
}
