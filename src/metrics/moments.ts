import type { WindowPartial } from './window-partial.js';

/** A deviation this small against the largest magnitude is floating-point residue. */
const RESIDUE = 1e-14;

/**
 * Count, mean and squared deviations of a sequence, mergeable after Chan, Golub and
 * LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
 * The mean carries a low-order part, without which the squared deviations of a nearly constant
 * series would lose as many digits as the mean is larger than the deviation.
 */
export class Moments implements WindowPartial {
  count = 0;
  private high = 0;
  /** What rounding took from the mean: mean = high + low. */
  private low = 0;
  squaredDeviations = 0;
  /** The largest |x|, or the largest scale given with a value. */
  magnitude = 0;

  clear(): void {
    this.count = 0;
    this.high = 0;
    this.low = 0;
    this.squaredDeviations = 0;
    this.magnitude = 0;
  }

  /** Appends a value; NaN (no value) is left out. `scale` is the size of what it was computed from. */
  add(value: number, scale = Math.abs(value)): void {
    if (Number.isNaN(value)) return;
    this.combine(this, 1, value, 0, 0);
    if (scale > this.magnitude) this.magnitude = scale;
  }

  /** Appends the values with index in [first, end). */
  addAll(values: Float64Array, first: number, end: number): void {
    for (let index = first; index < end; index++) this.add(values[index]!);
  }

  merge(earlier: Moments, later: Moments): void {
    const magnitude = Math.max(earlier.magnitude, later.magnitude);
    this.combine(earlier, later.count, later.high, later.low, later.squaredDeviations);
    this.magnitude = magnitude;
  }

  /** Arithmetic mean, in the unit of the values; 0 of none. */
  get mean(): number {
    return this.high + this.low;
  }

  /**
   * Sample standard deviation (divisor n − 1), in the unit of the values; NaN below two values.
   * Exactly 0 when all values are equal or only residue is left.
   */
  get standardDeviation(): number {
    if (this.count < 2) return NaN;
    const deviation = Math.sqrt(this.squaredDeviations / (this.count - 1));
    return deviation <= RESIDUE * this.magnitude ? 0 : deviation;
  }

  /** How far another mean lies above this one, exact to the last digit of the difference. */
  distanceTo(later: Moments): number {
    return later.high - this.high + (later.low - this.low);
  }

  /** How far a value lies above the mean, exact likewise. */
  distanceOf(value: number): number {
    return value - this.high - this.low;
  }

  private combine(
    earlier: Moments,
    count: number,
    mean: number,
    low: number,
    squaredDeviations: number,
  ): void {
    if (earlier.count === 0) {
      this.count = count;
      this.high = mean;
      this.low = low;
      this.squaredDeviations = squaredDeviations;
      return;
    }
    const total = earlier.count + count;
    const delta = mean - earlier.high + (low - earlier.low);
    const step = (delta * count) / total;
    // Knuth's two-sum: `high` and `lost` are together exactly mean + step.
    const high = earlier.high + step;
    const taken = high - earlier.high;
    const lost = earlier.high - (high - taken) + (step - taken);
    this.squaredDeviations =
      earlier.squaredDeviations + squaredDeviations + delta * step * earlier.count;
    this.low = earlier.low + lost;
    this.high = high;
    this.count = total;
  }
}
