import { Moments } from './moments.js';
import type { WindowPartial } from './window-partial.js';

/**
 * Moments of pairs (return, benchmark return) and of their product, over the days that have
 * both, mergeable after Chan, Golub and LeVeque (1979) as extended to covariances by Pébay,
 * "Formulas for robust, one-pass parallel computation of covariances" (2008). The sum of
 * co-deviations is compensated (Neumaier), because its terms can cancel.
 */
export class CoMoments implements WindowPartial {
  readonly returns = new Moments();
  readonly benchmark = new Moments();
  private sum = 0;
  private lost = 0;

  get count(): number {
    return this.returns.count;
  }

  /** Sum of products of deviations; divided by n − 1 it is the sample covariance. */
  get coDeviations(): number {
    return this.sum + this.lost;
  }

  /** Whether both have a deviation of their own; without one a correlation is not defined. */
  get varies(): boolean {
    return this.returns.standardDeviation > 0 && this.benchmark.standardDeviation > 0;
  }

  clear(): void {
    this.returns.clear();
    this.benchmark.clear();
    this.sum = 0;
    this.lost = 0;
  }

  /** Appends a pair; left out when either is NaN. */
  add(dailyReturn: number, benchmarkReturn: number): void {
    if (Number.isNaN(dailyReturn) || Number.isNaN(benchmarkReturn)) return;
    const { count } = this;
    const weight = count / (count + 1);
    const term =
      this.returns.distanceOf(dailyReturn) * this.benchmark.distanceOf(benchmarkReturn) * weight;
    this.returns.add(dailyReturn);
    this.benchmark.add(benchmarkReturn);
    this.accumulate(term);
  }

  /** Appends the pairs with index in [first, end). */
  addAll(returns: Float64Array, benchmark: Float64Array, first: number, end: number): void {
    for (let index = first; index < end; index++) this.add(returns[index]!, benchmark[index]!);
  }

  merge(earlier: CoMoments, later: CoMoments): void {
    const weight =
      earlier.count === 0 ? 0 : (earlier.count * later.count) / (earlier.count + later.count);
    const term =
      earlier.returns.distanceTo(later.returns) *
      earlier.benchmark.distanceTo(later.benchmark) *
      weight;
    this.returns.merge(earlier.returns, later.returns);
    this.benchmark.merge(earlier.benchmark, later.benchmark);
    this.sum = earlier.sum;
    this.lost = earlier.lost + later.lost;
    this.accumulate(later.sum);
    this.accumulate(term);
  }

  private accumulate(term: number): void {
    const sum = this.sum + term;
    this.lost +=
      Math.abs(this.sum) >= Math.abs(term) ? this.sum - sum + term : term - sum + this.sum;
    this.sum = sum;
  }
}
