import type { DailySeries } from '../../src/metrics/daily-series.js';
import type { MetricName } from '../../src/metrics/metrics.js';

const present = (x: Float64Array): Float64Array => x.filter((value) => !Number.isNaN(value));
const largest = (x: Float64Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

function deviation(x: Float64Array): number {
  if (x.every((value) => value === x[0])) return 0;
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1));
}

/**
 * Of the Calmar ratio: a rounding of the growth counts 252 times in its power, which is about
 * 5 · 1e-14, and is divided by the drawdown, as is that of the drawdown itself.
 */
export function sizeOfCalmarTerms(ratio: number, maxDrawdown: number): number {
  return (5 * (1 - ratio * maxDrawdown + Math.abs(ratio))) / -maxDrawdown;
}

/** The Calmar ratio of these returns and their greatest drawdown, both as the definitions have them. */
function calmarTerms(returns: Float64Array): number {
  let [index, peak, worst] = [1, 1, 0];
  for (const value of returns) {
    index *= 1 + value;
    peak = Math.max(peak, index);
    worst = Math.min(worst, index / peak - 1);
  }
  return sizeOfCalmarTerms((index ** (252 / returns.length) - 1) / -worst, worst);
}

/**
 * The size of the terms whose rounding a metric of these days carries. Where they cancel, the
 * result can be much smaller than its own rounding error: a mean of returns of 1 that comes to
 * 1e-10 is known to about 1e-16, not to 1e-26. So two ways to compute it can only agree to a
 * fraction of the terms. A ratio divides that error by its denominator.
 * Null for an active deviation below 1e-6 of the returns, which is ill-conditioned in any
 * arithmetic.
 */
export function sizeOfTerms(name: MetricName, days: DailySeries, rate: number): number | null {
  const returns = present(days.returns);
  const hasPair = (i: number): boolean =>
    !Number.isNaN(days.returns[i]!) && !Number.isNaN(days.benchmarkReturns[i]!);
  const r = days.returns.filter((_, i) => hasPair(i));
  const b = days.benchmarkReturns.filter((_, i) => hasPair(i));
  const active = r.map((value, i) => value - b[i]!);

  switch (name) {
    case 'AVERAGE_RETURN':
      return largest(returns);
    case 'AVERAGE_BETA':
      return largest(present(days.reportedBetas));
    case 'AVERAGE_ALPHA':
      return largest(present(days.reportedAlphas));
    case 'AVERAGE_TRACKING_ERROR':
      return largest(present(days.reportedTrackingErrors));
    case 'SHARPE_RATIO':
      return (Math.sqrt(252) * (largest(returns) + Math.abs(rate))) / deviation(returns);
    case 'SORTINO_RATIO': {
      const squares = returns.map((value) => Math.min(value - rate, 0) ** 2);
      const meanSquare = squares.reduce((sum, value) => sum + value, 0) / returns.length;
      return (Math.sqrt(252) * (largest(returns) + Math.abs(rate))) / Math.sqrt(meanSquare);
    }
    case 'CALMAR_RATIO':
      return calmarTerms(returns);
    case 'TRACKING_ERROR':
    case 'INFORMATION_RATIO': {
      const s = deviation(active);
      if (s > 0 && s < 1e-6 * Math.max(largest(r), largest(b))) return null;
      return name === 'TRACKING_ERROR' ? 1 : (Math.sqrt(252) * largest(active)) / s;
    }
    // By Cauchy and Schwarz the terms of a covariance add up to at most the deviations' product.
    case 'BETA':
      return deviation(r) / deviation(b);
    case 'ALPHA': {
      const slope = deviation(r) / deviation(b);
      const benchmark = slope * (largest(b) + Math.abs(rate));
      return 252 * (largest(r) + Math.abs(rate) + benchmark);
    }
    default:
      return 1;
  }
}
