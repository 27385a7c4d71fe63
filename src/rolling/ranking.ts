import type { AggregateState } from '../aggregates/aggregate-state.js';
import { AGGREGATE_OF_WINDOW, AGGREGATES, type RollingWindow } from '../aggregates/registry.js';
import type {
  DailySeriesStore,
  LoadedBatch,
  Reader,
} from '../aggregates/series/daily-series-store.js';
import type { Turns } from '../async/turns.js';
import { badUserInput } from '../errors.js';
import { windowStart, type DayNumber } from '../metrics/calendar.js';
import { BASES, columnsOf, METRICS, type MetricName } from '../metrics/metrics.js';
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
  readonly reader?: Reader;
}

/** A portfolio whose value is defined. */
export interface Ranked {
  readonly portfolioId: string;
  readonly value: number;
  /** Daily returns in the window. */
  readonly observations: number;
}

/** Why a portfolio has no value in a ranking, in the order in which the reasons are looked for. */
export const LEFT_OUT_REASONS = ['NO_ROWS', 'TOO_FEW_OBSERVATIONS', 'UNDEFINED'] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

export interface RankingResult {
  readonly asOf: DayNumber | null;
  /** All portfolios with a value, best first; ties in the order of their ids. */
  readonly ranked: readonly Ranked[];
  /** How many of the other candidates have no value for each reason. */
  readonly leftOut: Readonly<Record<LeftOutReason, number>>;
  readonly state: AggregateState;
}

/** Ranks every portfolio that the store returns by one metric of one window. */
export async function rank(
  store: PortfolioStore,
  dailySeries: DailySeriesStore,
  turns: Turns,
  request: RankingRequest,
): Promise<RankingResult> {
  const { metric: metricName, window, riskFreeDaily, minObservations, direction } = request;
  const metric = METRICS[metricName];
  const candidates = await store.rankingCandidates(request);
  checkComparable(metricName, candidates);
  const ids = candidates.map(({ id }) => id);
  const { asOf, series, state } = await loadWindow(dailySeries, request, ids);
  const { length } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  const ranked: Ranked[] = [];
  const leftOut = { NO_ROWS: 0, TOO_FEW_OBSERVATIONS: 0, UNDEFINED: 0 };
  const min = Math.max(minObservations, metric.minCount);
  for (const [index, { id: portfolioId, periodsPerYear }] of candidates.entries()) {
    await turns.next();
    const days =
      asOf === null
        ? null
        : SingleWindow.find(series[index]!, asOf, length, { riskFreeDaily, periodsPerYear });
    const value = days?.value(metric) ?? null;
    if (!days) leftOut.NO_ROWS++;
    else if (days.count(metric.basis) < min) leftOut.TOO_FEW_OBSERVATIONS++;
    else if (value === null) leftOut.UNDEFINED++;
    else ranked.push({ portfolioId, value, observations: days.count('returns') });
  }
  const sign = direction === 'ASC' ? 1 : -1;
  ranked.sort((a, b) => sign * (a.value - b.value) || (a.portfolioId < b.portfolioId ? -1 : 1));
  return { asOf, ranked, leftOut, state };
}

/** The days of the window of all candidates, and the day it ends on. */
async function loadWindow(
  dailySeries: DailySeriesStore,
  { metric, window, asOf, reader }: RankingRequest,
  ids: readonly string[],
): Promise<LoadedBatch & Pick<RankingResult, 'asOf'>> {
  const name = AGGREGATE_OF_WINDOW[window];
  const columns = new Set([...BASES.returns.columns, ...columnsOf(METRICS[metric])]);
  const load = async (last: DayNumber | null, to: DayNumber): Promise<LoadedBatch> => {
    const from = last === null ? Infinity : windowStart(last, AGGREGATES[name].length);
    const ranges = ids.map((portfolioId) => ({ portfolioId, from, to, latest: false }));
    const wanted = [{ name, ranges, columns: [...columns] }];
    const [batch] = await dailySeries.loadAll(wanted, reader);
    return batch!;
  };
  if (asOf !== null) return { asOf, ...(await load(asOf, asOf)) };
  const lastOfAll = await dailySeries.lastDay(name, reader);
  const batch = await load(lastOfAll, Infinity);
  const isLast = batch.series.some(({ days }) => days.at(-1) === lastOfAll);
  if (isLast || lastOfAll === null) return { asOf: lastOfAll, ...batch };
  const lastOfThese = await dailySeries.lastDayOf(name, ids, reader);
  return { asOf: lastOfThese, ...(await load(lastOfThese, Infinity)) };
}

/** Throws BAD_USER_INPUT where the values cannot be compared with each other. */
function checkComparable(metric: MetricName, candidates: readonly RankingCandidate[]): void {
  const inCurrency = metric === 'PEAK_VALUE' || metric === 'TROUGH_VALUE';
  if (inCurrency) {
    const currencies = new Set(candidates.map(({ baseCurrency }) => baseCurrency));
    refuseSeveral(metric, 'currencies', 'baseCurrency', currencies);
  }
  if ('isAgainstBenchmark' in BASES[METRICS[metric].basis]) {
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
