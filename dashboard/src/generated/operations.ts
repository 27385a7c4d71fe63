/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type * as Types from '../../../client/src/index.js';

import type { TypedDocument } from '../../../client/src/index.js';
export type FreshnessFragment = { aggregate: Types.AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null };

export type PortfolioChartsQueryVariables = Exact<{
  id: string;
  window: Types.RollingWindow;
  from: string;
  to: string;
  minObservations: number;
}>;


export type PortfolioChartsQuery = { portfolio: { id: string, daily: { days: Array<string>, returns: Array<number | null>, benchmarkReturns: Array<number | null> }, series: { days: Array<string>, observations: Array<number>, columns: Array<{ metric: Types.RollingMetric, values: Array<number | null> }>, freshness: { aggregate: Types.AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } }, beta: { days: Array<string>, observations: Array<number>, columns: Array<{ metric: Types.RollingMetric, values: Array<number | null> }>, freshness: { aggregate: Types.AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } } } | null };

export type ColumnsFragment = { days: Array<string>, observations: Array<number>, columns: Array<{ metric: Types.RollingMetric, values: Array<number | null> }>, freshness: { aggregate: Types.AggregateName, materializedThrough: string | null, lastRefresh: string | null, isStale: boolean, staleReason: string | null } };

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
  metric: Types.RollingMetric;
  from: string;
  to: string;
}>;


export type SparklinesQuery = { portfolios: { edges: Array<{ node: { id: string, thirtyDays: { columns: Array<{ values: Array<number | null> }> }, sixtyDays: { columns: Array<{ values: Array<number | null> }> }, ninetyDays: { columns: Array<{ values: Array<number | null> }> }, oneYear: { columns: Array<{ values: Array<number | null> }> } } }> } };

export type SparklineFragment = { columns: Array<{ values: Array<number | null> }> };

export const PortfolioChartsDocument = "query PortfolioCharts($id:UUID!$window:RollingWindow!$from:LocalDate!$to:LocalDate!$minObservations:Int!){portfolio(id:$id){id daily:dailySeries(from:$from to:$to){days returns benchmarkReturns}series:rollingSeries(window:$window metrics:[VOLATILITY SHARPE_RATIO CURRENT_DRAWDOWN]from:$from to:$to minObservations:$minObservations){...Columns}beta:rollingSeries(window:ONE_YEAR metrics:[BETA]from:$from to:$to minObservations:120){...Columns}}}fragment Columns on RollingSeries{days observations columns{metric values}freshness{...Freshness}}fragment Freshness on WindowFreshness{aggregate materializedThrough lastRefresh isStale staleReason}" as TypedDocument<PortfolioChartsQuery, PortfolioChartsQueryVariables>;
export const PortfolioRowsDocument = "query PortfolioRows($ids:[UUID!]!){portfolios(ids:$ids first:200){edges{node{id rolling30d{...Cell}rolling60d{...Cell}rolling90d{...Cell}rolling1y{...Cell}}}}}fragment Cell on RollingMetrics{asOf observations cumulativeReturn volatility sharpeRatio maxDrawdown currentDrawdown freshness{isStale staleReason lastRefresh}}" as TypedDocument<PortfolioRowsQuery, PortfolioRowsQueryVariables>;
export const SparklinesDocument = "query Sparklines($ids:[UUID!]!$metric:RollingMetric!$from:LocalDate!$to:LocalDate!){portfolios(ids:$ids first:200){edges{node{id thirtyDays:rollingSeries(window:THIRTY_DAYS metrics:[$metric]from:$from to:$to minObservations:10){...Sparkline}sixtyDays:rollingSeries(window:SIXTY_DAYS metrics:[$metric]from:$from to:$to minObservations:20){...Sparkline}ninetyDays:rollingSeries(window:NINETY_DAYS metrics:[$metric]from:$from to:$to minObservations:30){...Sparkline}oneYear:rollingSeries(window:ONE_YEAR metrics:[$metric]from:$from to:$to minObservations:120){...Sparkline}}}}}fragment Sparkline on RollingSeries{columns{values}}" as TypedDocument<SparklinesQuery, SparklinesQueryVariables>;