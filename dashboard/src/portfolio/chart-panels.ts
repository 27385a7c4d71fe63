import type { RollingMetric } from '../../../client/src/index.js';
import type { ChartData } from '../charts/chart-data.js';
import { METRICS } from '../format/metrics.js';
import type { Unit } from '../format/numbers.js';
import type { ColumnsFragment, PortfolioChartsQuery } from '../generated/operations.js';

/** One of the charts of a portfolio. */
export interface Panel {
  readonly metric: RollingMetric;
  readonly name: string;
  readonly unit: Unit;
  readonly reference: number;
  readonly data: ChartData;
  readonly freshness: ColumnsFragment['freshness'];
}

type Portfolio = NonNullable<PortfolioChartsQuery['portfolio']>;

/** The charts in the order in which they stand. */
export function panelsOf({ series, beta }: Portfolio): readonly Panel[] {
  return [
    panel(series, 'CUMULATIVE_RETURN', 'Rolling return'),
    panel(series, 'VOLATILITY', 'Rolling volatility'),
    panel(series, 'SHARPE_RATIO', 'Rolling Sharpe ratio'),
    panel(series, 'CURRENT_DRAWDOWN', 'Drawdown within the window'),
    panel(beta, 'BETA', 'Beta over one year', 1),
  ];
}

function panel(
  { days, columns, freshness }: ColumnsFragment,
  metric: RollingMetric,
  name: string,
  reference = 0,
): Panel {
  const values = columns.find((column) => column.metric === metric)?.values ?? [];
  const line = { name: METRICS[metric].name, color: '--line', values };
  return {
    metric,
    name,
    unit: METRICS[metric].unit,
    reference,
    data: { days, lines: [line] },
    freshness,
  };
}
