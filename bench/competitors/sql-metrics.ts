import { AGGREGATES, type Aggregate, type AggregateName } from '../../src/aggregates/registry.js';
import type { MetricName } from '../../src/metrics/metrics.js';
import { RISK_FREE_DAILY } from '../requests.js';

const RF = String(RISK_FREE_DAILY);
const ANNUAL = 'sqrt(252)';

/** The metrics as SQL aggregates over the rows of a window. */
export const AGGREGATED: Readonly<Partial<Record<MetricName, string>>> = {
  AVERAGE_RETURN: 'avg(daily_return)',
  CUMULATIVE_RETURN: 'exp(sum(ln(1 + daily_return))) - 1',
  RETURN_STANDARD_DEVIATION: 'stddev_samp(daily_return)',
  VOLATILITY: `stddev_samp(daily_return) * ${ANNUAL}`,
  SHARPE_RATIO: `(avg(daily_return) - ${RF}) / nullif(stddev_samp(daily_return), 0) * ${ANNUAL}`,
  PEAK_VALUE: 'max(value)::float8',
  DRAWDOWN: '((max(value) - min(value)) / nullif(max(value), 0))::float8',
  BETA: 'regr_slope(daily_return, benchmark_return)',
  ALPHA: `252 * (avg(daily_return) - ${RF} - regr_slope(daily_return, benchmark_return) * (avg(benchmark_return) - ${RF}))`,
  TRACKING_ERROR: `stddev_samp(daily_return - benchmark_return) * ${ANNUAL}`,
  AVERAGE_BETA: 'avg(reported_beta)',
};

/**
 * The metrics as differences of running sums over a window: n days, the sums r of returns and b
 * of benchmark returns, and the sums of squared deviations vr and vb and of their product c.
 */
export const SUMMED: Readonly<Partial<Record<MetricName, string>>> = {
  AVERAGE_RETURN: 'r / n',
  VOLATILITY: `sqrt(vr / nullif(n - 1, 0)) * ${ANNUAL}`,
  SHARPE_RATIO: `(r / n - ${RF}) / sqrt(nullif(vr, 0) / nullif(n - 1, 0)) * ${ANNUAL}`,
  BETA: 'CASE WHEN n > 1 THEN c / nullif(vb, 0) END',
  TRACKING_ERROR: `sqrt(greatest(vr + vb - 2 * c, 0) / nullif(n - 1, 0)) * ${ANNUAL}`,
};

/** The length of an aggregate's window. */
export function intervalOf(name: AggregateName): string {
  const { length }: Aggregate = AGGREGATES[name];
  return 'days' in length ? `interval '${length.days} days'` : `interval '${length.years} year'`;
}
