import type { AggregateState } from '../aggregates/aggregate-state.js';
import { readWindowOfMany } from '../aggregates/daily-series-reader.js';
import { AGGREGATE_OF_WINDOW, AGGREGATES } from '../aggregates/registry.js';
import type { RollingWindow } from '../aggregates/registry.js';
import type { Database } from '../database/database.js';
import { badUserInput } from '../errors.js';
import type { DayNumber } from '../metrics/calendar.js';
import { BASES, METRICS } from '../metrics/metrics.js';
import type { MetricName } from '../metrics/metrics.js';
import { SingleWindow } from '../metrics/single-window.js';
import type { PortfolioStore, RankingCandidate } from '../portfolios/portfolio-store.js';

export interface RankingRequest {
  readonly metric: MetricName;
  readonly window: RollingWindow;
  /** Null: the last day the aggregate holds for any candidate. */
  readonly asOf: DayNumber | null;
  readonly direction: 'ASC' | 'DESC';
  readonly minObservations: number;
  readonly baseCurrency: string | null;
  readonly benchmarkId: string | null;
  /** Decimal fraction per day. */
  readonly riskFreeDaily: number;
}

/** A portfolio whose value is defined. */
export interface Ranked {
  readonly portfolioId: string;
  readonly value: number;
  /** Daily returns in the window. */
  readonly observations: number;
}

export interface RankingResult {
  readonly asOf: DayNumber | null;
  /** All portfolios with a value, best first; ties in the order of their ids. */
  readonly ranked: readonly Ranked[];
  readonly state: AggregateState;
}

/** Ranks every portfolio that the store gives by one metric of one window. */
export async function rank(
  store: PortfolioStore,
  database: Database,
  request: RankingRequest,
): Promise<RankingResult> {
  const { metric: metricName, window, riskFreeDaily, minObservations, direction } = request;
  const metric = METRICS[metricName];
  const { candidates, areMost } = await store.rankingCandidates(request);
  checkComparable(metricName, candidates);
  const name = AGGREGATE_OF_WINDOW[window];
  const ids = candidates.map(({ id }) => id);
  const columns = new Set([...BASES.returns.columns, ...BASES[metric.basis].columns]);
  const batch = await readWindowOfMany(database, name, {
    portfolioIds: ids,
    areMost,
    asOf: request.asOf,
    columns: [...columns],
  });
  const { asOf, state } = batch;
  const ranked: Ranked[] = [];
  for (const [portfolioId, series] of asOf === null ? [] : batch.series) {
    const days = SingleWindow.find(series, asOf!, AGGREGATES[name].length, riskFreeDaily);
    if (!days || days.count(metric.basis) < minObservations) continue;
    const value = days.value(metric);
    if (value === null) continue;
    ranked.push({ portfolioId, value, observations: days.count('returns') });
  }
  const sign = direction === 'ASC' ? 1 : -1;
  ranked.sort((a, b) => sign * (a.value - b.value) || (a.portfolioId < b.portfolioId ? -1 : 1));
  return { asOf, ranked, state };
}

/** Throws BAD_USER_INPUT where the values cannot be compared with each other. */
function checkComparable(metric: MetricName, candidates: readonly RankingCandidate[]): void {
  const inCurrency = metric === 'PEAK_VALUE' || metric === 'TROUGH_VALUE';
  if (inCurrency) {
    const currencies = new Set(candidates.map(({ baseCurrency }) => baseCurrency));
    refuseSeveral(metric, 'currencies', 'baseCurrency', currencies);
  }
  if (METRICS[metric].basis === 'pairs') {
    const benchmarks = new Set(candidates.flatMap(({ benchmarkId }) => benchmarkId ?? []));
    refuseSeveral(metric, 'benchmarks', 'benchmarkId', benchmarks);
  }
}

function refuseSeveral(
  metric: MetricName,
  what: string,
  argument: string,
  found: ReadonlySet<string>,
): void {
  if (found.size <= 1) return;
  const some = [...found].toSorted().slice(0, 5);
  const list = some.length < found.size ? `${some.join(', ')}, …` : some.join(', ');
  throw badUserInput(`${metric} cannot be ranked over several ${what} (${list}): give ${argument}`);
}
