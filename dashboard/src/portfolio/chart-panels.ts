import type { RollingMetric } from '../../../client/src/index.js';
import type { ChartData } from '../charts/chart-data.js';
import { METRICS } from '../format/metrics.js';
import type { Unit } from '../format/numbers.js';
import type { ColumnsFragment, PortfolioChartsQuery } from '../generated/operations.js';
import { compounded } from './compounded.js';

/** One of the charts of a portfolio. */
export interface Panel {
  readonly metric: RollingMetric;
  readonly name: string;
  readonly unit: Unit;
  /** A value that a thin line marks. */
  readonly reference: number;
  readonly data: ChartData;
  /** Null for what comes from the recorded rows themselves. */
  readonly freshness: ColumnsFragment['freshness'] | null;
  /** What a reader has to know beside the lines. */
  readonly note?: string | undefined;
}

type Portfolio = NonNullable<PortfolioChartsQuery['portfolio']>;

/** The charts in the order in which they stand. */
export function panelsOf(
  { daily, series, beta }: Portfolio,
  benchmark: string | null,
): readonly Panel[] {
  return [
    gainPanel(daily, benchmark),
    panel(series, 'VOLATILITY', 'Rolling volatility'),
    panel(series, 'SHARPE_RATIO', 'Rolling Sharpe ratio'),
    panel(series, 'CURRENT_DRAWDOWN', 'Drawdown within the window'),
    panel(beta, 'BETA', 'Beta over one year', 1),
  ];
}

function gainPanel(
  { days, returns, benchmarkReturns }: Portfolio['daily'],
  benchmark: string | null,
): Panel {
  const lines = [{ name: 'Portfolio', color: '--line', values: compounded(returns) }];
  const known = benchmarkReturns.filter((value) => value !== null).length;
  if (known > 0) {
    const values = compounded(benchmarkReturns);
    lines.push({ name: benchmark ?? 'Benchmark', color: '--line-2', values });
  }
  return {
    metric: 'CUMULATIVE_RETURN',
    name: 'Return over the period',
    unit: 'percent',
    reference: 0,
    data: { days, lines },
    freshness: null,
    note:
      known > 0 && known < days.length
        ? `The benchmark has returns on ${known} of ${days.length} days; the others are left out.`
        : undefined,
  };
}

function panel(
  { days, columns, freshness }: ColumnsFragment,
  metric: RollingMetric,
  name: string,
  reference = 0,
): Panel {
  const values = columns.find((column) => column.metric === metric)?.values ?? [];
  return {
    metric,
    name,
    unit: METRICS[metric].unit,
    reference,
    data: { days, lines: [{ name: METRICS[metric].name, color: '--line', values }] },
    freshness,
  };
}
