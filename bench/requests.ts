import type { AggregateName } from '../src/aggregates/registry.js';
import type { MetricName } from '../src/metrics/metrics.js';

/** What a tile and each line of a blotter show: a window's metrics. */
export interface TileWindow {
  /** The GraphQL field of the window. */
  readonly field: string;
  readonly aggregate: AggregateName;
  readonly metrics: readonly MetricName[];
}

/** Metrics that SQL has aggregates for, so that no competitor is slow for want of one. */
export const TILE: readonly TileWindow[] = [
  {
    field: 'rolling30d',
    aggregate: 'PORTFOLIO_METRICS_30D_ROLLING',
    metrics: ['AVERAGE_RETURN', 'VOLATILITY', 'PEAK_VALUE', 'DRAWDOWN'],
  },
  {
    field: 'rolling60d',
    aggregate: 'PORTFOLIO_METRICS_60D_ROLLING',
    metrics: ['AVERAGE_RETURN', 'VOLATILITY', 'PEAK_VALUE'],
  },
  {
    field: 'rolling90d',
    aggregate: 'PORTFOLIO_METRICS_90D_SHARPE',
    metrics: ['AVERAGE_RETURN', 'RETURN_STANDARD_DEVIATION', 'SHARPE_RATIO'],
  },
  {
    field: 'rolling1y',
    aggregate: 'PORTFOLIO_METRICS_1Y_BETA',
    metrics: ['CUMULATIVE_RETURN', 'VOLATILITY', 'BETA', 'ALPHA', 'TRACKING_ERROR', 'AVERAGE_BETA'],
  },
];

/** The columns of a chart of the one-year window. */
export const CHART_METRICS = [
  'AVERAGE_RETURN',
  'VOLATILITY',
  'SHARPE_RATIO',
  'BETA',
  'TRACKING_ERROR',
] as const satisfies readonly MetricName[];

/** The charts that a dashboard has of every window. */
export const DASHBOARD_METRICS = [
  'AVERAGE_RETURN',
  'VOLATILITY',
  'SHARPE_RATIO',
] as const satisfies readonly MetricName[];

export const RANKING = {
  metric: 'SHARPE_RATIO',
  aggregate: 'PORTFOLIO_METRICS_1Y_BETA',
  first: 20,
} as const satisfies { metric: MetricName; aggregate: AggregateName; first: number };

/** The risk-free rate of every request, decimal fraction per day: the API's default. */
export const RISK_FREE_DAILY = 0.0001;
