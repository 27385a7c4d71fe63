import { expect, test } from '@jest/globals';
import { aggregateNamed } from '../../src/commands/aggregate-argument.js';

test.each([
  'PORTFOLIO_METRICS_90D_SHARPE',
  'portfolio_metrics_90d_sharpe',
  'Portfolio_Metrics_90d_Sharpe',
  ' portfolio_metrics_90d_sharpe ',
  '90d_sharpe',
])('%j names the aggregate of 90 days', (text) => {
  expect(aggregateNamed(text)).toBe('PORTFOLIO_METRICS_90D_SHARPE');
});

test.each(['90d', 'sharpe', '', 'portfolio_metrics_'])(
  '%j names none, and the names are listed',
  (text) => {
    expect(() => aggregateNamed(text)).toThrow(
      `There is no aggregate ${JSON.stringify(text)}. These there are:
  portfolio_metrics_30d_rolling
  portfolio_metrics_60d_rolling
  portfolio_metrics_90d_sharpe
  portfolio_metrics_1y_beta`,
    );
  },
);
