/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocument } from '../typed-document.js';
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

/** Changes to a refresh policy: what is absent stays as it is. */
export type RefreshPolicyInput = {
  /** Whether it is scheduled. */
  enabled?: boolean | null | undefined;
  /** How long before a run its days end; null: to the newest day. */
  endOffset?: string | null | undefined;
  /** How often it runs. */
  scheduleInterval?: string | null | undefined;
  /** How far back before a run its days begin; null: from the oldest day. */
  startOffset?: string | null | undefined;
};

/** Where a refresh stands. */
export type RefreshState =
  /** Was cancelled; what it had done is kept. */
  | 'CANCELLED'
  /** Ended with an error; what it had done is kept. */
  | 'FAILED'
  /** Waits for the one before it. */
  | 'QUEUED'
  /** Runs, slice by slice. */
  | 'RUNNING'
  /** Everything committed before it started is materialized. */
  | 'SUCCEEDED';

/** What a caller may do: each role includes those before it. */
export type Role =
  /** Does all that a writer does, and refreshes. */
  | 'OPERATOR'
  /** Reads. */
  | 'READER'
  /** Reads, and changes portfolios and rows. */
  | 'WRITER';

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

/** Which end of a list comes first. */
export type SortDirection =
  /** The smallest first. */
  | 'ASC'
  /** The greatest first. */
  | 'DESC';

export type HealthQueryVariables = Exact<{ [key: string]: never; }>;


export type HealthQuery = { health: { status: HealthStatus, checkedAt: string, issues: Array<string>, warnings: Array<string>, aggregates: Array<{ viewName: AggregateName, status: HealthStatus, issues: Array<string>, warnings: Array<string> }> } };

export type AggregateStatusQueryVariables = Exact<{
  viewName?: AggregateName | null | undefined;
}>;


export type AggregateStatusQuery = { aggregateStatus: Array<{ viewName: AggregateName, lastRefresh: string | null, refreshLagSeconds: number | null, refreshPolicyEnabled: boolean, scheduleInterval: string | null, startOffset: string | null, endOffset: string | null, nextRefresh: string | null, lastRunStatus: string | null, lastError: string | null, materializedThrough: string | null, newestSourceDay: string | null, pendingInvalidations: Array<{ from: string, to: string, coveredByPolicy: boolean }>, health: { status: HealthStatus, issues: Array<string>, warnings: Array<string> } }> };

export type SetRefreshPolicyMutationVariables = Exact<{
  viewName: AggregateName;
  input: RefreshPolicyInput;
}>;


export type SetRefreshPolicyMutation = { setRefreshPolicy: { viewName: AggregateName, refreshPolicyEnabled: boolean, scheduleInterval: string | null, startOffset: string | null, endOffset: string | null, nextRefresh: string | null } };

export type PendingFragment = { from: string, to: string, coveredByPolicy: boolean };

export type CallerQueryVariables = Exact<{ [key: string]: never; }>;


export type CallerQuery = { caller: { name: string, role: Role, tenant: string } };

export type FreshnessFragment = { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null };

export type PortfoliosQueryVariables = Exact<{
  ids?: Array<string> | string | null | undefined;
  codes?: Array<string> | string | null | undefined;
  search?: string | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type PortfoliosQuery = { portfolios: { totalCount: number, edges: Array<{ node: { id: string, name: string, code: string | null, baseCurrency: string, benchmarkId: string | null, firstDay: string | null, lastDay: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type RankingQueryVariables = Exact<{
  metric: RollingMetric;
  window: RollingWindow;
  asOf?: string | null | undefined;
  direction?: SortDirection;
  first?: number;
  minObservations?: number | null | undefined;
  baseCurrency?: string | null | undefined;
  benchmarkId?: string | null | undefined;
  riskFreeDaily?: number;
}>;


export type RankingQuery = { ranking: { metric: RollingMetric, window: RollingWindow, asOf: string | null, minObservations: number, total: number, leftOut: Array<{ reason: RankingLeftOutReason, count: number }>, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null }, entries: Array<{ rank: number, value: number, observations: number, portfolio: { id: string, name: string, code: string | null, baseCurrency: string, benchmarkId: string | null } }> } };

export type RefreshAggregateMutationVariables = Exact<{
  viewName: AggregateName;
  from?: string | null | undefined;
  to?: string | null | undefined;
  wait?: boolean;
}>;


export type RefreshAggregateMutation = { refreshAggregate: { id: string, viewName: AggregateName, state: RefreshState, from: string | null, to: string | null, progress: number, requestedAt: string, startedAt: string | null, finishedAt: string | null, error: string | null, pendingAfter: Array<{ from: string, to: string, coveredByPolicy: boolean }> } };

export type CancelRefreshMutationVariables = Exact<{
  id: string | number;
}>;


export type CancelRefreshMutation = { cancelRefresh: { id: string, viewName: AggregateName, state: RefreshState, from: string | null, to: string | null, progress: number, requestedAt: string, startedAt: string | null, finishedAt: string | null, error: string | null, pendingAfter: Array<{ from: string, to: string, coveredByPolicy: boolean }> } };

export type AggregateRefreshesQueryVariables = Exact<{
  viewName?: AggregateName | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type AggregateRefreshesQuery = { aggregateRefreshes: { totalCount: number, edges: Array<{ node: { id: string, viewName: AggregateName, state: RefreshState, from: string | null, to: string | null, progress: number, requestedAt: string, startedAt: string | null, finishedAt: string | null, error: string | null, pendingAfter: Array<{ from: string, to: string, coveredByPolicy: boolean }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type AggregateRefreshedSubscriptionVariables = Exact<{
  viewName?: AggregateName | null | undefined;
}>;


export type AggregateRefreshedSubscription = { aggregateRefreshed: { id: string, viewName: AggregateName, state: RefreshState, from: string | null, to: string | null, progress: number, requestedAt: string, startedAt: string | null, finishedAt: string | null, error: string | null, pendingAfter: Array<{ from: string, to: string, coveredByPolicy: boolean }> } };

export type RefreshFragment = { id: string, viewName: AggregateName, state: RefreshState, from: string | null, to: string | null, progress: number, requestedAt: string, startedAt: string | null, finishedAt: string | null, error: string | null, pendingAfter: Array<{ from: string, to: string, coveredByPolicy: boolean }> };

export type SeriesQueryVariables = Exact<{
  id: string;
  window: RollingWindow;
  metrics: Array<RollingMetric> | RollingMetric;
  from: string;
  to: string;
  riskFreeDaily?: number;
  minObservations?: number;
}>;


export type SeriesQuery = { portfolio: { rollingSeries: { days: Array<string>, observations: Array<number>, columns: Array<{ metric: RollingMetric, values: Array<number | null> }>, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } } } | null };

export type WindowsQueryVariables = Exact<{
  id: string;
  asOf?: string | null | undefined;
  riskFreeDaily?: number;
}>;


export type WindowsQuery = { portfolio: { id: string, name: string, code: string | null, baseCurrency: string, benchmarkId: string | null, periodsPerYear: number, firstDay: string | null, lastDay: string | null, rolling30d: { peakValue: number | null, troughValue: number | null, drawdown: number | null, window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } } | null, rolling60d: { peakValue: number | null, troughValue: number | null, drawdown: number | null, window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } } | null, rolling90d: { sharpeStandardError: number | null, window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } } | null, rolling1y: { benchmarkObservations: number, beta: number | null, alpha: number | null, trackingError: number | null, informationRatio: number | null, correlation: number | null, rSquared: number | null, averageBeta: number | null, averageAlpha: number | null, averageTrackingError: number | null, window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } } | null } | null };

type Window_Rolling1yMetrics_Fragment = { window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } };

type Window_Rolling30dMetrics_Fragment = { window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } };

type Window_Rolling60dMetrics_Fragment = { window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } };

type Window_Rolling90dMetrics_Fragment = { window: RollingWindow, asOf: string, windowStart: string, firstObservation: string, lastObservation: string, observations: number, averageReturn: number | null, cumulativeReturn: number | null, returnStandardDeviation: number | null, volatility: number | null, sharpeRatio: number | null, sortinoRatio: number | null, downsideDeviation: number | null, maxDrawdown: number | null, currentDrawdown: number | null, calmarRatio: number | null, freshness: { aggregate: AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } };

export type WindowFragment =
  | Window_Rolling1yMetrics_Fragment
  | Window_Rolling30dMetrics_Fragment
  | Window_Rolling60dMetrics_Fragment
  | Window_Rolling90dMetrics_Fragment
;

export const HealthDocument = "query Health{health{status checkedAt issues warnings aggregates{viewName status issues warnings}}}" as TypedDocument<HealthQuery, HealthQueryVariables>;
export const AggregateStatusDocument = "query AggregateStatus($viewName:AggregateName){aggregateStatus(viewName:$viewName){viewName lastRefresh refreshLagSeconds refreshPolicyEnabled scheduleInterval startOffset endOffset nextRefresh lastRunStatus lastError materializedThrough newestSourceDay pendingInvalidations{...Pending}health{status issues warnings}}}fragment Pending on PendingInvalidation{from to coveredByPolicy}" as TypedDocument<AggregateStatusQuery, AggregateStatusQueryVariables>;
export const SetRefreshPolicyDocument = "mutation SetRefreshPolicy($viewName:AggregateName!$input:RefreshPolicyInput!){setRefreshPolicy(viewName:$viewName input:$input){viewName refreshPolicyEnabled scheduleInterval startOffset endOffset nextRefresh}}" as TypedDocument<SetRefreshPolicyMutation, SetRefreshPolicyMutationVariables>;
export const CallerDocument = "query Caller{caller{name role tenant}}" as TypedDocument<CallerQuery, CallerQueryVariables>;
export const PortfoliosDocument = "query Portfolios($ids:[UUID!]$codes:[String!]$search:String$first:Int!=50$after:String){portfolios(ids:$ids codes:$codes search:$search first:$first after:$after){totalCount edges{node{id name code baseCurrency benchmarkId firstDay lastDay}}pageInfo{hasNextPage endCursor}}}" as TypedDocument<PortfoliosQuery, PortfoliosQueryVariables>;
export const RankingDocument = "query Ranking($metric:RollingMetric!$window:RollingWindow!$asOf:LocalDate$direction:SortDirection!=DESC$first:Int!=20$minObservations:Int$baseCurrency:String$benchmarkId:String$riskFreeDaily:Float!=0.0001){ranking(metric:$metric window:$window asOf:$asOf direction:$direction first:$first minObservations:$minObservations baseCurrency:$baseCurrency benchmarkId:$benchmarkId riskFreeDaily:$riskFreeDaily){metric window asOf minObservations total leftOut{reason count}freshness{...Freshness}entries{rank value observations portfolio{id name code baseCurrency benchmarkId}}}}fragment Freshness on WindowFreshness{aggregate materializedThrough lastRefresh isStale staleReason}" as TypedDocument<RankingQuery, RankingQueryVariables>;
export const RefreshAggregateDocument = "mutation RefreshAggregate($viewName:AggregateName!$from:LocalDate$to:LocalDate$wait:Boolean!=false){refreshAggregate(viewName:$viewName from:$from to:$to wait:$wait){...Refresh}}fragment Refresh on AggregateRefresh{id viewName state from to progress pendingAfter{...Pending}requestedAt startedAt finishedAt error}fragment Pending on PendingInvalidation{from to coveredByPolicy}" as TypedDocument<RefreshAggregateMutation, RefreshAggregateMutationVariables>;
export const CancelRefreshDocument = "mutation CancelRefresh($id:ID!){cancelRefresh(id:$id){...Refresh}}fragment Refresh on AggregateRefresh{id viewName state from to progress pendingAfter{...Pending}requestedAt startedAt finishedAt error}fragment Pending on PendingInvalidation{from to coveredByPolicy}" as TypedDocument<CancelRefreshMutation, CancelRefreshMutationVariables>;
export const AggregateRefreshesDocument = "query AggregateRefreshes($viewName:AggregateName$first:Int!=20$after:String){aggregateRefreshes(viewName:$viewName first:$first after:$after){totalCount edges{node{...Refresh}}pageInfo{hasNextPage endCursor}}}fragment Refresh on AggregateRefresh{id viewName state from to progress pendingAfter{...Pending}requestedAt startedAt finishedAt error}fragment Pending on PendingInvalidation{from to coveredByPolicy}" as TypedDocument<AggregateRefreshesQuery, AggregateRefreshesQueryVariables>;
export const AggregateRefreshedDocument = "subscription AggregateRefreshed($viewName:AggregateName){aggregateRefreshed(viewName:$viewName){...Refresh}}fragment Refresh on AggregateRefresh{id viewName state from to progress pendingAfter{...Pending}requestedAt startedAt finishedAt error}fragment Pending on PendingInvalidation{from to coveredByPolicy}" as TypedDocument<AggregateRefreshedSubscription, AggregateRefreshedSubscriptionVariables>;
export const SeriesDocument = "query Series($id:UUID!$window:RollingWindow!$metrics:[RollingMetric!]!$from:LocalDate!$to:LocalDate!$riskFreeDaily:Float!=0.0001$minObservations:Int!=1){portfolio(id:$id){rollingSeries(window:$window metrics:$metrics from:$from to:$to riskFreeDaily:$riskFreeDaily minObservations:$minObservations){days observations columns{metric values}freshness{...Freshness}}}}fragment Freshness on WindowFreshness{aggregate materializedThrough lastRefresh isStale staleReason}" as TypedDocument<SeriesQuery, SeriesQueryVariables>;
export const WindowsDocument = "query Windows($id:UUID!$asOf:LocalDate$riskFreeDaily:Float!=0.0001){portfolio(id:$id){id name code baseCurrency benchmarkId periodsPerYear firstDay lastDay rolling30d(asOf:$asOf riskFreeDaily:$riskFreeDaily){...Window peakValue troughValue drawdown}rolling60d(asOf:$asOf riskFreeDaily:$riskFreeDaily){...Window peakValue troughValue drawdown}rolling90d(asOf:$asOf riskFreeDaily:$riskFreeDaily){...Window sharpeStandardError}rolling1y(asOf:$asOf riskFreeDaily:$riskFreeDaily){...Window benchmarkObservations beta alpha trackingError informationRatio correlation rSquared averageBeta averageAlpha averageTrackingError}}}fragment Window on RollingMetrics{window asOf windowStart firstObservation lastObservation observations averageReturn cumulativeReturn returnStandardDeviation volatility sharpeRatio sortinoRatio downsideDeviation maxDrawdown currentDrawdown calmarRatio freshness{...Freshness}}fragment Freshness on WindowFreshness{aggregate materializedThrough lastRefresh isStale staleReason}" as TypedDocument<WindowsQuery, WindowsQueryVariables>;