import { describe, expect, test } from '@jest/globals';
import { ROLLING_WINDOWS, type RollingWindow } from '../../src/aggregates/registry.js';
import { toDay } from '../../src/metrics/calendar.js';
import type { MetricTerms } from '../../src/metrics/metrics.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import {
  answerOf,
  comparedMetrics,
  disagreements,
  lengthOf,
  pointsOf,
  SERIES_PANDAS,
  windowNamed,
  WINDOWS_R,
  WITHOUT_VALUES,
  type Answer,
} from './oracle-answers.js';
import { oracleNumber, readCase } from './oracle-files.js';
import { termsOf } from './terms.js';

interface Question {
  readonly window: RollingWindow;
  readonly asOf: string;
  readonly terms: MetricTerms;
  /** What stands in the file, to name the question by. */
  readonly key: string;
  readonly answer: Answer;
}

const DAY_NAMES = new Set(['WINDOW_START', 'FIRST_OBSERVATION', 'LAST_OBSERVATION']);
const casesOf = (rows: readonly Readonly<Record<string, string>>[]): string[] => [
  ...new Set(rows.map((row) => row['case']!)),
];

/** R's answers for a case; its file has a line for each value. */
function answersFromR(name: string): Question[] {
  const questions = new Map<string, Question>();
  for (const row of WINDOWS_R) {
    if (row['case'] !== name) continue;
    const [window, asOf] = [row['window']!, row['as_of']!];
    const [rate, periods] = [row['risk_free_daily']!, row['periods_per_year']!];
    const key = [window, asOf, rate, periods].join(' ');
    const question = questions.get(key) ?? {
      window: windowNamed(window),
      asOf,
      terms: termsOf(Number(rate), Number(periods)),
      key,
      answer: {},
    };
    questions.set(key, question);
    const [metric, value] = [row['metric']!, row['value']!];
    question.answer[metric] = DAY_NAMES.has(metric) ? value : oracleNumber(value);
  }
  return [...questions.values()];
}

test('R and pandas have values of every metric, as docs/adding.md says', () => {
  expect(WITHOUT_VALUES.map((name) => `no oracle values for ${name}`)).toEqual([]);
});

describe('R agrees with', () => {
  test.each(casesOf(WINDOWS_R))('every window of %s', (name) => {
    const series = readCase(name);
    const wrong = answersFromR(name).flatMap(({ key, window, asOf, terms, answer }) => {
      const days = SingleWindow.find(series, toDay(asOf), lengthOf(window), terms);
      const actual = answerOf(window, days);
      const names = new Set([...Object.keys(answer), ...Object.keys(actual)]);
      return disagreements(`${name} ${key}`, names, actual, answer);
    });
    expect(wrong).toEqual([]);
  });

  test.each(casesOf(WINDOWS_R))('the series of %s', (name) => {
    const series = readCase(name);
    const rolling = new Map<string, Map<string, Answer>>();
    const wrong: string[] = [];
    let compared = 0;
    for (const { key, window, asOf, terms, answer } of answersFromR(name)) {
      const of = JSON.stringify([window, terms]);
      if (!rolling.has(of)) rolling.set(of, pointsOf(series, window, terms));
      const point = rolling.get(of)!.get(asOf);
      if (!point) continue; // Not every day R was asked about has a row.
      compared += 1;
      const where = `series of ${name} ${key}`;
      wrong.push(...disagreements(where, Object.keys(point), point, answer));
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
        BENCHMARK_OBSERVATIONS: window === 'ONE_YEAR' ? days.count('pairs') : null,
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
