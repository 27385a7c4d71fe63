import {
  AGGREGATE_NAMES,
  AGGREGATES,
  type Aggregate,
  type AggregateName,
} from '../../src/aggregates/registry.js';
import { formatDay, toDay, windowStart } from '../../src/metrics/calendar.js';
import type { DailySeries } from '../../src/metrics/daily-series.js';
import { METRICS, type MetricName } from '../../src/metrics/metrics.js';
import { rollingSeries } from '../../src/metrics/rolling-series.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { CHART_METRICS, DASHBOARD_METRICS, RANKING, RISK_FREE_DAILY, TILE } from '../requests.js';
import type { SeriesSource } from './series-source.js';

const TERMS = { riskFreeDaily: RISK_FREE_DAILY, periodsPerYear: 252 };

/** The days of a chart, inclusive. */
export interface ChartRange {
  readonly from: string;
  readonly to: string;
}

/** What the bare server knows of a portfolio. */
export interface NamedPortfolio {
  readonly id: string;
  readonly name: string;
}

/** The four windows of each portfolio. */
export async function tiles(source: SeriesSource, portfolioIds: readonly string[]) {
  const series = await source(
    TILE.map(({ aggregate }) => ({ aggregate, portfolioIds, range: null })),
  );
  return portfolioIds.map((id) => ({
    id,
    ...Object.fromEntries(
      TILE.map(({ field, aggregate, metrics }, number) => {
        const days = latestWindow(series[number]!.get(id)!, aggregate);
        const figures = metrics.map((name) => [METRICS[name].field, days.value(METRICS[name])]);
        return [field, { asOf: formatDay(days.asOf), ...Object.fromEntries(figures) }];
      }),
    ),
  }));
}

/** Five metrics of the one-year window. */
export async function chart(source: SeriesSource, id: string, range: ChartRange) {
  const [series] = await seriesOf(source, ['PORTFOLIO_METRICS_1Y_BETA'], id, range);
  return columns(series!, 'PORTFOLIO_METRICS_1Y_BETA', range, CHART_METRICS);
}

/** Three charts of every window. */
export async function dashboard(source: SeriesSource, id: string, range: ChartRange) {
  const series = await seriesOf(source, AGGREGATE_NAMES, id, range);
  return Object.fromEntries(
    AGGREGATE_NAMES.flatMap((name, number) =>
      DASHBOARD_METRICS.map((metric) => [
        `${AGGREGATES[name].window}_${metric}`,
        columns(series[number]!, name, range, [metric]),
      ]),
    ),
  );
}

/** The best portfolios by one metric, as of the last day of any of them. */
export async function ranking(source: SeriesSource, portfolios: readonly NamedPortfolio[]) {
  const { aggregate, metric, first } = RANKING;
  const portfolioIds = portfolios.map(({ id }) => id);
  const [all] = await source([{ aggregate, portfolioIds, range: null }]);
  const asOf = [...all!.values()].reduce((last, { days }) => Math.max(last, days.at(-1)!), 0);
  const ranked = portfolios.flatMap((portfolio) => {
    const { length, rankingMinObservations } = AGGREGATES[aggregate];
    const days = SingleWindow.find(all!.get(portfolio.id)!, asOf, length, TERMS);
    const observations = days?.count('returns') ?? 0;
    const value = observations < rankingMinObservations ? null : days!.value(METRICS[metric]);
    return value === null ? [] : [{ value, observations, portfolio }];
  });
  ranked.sort((a, b) => b.value - a.value || (a.portfolio.id < b.portfolio.id ? -1 : 1));
  const entries = ranked.slice(0, first).map((entry, index) => ({ rank: index + 1, ...entry }));
  return { asOf: formatDay(asOf), total: ranked.length, entries };
}

function latestWindow(series: DailySeries, name: AggregateName): SingleWindow {
  const { length } = AGGREGATES[name];
  return SingleWindow.find(series, series.days.at(-1)!, length, TERMS)!;
}

async function seriesOf(
  source: SeriesSource,
  names: readonly AggregateName[],
  id: string,
  { from, to }: ChartRange,
): Promise<DailySeries[]> {
  const found = await source(
    names.map((aggregate) => {
      const { length }: Aggregate = AGGREGATES[aggregate];
      const range = { from: windowStart(toDay(from), length), to: toDay(to) };
      return { aggregate, portfolioIds: [id], range };
    }),
  );
  return found.map((series) => series.get(id)!);
}

function columns(
  series: DailySeries,
  name: AggregateName,
  { from, to }: ChartRange,
  metrics: readonly MetricName[],
) {
  const { days, columns: values } = rollingSeries(series, {
    metrics: metrics.map((metric) => METRICS[metric]),
    window: AGGREGATES[name].length,
    from: toDay(from),
    to: toDay(to),
    terms: TERMS,
    minObservations: 1,
  });
  return {
    days: Array.from(days, formatDay),
    columns: metrics.map((metric, index) => ({ metric, values: values[index]! })),
  };
}
