import { describe, expect, test } from '@jest/globals';
import { ROLLING_WINDOWS, type RollingWindow } from '../../src/aggregates/registry.js';
import { toDay } from '../../src/metrics/calendar.js';
import type { MetricTerms } from '../../src/metrics/metrics.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { oracleNumber, readCase } from './oracle-files.js';
import {
  comparedMetrics,
  disagreements,
  lengthOf,
  pointsOf,
  SERIES_PANDAS,
  valuesOf,
  windowNamed,
  WINDOWS_R,
  withoutValues,
  type WindowValues,
} from './oracle-values.js';
import { termsOf } from './terms.js';

interface OracleWindow {
  readonly window: RollingWindow;
  readonly asOf: string;
  readonly terms: MetricTerms;
  /** What stands in the file, to name the window in a failure. */
  readonly key: string;
  readonly expected: WindowValues;
}

const DAY_NAMES = new Set(['WINDOW_START', 'FIRST_OBSERVATION', 'LAST_OBSERVATION']);
const casesOf = (rows: readonly Readonly<Record<string, string>>[]): string[] => [
  ...new Set(rows.map((row) => row['case']!)),
];

/** The windows that R has values of for a case; its file has a line for each value. */
function windowsFromR(name: string): OracleWindow[] {
  const windows = new Map<string, OracleWindow>();
  for (const row of WINDOWS_R) {
    if (row['case'] !== name) continue;
    const [window, asOf] = [row['window']!, row['as_of']!];
    const [rate, periods] = [row['risk_free_daily']!, row['periods_per_year']!];
    const key = [window, asOf, rate, periods].join(' ');
    const entry = windows.get(key) ?? {
      window: windowNamed(window),
      asOf,
      terms: termsOf(Number(rate), Number(periods)),
      key,
      expected: {},
    };
    windows.set(key, entry);
    const [metric, value] = [row['metric']!, row['value']!];
    entry.expected[metric] = DAY_NAMES.has(metric) ? value : oracleNumber(value);
  }
  return [...windows.values()];
}

test('R and pandas have values of every metric and window, as docs/adding.md says', () => {
  expect(withoutValues().map((name) => `no oracle values for ${name}`)).toEqual([]);
});

describe('R agrees with', () => {
  test.each(casesOf(WINDOWS_R))('every window of %s', (name) => {
    const series = readCase(name);
    const wrong = windowsFromR(name).flatMap(({ key, window, asOf, terms, expected }) => {
      const days = SingleWindow.find(series, toDay(asOf), lengthOf(window), terms);
      const actual = valuesOf(window, days);
      const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
      return disagreements(`${name} ${key}`, names, actual, expected);
    });
    expect(wrong).toEqual([]);
  });

  test.each(casesOf(WINDOWS_R))('the series of %s', (name) => {
    const series = readCase(name);
    const rolling = new Map<string, Map<string, WindowValues>>();
    const wrong: string[] = [];
    let compared = 0;
    for (const { key, window, asOf, terms, expected } of windowsFromR(name)) {
      const of = JSON.stringify([window, terms]);
      if (!rolling.has(of)) rolling.set(of, pointsOf(series, window, terms));
      const point = rolling.get(of)!.get(asOf);
      if (!point) continue; // Not every day that R has values of has a row.
      compared += 1;
      const where = `series of ${name} ${key}`;
      wrong.push(...disagreements(where, Object.keys(point), point, expected));
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(0);
  });
});

describe('pandas agrees with', () => {
  test.each(casesOf(SERIES_PANDAS))('the series of %s', (name) => {
    const series = readCase(name);
    const rows = SERIES_PANDAS.filter((row) => row['case'] === name);
    const terms = termsOf(0.0001, Number(rows[0]!['periods_per_year']));
    const rolling = new Map(
      ROLLING_WINDOWS.map((window) => [window, pointsOf(series, window, terms)]),
    );
    const wrong = rows.flatMap((row) => {
      const window = windowNamed(row['window']!);
      const day = row['day']!;
      const days = SingleWindow.find(series, toDay(day), lengthOf(window), terms)!;
      const point = {
        ...rolling.get(window)!.get(day),
        BENCHMARK_OBSERVATIONS: comparedMetrics(window).includes('BETA')
          ? days.count('pairs')
          : null,
      };
      const pandas = Object.fromEntries(
        Object.entries(row).map(([column, text]) => [column, oracleNumber(text)]),
      );
      const names = ['OBSERVATIONS', 'BENCHMARK_OBSERVATIONS', ...comparedMetrics(window)];
      return disagreements(`${name} ${window} ${day}`, names, point, pandas);
    });
    expect(wrong).toEqual([]);
  });
});
