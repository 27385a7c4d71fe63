/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocument } from '../../../client/src/index.js';
/** The continuous aggregates, each the daily series behind one rolling window. */
export type AggregateName =
  /** portfolio_metrics_1y_beta, behind the window ONE_YEAR. */
  | 'PORTFOLIO_METRICS_1Y_BETA'
  /** portfolio_metrics_30d_rolling, behind the window THIRTY_DAYS. */
  | 'PORTFOLIO_METRICS_30D_ROLLING'
  /** portfolio_metrics_60d_rolling, behind the window SIXTY_DAYS. */
  | 'PORTFOLIO_METRICS_60D_ROLLING'
  /** portfolio_metrics_90d_sharpe, behind the window NINETY_DAYS. */
  | 'PORTFOLIO_METRICS_90D_SHARPE';

/** The metrics of a rolling window. Each names the windows that serve it. r are the daily returns in the window, b those of the benchmark, v the values, n the count of r, rf the risk-free rate per day, A the periodsPerYear of the portfolio. */
export type RollingMetric =
  /** A · [(mean(r) − rf) − BETA · (mean(b) − rf)]; decimal fraction, annualised arithmetically. Jensen's alpha. PerformanceAnalytics: A · CAPM.alpha(r, b, Rf = rf), not CAPM.jensenAlpha. Null below 2 days with both a return and a benchmark return, and where var(b) is 0. Windows: ONE_YEAR. */
  | 'ALPHA'
  /** mean(alpha_1y); as reported. Mean of the alphas reported with the rows; ALPHA is computed from the returns. Null below 1 reported alphas. Windows: ONE_YEAR. */
  | 'AVERAGE_ALPHA'
  /** mean(beta_1y); ratio. Mean of the betas reported with the rows; BETA is computed from the returns. Null below 1 reported betas. Windows: ONE_YEAR. */
  | 'AVERAGE_BETA'
  /** mean(r); decimal fraction per day. Arithmetic mean of the daily returns. Null below 1 daily returns. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'AVERAGE_RETURN'
  /** mean(tracking_error_1y); as reported. Mean of the tracking errors reported with the rows; TRACKING_ERROR is computed from the returns. Null below 1 reported tracking errors. Windows: ONE_YEAR. */
  | 'AVERAGE_TRACKING_ERROR'
  /** cov(r, b) / var(b); ratio. PerformanceAnalytics: CAPM.beta(r, b). Null below 2 days with both a return and a benchmark return, and where var(b) is 0. Windows: ONE_YEAR. */
  | 'BETA'
  /** ((Π(1 + r))^(A / n) − 1) / |MAX_DRAWDOWN|; ratio, annualised. The compounded return a year over the worst drawdown of the same window: Young, "Calmar Ratio: A Smoother Tool" (1991), there over three years. Over a short window it compounds few days to a year. PerformanceAnalytics: CalmarRatio(r, scale = A). Null below 1 daily returns, and where MAX_DRAWDOWN is 0 or Π(1 + r) is negative. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'CALMAR_RATIO'
  /** cov(r, b) / (sd(r) · sd(b)); ratio in [−1, 1]. Pearson's. Null below 2 days with both a return and a benchmark return, and where either variance is 0. Windows: ONE_YEAR. */
  | 'CORRELATION'
  /** Π(1 + r) − 1; decimal fraction over the window, never annualised. The daily returns compounded. Null below 1 daily returns. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'CUMULATIVE_RETURN'
  /** index / running maximum of index − 1 at the last return, the index compounding r from 1; decimal fraction, ≤ 0. How far the same wealth index stands below its maximum within the window. Null below 1 daily returns. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'CURRENT_DRAWDOWN'
  /** √(Σ min(r − rf, 0)² / n) · √A; decimal fraction, annualised. Over all n returns. PerformanceAnalytics: DownsideDeviation(r, MAR = rf, method = "full") · √A. Null below 1 daily returns. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'DOWNSIDE_DEVIATION'
  /** (max(v) − min(v)) / max(v); decimal fraction, ≥ 0. Of values in any order, so deposits and withdrawals count; MAX_DRAWDOWN and CURRENT_DRAWDOWN are of returns and ≤ 0. Null below 1 values, and where max(v) is not above 0. Windows: THIRTY_DAYS, SIXTY_DAYS. */
  | 'DRAWDOWN'
  /** A · mean(r − b) / TRACKING_ERROR; ratio, annualised. PerformanceAnalytics: InformationRatio(r, b, scale = A, geometric = FALSE) on complete pairs. Null below 2 days with both a return and a benchmark return, and where the tracking error is 0. Windows: ONE_YEAR. */
  | 'INFORMATION_RATIO'
  /** min(index / running maximum of index) − 1, the index compounding r from 1; decimal fraction, ≤ 0. The worst fall of a wealth index that starts at 1 before the window's first return. From returns, so deposits and withdrawals do not distort it. PerformanceAnalytics: maxDrawdown(r, invert = FALSE). Null below 1 daily returns. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'MAX_DRAWDOWN'
  /** max(v); in the portfolio's base currency. The largest value in the window. Null below 1 values. Windows: THIRTY_DAYS, SIXTY_DAYS. */
  | 'PEAK_VALUE'
  /** s = √(Σ(r − mean(r))² / (n − 1)); decimal fraction per day. Sample standard deviation of the daily returns; exactly 0 for a constant series. Null below 2 daily returns. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'RETURN_STANDARD_DEVIATION'
  /** CORRELATION²; ratio in [0, 1]. Null below 2 days with both a return and a benchmark return, and where either variance is 0. Windows: ONE_YEAR. */
  | 'R_SQUARED'
  /** (mean(r) − rf) / s · √A; ratio, annualised. PerformanceAnalytics: SharpeRatio.annualized(r, Rf = rf, scale = A, geometric = FALSE). Null below 2 daily returns, and where s is 0. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'SHARPE_RATIO'
  /** (mean(r) − rf) · A / DOWNSIDE_DEVIATION; ratio, annualised. PerformanceAnalytics: SortinoRatio(r, MAR = rf) · √A. Null below 1 daily returns, and where the downside deviation is 0. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'SORTINO_RATIO'
  /** sample standard deviation of (r − b) · √A; decimal fraction, annualised. PerformanceAnalytics: TrackingError(r, b, scale = A) on complete pairs. Null below 2 days with both a return and a benchmark return. Windows: ONE_YEAR. */
  | 'TRACKING_ERROR'
  /** min(v); in the portfolio's base currency. The smallest value in the window. Null below 1 values. Windows: THIRTY_DAYS, SIXTY_DAYS. */
  | 'TROUGH_VALUE'
  /** s · √A; decimal fraction, annualised. PerformanceAnalytics: StdDev.annualized(r, scale = A). Null below 2 daily returns. Windows: THIRTY_DAYS, SIXTY_DAYS, NINETY_DAYS, ONE_YEAR. */
  | 'VOLATILITY';

/** The rolling windows, each the calendar days in (asOf − W, asOf]. One year goes to the same day a year before, 29 February to 28 February. */
export type RollingWindow =
  /** ninety days */
  | 'NINETY_DAYS'
  /** one year */
  | 'ONE_YEAR'
  /** sixty days */
  | 'SIXTY_DAYS'
  /** thirty days */
  | 'THIRTY_DAYS';

export type FreshnessFragment = { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null };

export type PortfolioChartsQueryVariables = Exact<{
  id: string;
  window: RollingWindow;
  from: string;
  to: string;
  minObservations: number;
}>;


export type PortfolioChartsQuery = { portfolio: { id: string, daily: { days: Array<string>, returns: Array<number | null>, benchmarkReturns: Array<number | null> }, series: { days: Array<string>, observations: Array<number>, columns: Array<{ metric: RollingMetric, values: Array<number | null> }>, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } }, beta: { days: Array<string>, observations: Array<number>, columns: Array<{ metric: RollingMetric, values: Array<number | null> }>, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } } } | null };

export type ColumnsFragment = { days: Array<string>, observations: Array<number>, columns: Array<{ metric: RollingMetric, values: Array<number | null> }>, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } };

export type PortfolioRowsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type PortfolioRowsQuery = { portfolios: { edges: Array<{ node: { id: string, rolling30d: { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } } | null, rolling60d: { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } } | null, rolling90d: { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } } | null, rolling1y: { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } } | null } }> } };

type Cell_Rolling1yMetrics_Fragment = { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } };

type Cell_Rolling30dMetrics_Fragment = { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } };

type Cell_Rolling60dMetrics_Fragment = { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } };

type Cell_Rolling90dMetrics_Fragment = { asOf: string, observations: number, cumulativeReturn: number | null, volatility: number | null, sharpeRatio: number | null, maxDrawdown: number | null, currentDrawdown: number | null, freshness: { isStale: boolean, staleReason: string | null, lastRefresh: string | null } };

export type CellFragment =
  | Cell_Rolling1yMetrics_Fragment
  | Cell_Rolling30dMetrics_Fragment
  | Cell_Rolling60dMetrics_Fragment
  | Cell_Rolling90dMetrics_Fragment
;

export type SparklinesQueryVariables = Exact<{
  ids: Array<string> | string;
  metric: RollingMetric;
  from: string;
  to: string;
}>;


export type SparklinesQuery = { portfolios: { edges: Array<{ node: { id: string, thirtyDays: { columns: Array<{ values: Array<number | null> }> }, sixtyDays: { columns: Array<{ values: Array<number | null> }> }, ninetyDays: { columns: Array<{ values: Array<number | null> }> }, oneYear: { columns: Array<{ values: Array<number | null> }> } } }> } };

export type SparklineFragment = { columns: Array<{ values: Array<number | null> }> };

export const PortfolioChartsDocument = "query PortfolioCharts($id:UUID!$window:RollingWindow!$from:LocalDate!$to:LocalDate!$minObservations:Int!){portfolio(id:$id){id daily:dailySeries(from:$from to:$to){days returns benchmarkReturns}series:rollingSeries(window:$window metrics:[VOLATILITY SHARPE_RATIO CURRENT_DRAWDOWN]from:$from to:$to minObservations:$minObservations){...Columns}beta:rollingSeries(window:ONE_YEAR metrics:[BETA]from:$from to:$to minObservations:120){...Columns}}}fragment Columns on RollingSeries{days observations columns{metric values}freshness{...Freshness}}fragment Freshness on WindowFreshness{aggregate materializedThrough lastRefresh isStale staleReason}" as TypedDocument<PortfolioChartsQuery, PortfolioChartsQueryVariables>;
export const PortfolioRowsDocument = "query PortfolioRows($ids:[UUID!]!){portfolios(ids:$ids first:200){edges{node{id rolling30d{...Cell}rolling60d{...Cell}rolling90d{...Cell}rolling1y{...Cell}}}}}fragment Cell on RollingMetrics{asOf observations cumulativeReturn volatility sharpeRatio maxDrawdown currentDrawdown freshness{isStale staleReason lastRefresh}}" as TypedDocument<PortfolioRowsQuery, PortfolioRowsQueryVariables>;
export const SparklinesDocument = "query Sparklines($ids:[UUID!]!$metric:RollingMetric!$from:LocalDate!$to:LocalDate!){portfolios(ids:$ids first:200){edges{node{id thirtyDays:rollingSeries(window:THIRTY_DAYS metrics:[$metric]from:$from to:$to minObservations:10){...Sparkline}sixtyDays:rollingSeries(window:SIXTY_DAYS metrics:[$metric]from:$from to:$to minObservations:20){...Sparkline}ninetyDays:rollingSeries(window:NINETY_DAYS metrics:[$metric]from:$from to:$to minObservations:30){...Sparkline}oneYear:rollingSeries(window:ONE_YEAR metrics:[$metric]from:$from to:$to minObservations:120){...Sparkline}}}}}fragment Sparkline on RollingSeries{columns{values}}" as TypedDocument<SparklinesQuery, SparklinesQueryVariables>;