import type { AggregateName } from '../../../client/src/index.js';

/** Aggregates by the window behind which they are. */
export const AGGREGATES: Readonly<Record<AggregateName, string>> = {
  PORTFOLIO_METRICS_30D_ROLLING: '30 days',
  PORTFOLIO_METRICS_60D_ROLLING: '60 days',
  PORTFOLIO_METRICS_90D_SHARPE: '90 days',
  PORTFOLIO_METRICS_1Y_BETA: '1 year',
};
