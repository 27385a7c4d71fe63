import type { RollingMetric } from '../../../client/src/index.js';
import type { CellFragment } from '../generated/operations.js';

/** The metrics that all four windows serve and the table offers, with their fields. */
const CELL_METRICS = {
  CUMULATIVE_RETURN: 'cumulativeReturn',
  VOLATILITY: 'volatility',
  SHARPE_RATIO: 'sharpeRatio',
  MAX_DRAWDOWN: 'maxDrawdown',
  CURRENT_DRAWDOWN: 'currentDrawdown',
} as const satisfies Partial<Record<RollingMetric, keyof CellFragment>>;

export type CellMetric = keyof typeof CELL_METRICS;
export const CELL_METRIC_NAMES = Object.keys(CELL_METRICS) as CellMetric[];

export function isCellMetric(text: string | undefined): text is CellMetric {
  return text !== undefined && Object.hasOwn(CELL_METRICS, text);
}

export function valueOf(cell: CellFragment | null | undefined, metric: CellMetric): number | null {
  return cell?.[CELL_METRICS[metric]] ?? null;
}
