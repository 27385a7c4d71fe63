import type { RollingMetric, RollingWindow } from '../../../client/src/index.js';
import { METRIC_FACTS } from '../generated/metrics.js';
import type { Unit } from './numbers.js';

interface MetricLabel {
  readonly name: string;
  readonly unit: Unit;
}

/** How metrics are named and shown. */
export const METRICS: Readonly<Record<RollingMetric, MetricLabel>> = {
  CUMULATIVE_RETURN: { name: 'Return', unit: 'percent' },
  AVERAGE_RETURN: { name: 'Average daily return', unit: 'percent' },
  VOLATILITY: { name: 'Volatility', unit: 'percent' },
  RETURN_STANDARD_DEVIATION: { name: 'Daily standard deviation', unit: 'percent' },
  DOWNSIDE_DEVIATION: { name: 'Downside deviation', unit: 'percent' },
  SHARPE_RATIO: { name: 'Sharpe ratio', unit: 'ratio' },
  SORTINO_RATIO: { name: 'Sortino ratio', unit: 'ratio' },
  CALMAR_RATIO: { name: 'Calmar ratio', unit: 'ratio' },
  MAX_DRAWDOWN: { name: 'Largest drawdown', unit: 'percent' },
  CURRENT_DRAWDOWN: { name: 'Current drawdown', unit: 'percent' },
  PEAK_VALUE: { name: 'Peak value', unit: 'currency' },
  TROUGH_VALUE: { name: 'Trough value', unit: 'currency' },
  DRAWDOWN: { name: 'Value range', unit: 'percent' },
  BETA: { name: 'Beta', unit: 'ratio' },
  ALPHA: { name: 'Alpha', unit: 'percent' },
  TRACKING_ERROR: { name: 'Tracking error', unit: 'percent' },
  INFORMATION_RATIO: { name: 'Information ratio', unit: 'ratio' },
  CORRELATION: { name: 'Correlation', unit: 'ratio' },
  R_SQUARED: { name: 'R²', unit: 'ratio' },
  AVERAGE_BETA: { name: 'Reported beta, average', unit: 'ratio' },
  AVERAGE_ALPHA: { name: 'Reported alpha, average', unit: 'number' },
  AVERAGE_TRACKING_ERROR: { name: 'Reported tracking error, average', unit: 'number' },
};
export const METRIC_NAMES = Object.keys(METRICS) as RollingMetric[];

interface WindowLabel {
  readonly name: string;
  readonly short: string;
  /** Fewer returns than this make no number worth drawing: the ranking's defaults. */
  readonly minObservations: number;
}

export const WINDOWS: Readonly<Record<RollingWindow, WindowLabel>> = {
  THIRTY_DAYS: { name: '30 days', short: '30 d', minObservations: 10 },
  SIXTY_DAYS: { name: '60 days', short: '60 d', minObservations: 20 },
  NINETY_DAYS: { name: '90 days', short: '90 d', minObservations: 30 },
  ONE_YEAR: { name: '1 year', short: '1 y', minObservations: 120 },
};
export const WINDOW_NAMES = Object.keys(WINDOWS) as RollingWindow[];

export function isMetric(text: string | undefined): text is RollingMetric {
  return text !== undefined && Object.hasOwn(METRICS, text);
}

export function isWindow(text: string | undefined): text is RollingWindow {
  return text !== undefined && Object.hasOwn(WINDOWS, text);
}

export function windowServes(window: RollingWindow, metric: RollingMetric): boolean {
  return METRIC_FACTS[metric].windows.includes(window);
}
