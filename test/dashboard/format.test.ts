import { describe, expect, test } from '@jest/globals';
import { formatRange, monthsBefore } from '../../dashboard/src/format/days.js';
import { METRICS, windowServes } from '../../dashboard/src/format/metrics.js';
import { formatNumber, formatTick } from '../../dashboard/src/format/numbers.js';
import { formatDuration, formatSeconds } from '../../dashboard/src/format/times.js';
import { METRIC_FACTS } from '../../dashboard/src/generated/metrics.js';
import { periodOf } from '../../dashboard/src/portfolio/period.js';

describe('numbers', () => {
  test.each([
    [0.2441, 'percent', '24.41%'],
    [-0.0893, 'percent', '−8.93%'],
    [-0.000_001, 'percent', '0.00%'],
    [1.168, 'ratio', '1.17'],
    [1_234_567.8, 'currency', '1,234,568'],
    [0.03456, 'number', '0.0346'],
    [null, 'ratio', '–'],
    [Number.NaN, 'ratio', '–'],
  ] as const)('%p as %s is %s', (value, unit, expected) => {
    expect(formatNumber(value, unit)).toBe(expected);
  });

  test('ticks have the digits that distinguish them', () => {
    expect(formatTick(0.05, 0.05, 'percent')).toBe('5%');
    expect(formatTick(0.005, 0.005, 'percent')).toBe('0.5%');
    expect(formatTick(-0.1, 0.1, 'ratio')).toBe('−0.1');
    expect(formatTick(1000, 1000, 'currency')).toBe('1,000');
  });
});

describe('days', () => {
  test.each([
    ['2024-05-31', 3, '2024-02-29'],
    ['2018-05-11', 48, '2014-05-11'],
    ['2024-01-15', 1, '2023-12-15'],
    ['2024-02-29', 12, '2023-02-28'],
  ])('%s, %i months before, is %s', (day, months, expected) => {
    expect(monthsBefore(day, months)).toBe(expected);
  });

  test('ranges are words', () => {
    expect(formatRange('2018-05-11', '2018-05-11')).toBe('11 May 2018');
    expect(formatRange('2018-05-10', '2018-05-11')).toBe('10 May 2018 to 11 May 2018');
    expect(formatRange(null, null)).toBe('all days');
  });

  test('a period stays within the days of the portfolio, and an address overrides it', () => {
    const days = { firstDay: '2017-06-01', lastDay: '2018-05-11' };
    expect(periodOf({}, days)).toEqual({ from: '2017-06-01', to: '2018-05-11', preset: '4Y' });
    expect(periodOf({ period: '6M' }, days)).toMatchObject({ from: '2017-11-11' });
    expect(periodOf({ from: '2018-01-01' }, days)).toEqual({
      from: '2018-01-01',
      to: '2018-05-11',
      preset: undefined,
    });
  });
});

test('durations are words', () => {
  expect(['PT1H', 'P1M', 'P3M', 'P1Y', 'P1DT6H', 'odd'].map(formatDuration)).toEqual([
    '1 hour',
    '1 month',
    '3 months',
    '1 year',
    '1 day 6 hours',
    'odd',
  ]);
  expect([5, 61, 7300, 200_000].map(formatSeconds)).toEqual([
    '5 seconds',
    '1 minute',
    '2 hours',
    '2 days',
  ]);
});

test('every metric has a name, a formula and a window', () => {
  expect(Object.keys(METRICS).toSorted()).toEqual(Object.keys(METRIC_FACTS).toSorted());
  expect(windowServes('ONE_YEAR', 'BETA')).toBe(true);
  expect(windowServes('THIRTY_DAYS', 'BETA')).toBe(false);
});
