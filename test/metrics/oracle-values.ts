import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  metricsOf,
  ROLLING_WINDOWS,
  type RollingWindow,
} from '../../src/aggregates/registry.js';
import { formatDay, type WindowLength } from '../../src/metrics/calendar.js';
import type { DailySeries } from '../../src/metrics/daily-series.js';
import {
  METRIC_NAMES,
  METRICS,
  SHARPE_STANDARD_ERROR,
  type Metric,
  type MetricName,
  type MetricTerms,
} from '../../src/metrics/metrics.js';
import { rollingSeries } from '../../src/metrics/rolling-series.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { agrees } from './agreement.js';
import { readOracle } from './oracle-files.js';
import { sizeOfCalmarTerms } from './size-of-terms.js';

/** The values of one window, by the names that the oracle files use. */
export type WindowValues = Record<string, number | string | null>;

const DEVIATIONS = new Set(['RETURN_STANDARD_DEVIATION', 'VOLATILITY', 'TRACKING_ERROR']);

/** The window an oracle file names. */
export function windowNamed(name: string): RollingWindow {
  const window = ROLLING_WINDOWS.find((other) => other === name);
  if (window === undefined) throw new Error(`no window is named ${name}`);
  return window;
}

export const WINDOWS_R = readOracle('expected/windows-r.csv');
export const SERIES_PANDAS = readOracle('expected/series-pandas.csv');
const PAIRS_OF_R = new Set(WINDOWS_R.map((row) => `${row['metric']} over ${row['window']}`));
const WINDOWS_OF_PANDAS = new Set(SERIES_PANDAS.map((row) => row['window']));

function hasValues(name: MetricName, window: RollingWindow): boolean {
  const ofPandas = WINDOWS_OF_PANDAS.has(window) && SERIES_PANDAS[0]![name] !== undefined;
  return ofPandas && PAIRS_OF_R.has(`${name} over ${window}`);
}

/** What R, or pandas, has no values of yet: whole windows, whole metrics, and metrics over a window. */
export function withoutValues(): string[] {
  const windows = ROLLING_WINDOWS.filter((window) => comparedMetrics(window).length === 0);
  const others = ROLLING_WINDOWS.filter((window) => !windows.includes(window));
  const metrics = METRIC_NAMES.filter((name) => {
    const serving = others.filter((window) => metricsOf(window).includes(name));
    return serving.length > 0 && !serving.some((window) => hasValues(name, window));
  });
  const pairs = others.flatMap((window) =>
    metricsOf(window)
      .filter((name) => !metrics.includes(name) && !hasValues(name, window))
      .map((name) => `${name} over ${window}`),
  );
  return [...windows, ...metrics, ...pairs];
}

export const lengthOf = (window: RollingWindow): WindowLength =>
  AGGREGATES[AGGREGATE_OF_WINDOW[window]].length;

/** The metrics of a window that can be compared. */
export function comparedMetrics(window: RollingWindow): MetricName[] {
  return metricsOf(window).filter((name) => hasValues(name, window));
}

function servedBy(window: RollingWindow): [string, Metric][] {
  const served = comparedMetrics(window).map((name): [string, Metric] => [name, METRICS[name]]);
  if (window === 'NINETY_DAYS') served.push(['SHARPE_STANDARD_ERROR', SHARPE_STANDARD_ERROR]);
  return served;
}

/** Every value that R has of a window, computed here. */
export function valuesOf(window: RollingWindow, days: SingleWindow | null): WindowValues {
  if (days === null) return { RESULT: null };
  return {
    WINDOW_START: formatDay(days.start),
    FIRST_OBSERVATION: formatDay(days.firstObservation),
    LAST_OBSERVATION: formatDay(days.lastObservation),
    OBSERVATIONS: days.count('returns'),
    ...(metricsOf(window).includes('BETA') ? { BENCHMARK_OBSERVATIONS: days.count('pairs') } : {}),
    ...Object.fromEntries(servedBy(window).map(([name, metric]) => [name, days.value(metric)])),
  };
}

/** The values of the rolling series on each of its days, by day. */
export function pointsOf(
  series: DailySeries,
  window: RollingWindow,
  terms: MetricTerms,
): Map<string, WindowValues> {
  const served = servedBy(window);
  const { days, observations, columns } = rollingSeries(series, {
    metrics: served.map(([, metric]) => metric),
    window: lengthOf(window),
    from: series.days.at(0)!,
    to: series.days.at(-1)!,
    terms,
    minObservations: 0,
  });
  const point = (index: number): WindowValues => ({
    OBSERVATIONS: observations[index]!,
    ...Object.fromEntries(served.map(([name], column) => [name, columns[column]![index]!])),
  });
  return new Map(Array.from(days, (day, index) => [formatDay(day), point(index)]));
}

/** One line for each of the named values that differs from the oracle, with its place. */
export function disagreements(
  where: string,
  names: Iterable<string>,
  actual: WindowValues,
  oracle: WindowValues,
): string[] {
  return [...names]
    .filter((name) => !valuesAgree(name, actual[name], oracle[name], oracle))
    .map((name) => `${where} ${name}: ${actual[name]} instead of ${oracle[name]}`);
}

function valuesAgree(
  name: string,
  a: WindowValues[string] | undefined,
  b: typeof a,
  { MAX_DRAWDOWN: drawdown }: WindowValues,
): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (b === 0 && DEVIATIONS.has(name)) return a === 0;
  const isCalmar = name === 'CALMAR_RATIO' && b !== null;
  return agrees(a, b, isCalmar ? sizeOfCalmarTerms(b, drawdown as number) : 1);
}
