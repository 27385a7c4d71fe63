/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
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

/** How something is, from best to worst. */
export type HealthStatus =
  /** Numbers are missing or may be old: act now. */
  | 'DEGRADED'
  /** Nothing to do. */
  | 'HEALTHY'
  /** Look at it soon. */
  | 'WARNING';

/** Why a portfolio has no value in a ranking: the first of these that is so. */
export type RankingLeftOutReason =
  /** The aggregate holds no row of it in the window: its rows end before, begin after, or are not refreshed yet. */
  | 'NO_ROWS'
  /** The window has fewer observations than minObservations, or than the metric needs. */
  | 'TOO_FEW_OBSERVATIONS'
  /** The metric is not defined, such as a Sharpe ratio of constant returns. */
  | 'UNDEFINED';

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

export type ChartQueryVariables = Exact<{
  id: string;
  from: string;
  to: string;
}>;


export type ChartQuery = { portfolio: { rollingSeries: { days: Array<string>, observations: Array<number>, columns: Array<{ metric: RollingMetric, values: Array<number | null> }>, freshness: { isStale: boolean } } } | null };

export type FourWindowsQueryVariables = Exact<{
  id: string;
}>;


export type FourWindowsQuery = { portfolio: { name: string, rolling30d: { asOf: string, averageReturn: number | null, volatility: number | null, peakValue: number | null, drawdown: number | null } | null, rolling60d: { asOf: string, averageReturn: number | null, volatility: number | null, peakValue: number | null } | null, rolling90d: { asOf: string, returnStandardDeviation: number | null, sharpeRatio: number | null, sharpeStandardError: number | null } | null, rolling1y: { asOf: string, cumulativeReturn: number | null, maxDrawdown: number | null, beta: number | null, alpha: number | null, trackingError: number | null, averageBeta: number | null, freshness: { isStale: boolean, staleReason: string | null } } | null } | null };

export type HealthQueryVariables = Exact<{ [key: string]: never; }>;


export type HealthQuery = { health: { status: HealthStatus, issues: Array<string>, warnings: Array<string> }, aggregateStatus: Array<{ viewName: AggregateName, materializedThrough: string | null, newestSourceDay: string | null, lastRefresh: string | null, scheduleInterval: string | null, pendingInvalidations: Array<{ from: string, to: string, coveredByPolicy: boolean }> }> };

export type LeagueTableQueryVariables = Exact<{
  asOf?: string | null | undefined;
  first: number;
}>;


export type LeagueTableQuery = { ranking: { asOf: string | null, total: number, minObservations: number, leftOut: Array<{ reason: RankingLeftOutReason, count: number }>, entries: Array<{ rank: number, value: number, observations: number, portfolio: { id: string, name: string } }> } };

export type PortfoliosQueryVariables = Exact<{
  search?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
  asOf?: string | null | undefined;
}>;


export type PortfoliosQuery = { portfolios: { totalCount: number, edges: Array<{ node: { id: string, name: string, baseCurrency: string, firstDay: string | null, lastDay: string | null, rolling90d: { asOf: string, sharpeRatio: number | null } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };


export const ChartDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Chart"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UUID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"from"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"LocalDate"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"to"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"LocalDate"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"portfolio"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rollingSeries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"window"},"value":{"kind":"EnumValue","value":"ONE_YEAR"}},{"kind":"Argument","name":{"kind":"Name","value":"metrics"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"VOLATILITY"},{"kind":"EnumValue","value":"BETA"}]}},{"kind":"Argument","name":{"kind":"Name","value":"from"},"value":{"kind":"Variable","name":{"kind":"Name","value":"from"}}},{"kind":"Argument","name":{"kind":"Name","value":"to"},"value":{"kind":"Variable","name":{"kind":"Name","value":"to"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"observations"}},{"kind":"Field","name":{"kind":"Name","value":"columns"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"metric"}},{"kind":"Field","name":{"kind":"Name","value":"values"}}]}},{"kind":"Field","name":{"kind":"Name","value":"freshness"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"isStale"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ChartQuery, ChartQueryVariables>;
export const FourWindowsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FourWindows"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UUID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"portfolio"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"rolling30d"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"averageReturn"}},{"kind":"Field","name":{"kind":"Name","value":"volatility"}},{"kind":"Field","name":{"kind":"Name","value":"peakValue"}},{"kind":"Field","name":{"kind":"Name","value":"drawdown"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rolling60d"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"averageReturn"}},{"kind":"Field","name":{"kind":"Name","value":"volatility"}},{"kind":"Field","name":{"kind":"Name","value":"peakValue"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rolling90d"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"returnStandardDeviation"}},{"kind":"Field","name":{"kind":"Name","value":"sharpeRatio"}},{"kind":"Field","name":{"kind":"Name","value":"sharpeStandardError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rolling1y"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"cumulativeReturn"}},{"kind":"Field","name":{"kind":"Name","value":"maxDrawdown"}},{"kind":"Field","name":{"kind":"Name","value":"beta"}},{"kind":"Field","name":{"kind":"Name","value":"alpha"}},{"kind":"Field","name":{"kind":"Name","value":"trackingError"}},{"kind":"Field","name":{"kind":"Name","value":"averageBeta"}},{"kind":"Field","name":{"kind":"Name","value":"freshness"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"isStale"}},{"kind":"Field","name":{"kind":"Name","value":"staleReason"}}]}}]}}]}}]}}]} as unknown as DocumentNode<FourWindowsQuery, FourWindowsQueryVariables>;
export const HealthDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"issues"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"}}]}},{"kind":"Field","name":{"kind":"Name","value":"aggregateStatus"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewName"}},{"kind":"Field","name":{"kind":"Name","value":"materializedThrough"}},{"kind":"Field","name":{"kind":"Name","value":"newestSourceDay"}},{"kind":"Field","name":{"kind":"Name","value":"lastRefresh"}},{"kind":"Field","name":{"kind":"Name","value":"scheduleInterval"}},{"kind":"Field","name":{"kind":"Name","value":"pendingInvalidations"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"to"}},{"kind":"Field","name":{"kind":"Name","value":"coveredByPolicy"}}]}}]}}]}}]} as unknown as DocumentNode<HealthQuery, HealthQueryVariables>;
export const LeagueTableDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LeagueTable"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"asOf"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"LocalDate"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"ranking"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"metric"},"value":{"kind":"EnumValue","value":"SHARPE_RATIO"}},{"kind":"Argument","name":{"kind":"Name","value":"window"},"value":{"kind":"EnumValue","value":"ONE_YEAR"}},{"kind":"Argument","name":{"kind":"Name","value":"asOf"},"value":{"kind":"Variable","name":{"kind":"Name","value":"asOf"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"minObservations"}},{"kind":"Field","name":{"kind":"Name","value":"leftOut"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"entries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"observations"}},{"kind":"Field","name":{"kind":"Name","value":"portfolio"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]} as unknown as DocumentNode<LeagueTableQuery, LeagueTableQueryVariables>;
export const PortfoliosDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Portfolios"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"asOf"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"LocalDate"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"portfolios"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"baseCurrency"}},{"kind":"Field","name":{"kind":"Name","value":"firstDay"}},{"kind":"Field","name":{"kind":"Name","value":"lastDay"}},{"kind":"Field","name":{"kind":"Name","value":"rolling90d"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"asOf"},"value":{"kind":"Variable","name":{"kind":"Name","value":"asOf"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"sharpeRatio"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<PortfoliosQuery, PortfoliosQueryVariables>;