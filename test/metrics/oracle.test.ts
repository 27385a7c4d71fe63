import { describe, expect, test } from '@jest/globals';
import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  metricsOf,
  ROLLING_WINDOWS,
} from '../../src/aggregates/registry.js';
import type { RollingWindow } from '../../src/aggregates/registry.js';
import { formatDay, toDay } from '../../src/metrics/calendar.js';
import type { WindowLength } from '../../src/metrics/calendar.js';
import type { DailySeries } from '../../src/metrics/daily-series.js';
import { METRICS, SHARPE_STANDARD_ERROR } from '../../src/metrics/metrics.js';
import type { Metric } from '../../src/metrics/metrics.js';
import { rollingSeries } from '../../src/metrics/rolling-series.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { agrees } from './agreement.js';
import { oracleNumber, readCase, readOracle } from './oracle-files.js';

/** Names the oracles use beside the metrics'. */
const DAY_NAMES = ['WINDOW_START', 'FIRST_OBSERVATION', 'LAST_OBSERVATION'];
const DEVIATIONS = new Set(['RETURN_STANDARD_DEVIATION', 'VOLATILITY', 'TRACKING_ERROR']);

type Answer = Record<string, number | string | null>;
interface Expected {
  readonly window: RollingWindow;
  readonly asOf: string;
  readonly riskFreeDaily: number;
  /** What the oracle says of the window, by metric. */
  readonly answer: Answer;
}

const lengthOf = (window: RollingWindow): WindowLength =>
  AGGREGATES[AGGREGATE_OF_WINDOW[window]].length;

/** The metrics that a window serves, by the names the oracles use. */
function servedBy(window: RollingWindow): [string, Metric][] {
  const served = metricsOf(window).map((name): [string, Metric] => [name, METRICS[name]]);
  return window === 'NINETY_DAYS'
    ? [...served, ['SHARPE_STANDARD_ERROR', SHARPE_STANDARD_ERROR]]
    : served;
}

/** Everything that the oracles say of a window, computed here. */
function answerOf(window: RollingWindow, days: SingleWindow | null): Answer {
  if (days === null) return { ANSWER: null };
  return {
    WINDOW_START: formatDay(days.start),
    FIRST_OBSERVATION: formatDay(days.firstObservation),
    LAST_OBSERVATION: formatDay(days.lastObservation),
    OBSERVATIONS: days.count('returns'),
    ...(window === 'ONE_YEAR' ? { BENCHMARK_OBSERVATIONS: days.count('pairs') } : {}),
    ...Object.fromEntries(servedBy(window).map(([name, metric]) => [name, days.value(metric)])),
  };
}

/** The same from the series' point on that day, as far as a series has it. */
function pointsOf(
  series: DailySeries,
  window: RollingWindow,
  riskFreeDaily: number,
): Map<string, Answer> {
  const served = servedBy(window);
  const { days, observations, columns } = rollingSeries(series, {
    metrics: served.map(([, metric]) => metric),
    window: lengthOf(window),
    from: series.days.at(0)!,
    to: series.days.at(-1)!,
    riskFreeDaily,
    minObservations: 0,
  });
  return new Map(
    Array.from(days, (day, index) => [
      formatDay(day),
      {
        OBSERVATIONS: observations[index]!,
        ...Object.fromEntries(served.map(([name], column) => [name, columns[column]![index]!])),
      },
    ]),
  );
}

/** One line for every value that does not agree, with where it is. */
function disagreements(where: string, actual: Answer, expected: Answer): string[] {
  return Object.entries(actual).flatMap(([name, a]) => {
    const b = expected[name];
    if (b === undefined) return [`${where} ${name}: ${a} but the oracle has no such value`];
    if (typeof a === 'string' || typeof b === 'string') {
      return a === b ? [] : [`${where} ${name}: ${a} instead of ${b}`];
    }
    const exactly = b === 0 && DEVIATIONS.has(name);
    return (exactly ? a === 0 : agrees(a, b)) ? [] : [`${where} ${name}: ${a} instead of ${b}`];
  });
}

/** The rows of a file by the case they belong to. */
function byCase<Row extends Readonly<Record<string, string>>>(rows: Row[]): Map<string, Row[]> {
  const cases = new Map<string, Row[]>();
  for (const row of rows) {
    const name = row['case']!;
    if (!cases.has(name)) cases.set(name, []);
    cases.get(name)!.push(row);
  }
  return cases;
}

const WINDOWS_R = byCase(readOracle('expected/windows-r.csv'));
const SERIES_PANDAS = byCase(readOracle('expected/series-pandas.csv'));

/** R's answers: its file has a line for every value. */
function answersFromR(name: string): Expected[] {
  const answers = new Map<string, Expected>();
  for (const row of WINDOWS_R.get(name)!) {
    const key = [row['window'], row['as_of'], row['risk_free_daily']].join(' ');
    const expected = answers.get(key) ?? {
      window: row['window'] as RollingWindow,
      asOf: row['as_of']!,
      riskFreeDaily: Number(row['risk_free_daily']),
      answer: {},
    };
    answers.set(key, expected);
    const metric = row['metric']!;
    const value = row['value']!;
    expected.answer[metric] = DAY_NAMES.includes(metric) ? value : oracleNumber(value);
  }
  return [...answers.values()];
}

describe('R', () => {
  test.each([...WINDOWS_R.keys()])('gives every window of %s', (name) => {
    const series = readCase(name);
    const wrong: string[] = [];
    for (const { window, asOf, riskFreeDaily, answer } of answersFromR(name)) {
      const days = SingleWindow.find(series, toDay(asOf), lengthOf(window), riskFreeDaily);
      const actual = answerOf(window, days);
      const where = `${name} ${window} ${asOf} rf ${riskFreeDaily}`;
      const missing = Object.keys(answer).filter((metric) => !(metric in actual));
      wrong.push(...missing.map((metric) => `${where} ${metric}: not served`));
      wrong.push(...disagreements(where, actual, answer));
    }
    expect(wrong).toEqual([]);
  });

  test.each([...WINDOWS_R.keys()])('gives the series of %s on its days', (name) => {
    const series = readCase(name);
    const computed = new Map<string, Map<string, Answer>>();
    const wrong: string[] = [];
    let compared = 0;
    for (const { window, asOf, riskFreeDaily, answer } of answersFromR(name)) {
      const key = `${window} rf ${riskFreeDaily}`;
      const points = computed.get(key) ?? pointsOf(series, window, riskFreeDaily);
      computed.set(key, points);
      const point = points.get(asOf);
      if (!point) continue;
      compared += 1;
      wrong.push(...disagreements(`series of ${name} ${key} ${asOf}`, point, answer));
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(0);
  });
});

describe('pandas', () => {
  test.each([...SERIES_PANDAS.keys()])('gives the series of %s', (name) => {
    const series = readCase(name);
    const points = new Map(
      ROLLING_WINDOWS.map((window) => [window, pointsOf(series, window, 0.0001)]),
    );
    const wrong = SERIES_PANDAS.get(name)!.flatMap((row) => {
      const { window, day } = row as { window: RollingWindow; day: string };
      const expected: Answer = {};
      for (const [metric, text] of Object.entries(row)) expected[metric] = oracleNumber(text);
      const point = points.get(window)!.get(day);
      return point
        ? disagreements(`${name} ${window} ${day}`, point, expected)
        : [`${name} ${window} ${day}: the series has no such day`];
    });
    expect(wrong).toEqual([]);
  });
});
