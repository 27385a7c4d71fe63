import { DEFAULT_PERIODS_PER_YEAR, type MetricTerms } from '../../src/metrics/metrics.js';

/** What metrics are computed with. */
export function termsOf(
  riskFreeDaily: number,
  periodsPerYear: number = DEFAULT_PERIODS_PER_YEAR,
): MetricTerms {
  return { riskFreeDaily, periodsPerYear };
}
