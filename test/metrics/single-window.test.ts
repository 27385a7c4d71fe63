import { describe, expect, test } from '@jest/globals';
import { METRICS } from '../../src/metrics/metrics.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { dailySeriesOf, returnsFrom } from './daily-series-of.js';
import { termsOf } from './terms.js';

const THREE_DAYS = { days: 3 };

describe('a single window', () => {
  const series = dailySeriesOf([
    { day: 10, returns: 0.5 },
    { day: 11, returns: 0.25 },
    { day: 13 },
    { day: 20, returns: 1 },
  ]);

  test('holds the days after asOf − W up to asOf', () => {
    const window = SingleWindow.find(series, 13, THREE_DAYS, termsOf(0.0001))!;
    expect(window).toMatchObject({
      asOf: 13,
      start: 11,
      firstObservation: 11,
      lastObservation: 13,
    });
    expect(window.count('returns')).toBe(1);
    expect(window.value(METRICS.AVERAGE_RETURN)).toBe(0.25);
  });

  test('need not end or begin on a day with a row', () => {
    const window = SingleWindow.find(series, 12, THREE_DAYS, termsOf(0))!;
    expect(window).toMatchObject({
      asOf: 12,
      start: 10,
      firstObservation: 10,
      lastObservation: 11,
    });
    expect(window.value(METRICS.CUMULATIVE_RETURN)).toBe(0.875);
  });

  test('with a row but no return is there, without what needs returns', () => {
    const window = SingleWindow.find(series, 14, THREE_DAYS, termsOf(0))!;
    expect(window).toMatchObject({ firstObservation: 13, lastObservation: 13 });
    expect(window.count('returns')).toBe(0);
    expect(window.value(METRICS.AVERAGE_RETURN)).toBeNull();
    expect(window.value(METRICS.MAX_DRAWDOWN)).toBeNull();
  });

  test.each([9, 16, 19, 23, -5])('that ends on day %d holds no row and is null', (asOf) => {
    expect(SingleWindow.find(series, asOf, THREE_DAYS, termsOf(0))).toBeNull();
  });

  test('of a portfolio without rows is null', () => {
    expect(SingleWindow.find(dailySeriesOf([]), 5, { years: 1 }, termsOf(0))).toBeNull();
  });

  test('of a year holds the day after the same day a year before', () => {
    // 366 rows from 2023-03-01: the first is the first day in the year up to 2024-02-29.
    const days = returnsFrom(19_417, Array<number>(366).fill(0.01));
    const leapDay = SingleWindow.find(days, 19_782, { years: 1 }, termsOf(0))!;
    expect([leapDay.start, leapDay.count('returns')]).toEqual([19_417, 366]);
  });

  test('computes nothing from a column that was not read', () => {
    const window = SingleWindow.find(
      { ...series, returns: new Float64Array(0) },
      13,
      THREE_DAYS,
      termsOf(0),
    )!;
    const sentence = 'the daily series has been read without its returns';
    expect(() => window.value(METRICS.AVERAGE_RETURN)).toThrow(sentence);
    expect(() => window.count('pairs')).toThrow(sentence);
  });

  test('takes the risk-free rate it is given', () => {
    const { DOWNSIDE_DEVIATION } = METRICS;
    expect(
      SingleWindow.find(series, 11, THREE_DAYS, termsOf(0.25))!.value(DOWNSIDE_DEVIATION),
    ).toBe(0);
    expect(
      SingleWindow.find(series, 11, THREE_DAYS, termsOf(0.5))!.value(DOWNSIDE_DEVIATION),
    ).toBeCloseTo(Math.sqrt((0.25 ** 2 / 2) * 252), 12);
  });
});
