import type { WindowLength } from '../metrics/calendar.js';
import { isSeldomAsked, type DailyColumn } from '../metrics/daily-series.js';
import { isServedBy, METRIC_NAMES, METRICS, type MetricName } from '../metrics/metrics.js';

/** One continuous aggregate: the official daily series that one rolling window is applied to. */
export interface Aggregate {
  /** The name of the continuous aggregate in the database. */
  readonly sqlName: string;
  readonly window: string;
  /** The field of a portfolio that gives the window. */
  readonly field: string;
  readonly length: WindowLength;
  /** The columns of its daily series, and what they are called in SQL. */
  readonly columns: Readonly<Partial<Record<DailyColumn, string>>>;
  /** The minimum count of observations that a ranking requires by default. */
  readonly rankingMinObservations: number;
}

const RETURNS = { returns: 'daily_return' };
const VALUES = { values: 'value' };

/** The aggregates by their GraphQL names. Schema, validation, reads, status and refresh go by this. */
export const AGGREGATES = {
  PORTFOLIO_METRICS_30D_ROLLING: {
    sqlName: 'portfolio_metrics_30d_rolling',
    window: 'THIRTY_DAYS',
    field: 'rolling30d',
    length: { days: 30 },
    columns: { ...RETURNS, ...VALUES },
    rankingMinObservations: 10,
  },
  PORTFOLIO_METRICS_60D_ROLLING: {
    sqlName: 'portfolio_metrics_60d_rolling',
    window: 'SIXTY_DAYS',
    field: 'rolling60d',
    length: { days: 60 },
    columns: { ...RETURNS, ...VALUES },
    rankingMinObservations: 20,
  },
  PORTFOLIO_METRICS_90D_SHARPE: {
    sqlName: 'portfolio_metrics_90d_sharpe',
    window: 'NINETY_DAYS',
    field: 'rolling90d',
    length: { days: 90 },
    columns: RETURNS,
    rankingMinObservations: 30,
  },
  PORTFOLIO_METRICS_1Y_BETA: {
    sqlName: 'portfolio_metrics_1y_beta',
    window: 'ONE_YEAR',
    field: 'rolling1y',
    length: { years: 1 },
    columns: {
      ...RETURNS,
      benchmarkReturns: 'benchmark_return',
      reportedBetas: 'reported_beta',
      reportedAlphas: 'reported_alpha',
      reportedTrackingErrors: 'reported_tracking_error',
    },
    rankingMinObservations: 120,
  },
} as const satisfies Record<string, Aggregate>;

export type AggregateName = keyof typeof AGGREGATES;
export const AGGREGATE_NAMES = Object.keys(AGGREGATES) as AggregateName[];
export type RollingWindow = (typeof AGGREGATES)[AggregateName]['window'];

/** The aggregate that serves each window. */
export const AGGREGATE_OF_WINDOW = Object.fromEntries(
  AGGREGATE_NAMES.map((name) => [AGGREGATES[name].window, name]),
) as Record<RollingWindow, AggregateName>;
export const ROLLING_WINDOWS = Object.keys(AGGREGATE_OF_WINDOW) as RollingWindow[];

/** The aggregate that has this name in the database, if it is one of ours. */
export function findAggregateBySqlName(sqlName: string): AggregateName | undefined {
  return AGGREGATE_NAMES.find((name) => AGGREGATES[name].sqlName === sqlName);
}

const COLUMNS = new Map(
  AGGREGATE_NAMES.map((name) => [name, Object.keys(AGGREGATES[name].columns) as DailyColumn[]]),
);

/** The daily columns an aggregate has. */
export function dailyColumns(name: AggregateName): readonly DailyColumn[] {
  return COLUMNS.get(name)!;
}

/** The columns to read where these are wanted: also all that are often requested, to be shared. */
export function columnsToRead(
  name: AggregateName,
  wanted: readonly DailyColumn[],
): readonly DailyColumn[] {
  return dailyColumns(name).filter((column) => !isSeldomAsked(column) || wanted.includes(column));
}

/** The metrics a window serves, in the order of their table. */
export function metricsOf(window: RollingWindow): MetricName[] {
  const columns = dailyColumns(AGGREGATE_OF_WINDOW[window]);
  return METRIC_NAMES.filter((metric) => isServedBy(METRICS[metric], columns));
}
