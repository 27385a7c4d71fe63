import { describe, expect, test } from '@jest/globals';
import { BASES, METRICS, type Basis, type Metric } from '../../src/metrics/metrics.js';
import { rollingSeries, type RollingSeriesOptions } from '../../src/metrics/rolling-series.js';
import { dailySeriesOf, returnsFrom, type DailyRow } from './daily-series-of.js';
import { termsOf } from './terms.js';

const OPTIONS: RollingSeriesOptions = {
  metrics: [METRICS.AVERAGE_RETURN],
  window: { days: 3 },
  from: 0,
  to: 100,
  terms: termsOf(0.0001),
  minObservations: 0,
};

describe('a rolling series', () => {
  test('has each day with a row from `from` to `to`, and reaches back before `from`', () => {
    const series = returnsFrom(10, [1, 2, 3, 4, 5]);
    const { days, observations, columns } = rollingSeries(series, { ...OPTIONS, from: 12, to: 13 });
    expect([...days]).toEqual([12, 13]);
    expect(observations).toEqual([3, 3]);
    expect(columns).toEqual([[2, 3]]);
  });

  test('computes nothing from a column that was not read', () => {
    const series = { ...returnsFrom(10, [1, 2]), returns: new Float64Array(0) };
    expect(() => rollingSeries(series, OPTIONS)).toThrow(
      'the daily series has been read without its returns',
    );
  });

  test('counts calendar days, not rows', () => {
    const rows = [0, 1, 4, 5, 8].map((day) => ({ day, returns: day }));
    const { days, columns } = rollingSeries(dailySeriesOf(rows), OPTIONS);
    expect([...days]).toEqual([0, 1, 4, 5, 8]);
    expect(columns).toEqual([[0, 0.5, 4, 4.5, 8]]);
  });

  test('has a day without a return, with the returns of the days before it', () => {
    const { observations, columns } = rollingSeries(
      returnsFrom(0, [null, 0.5, null, null, null]),
      OPTIONS,
    );
    expect(observations).toEqual([0, 1, 1, 1, 0]);
    expect(columns).toEqual([[null, 0.5, 0.5, 0.5, null]]);
  });

  test('has its metrics in the order of the request, repeated ones too', () => {
    const { AVERAGE_RETURN, CUMULATIVE_RETURN } = METRICS;
    const metrics = [CUMULATIVE_RETURN, AVERAGE_RETURN, CUMULATIVE_RETURN];
    const { columns } = rollingSeries(returnsFrom(0, [0.5, 1]), { ...OPTIONS, metrics });
    expect(columns).toEqual([
      [0.5, 2],
      [0.5, 0.75],
      [0.5, 2],
    ]);
  });

  test.each([
    ['before the first row', -10, -1],
    ['after the last row', 5, 20],
    ['between two rows', 2, 2],
    ['that ends before it begins', 3, 0],
  ])('over a range %s is empty', (_, from, to) => {
    const series = dailySeriesOf([0, 1, 3].map((day) => ({ day, returns: 0.01 })));
    const { days, observations, columns } = rollingSeries(series, { ...OPTIONS, from, to });
    expect({ days: [...days], observations, columns }).toEqual({
      days: [],
      observations: [],
      columns: [[]],
    });
  });

  test('of a portfolio without rows is empty', () => {
    const { days, columns } = rollingSeries(dailySeriesOf([]), OPTIONS);
    expect([days.length, columns]).toEqual([0, [[]]]);
  });

  test('over an unbounded range has every row', () => {
    const range = { from: -Infinity, to: Infinity };
    const { days } = rollingSeries(returnsFrom(0, [1, 2, 3]), { ...OPTIONS, ...range });
    expect([...days]).toEqual([0, 1, 2]);
    const year = { window: { years: 1 }, ...range } as const;
    expect(rollingSeries(returnsFrom(0, [1, 2]), { ...OPTIONS, ...year }).columns).toEqual([
      [1, 1.5],
    ]);
  });
});

/** A metric of each basis that one observation is enough for, where there is one. */
const OF_BASIS: readonly [Basis, Metric][] = [
  ['returns', METRICS.AVERAGE_RETURN],
  ['values', METRICS.PEAK_VALUE],
  ['pairs', METRICS.TRACKING_ERROR],
  ['reportedBetas', METRICS.AVERAGE_BETA],
  ['reportedAlphas', METRICS.AVERAGE_ALPHA],
  ['reportedTrackingErrors', METRICS.AVERAGE_TRACKING_ERROR],
];
const ALL_BASES = OF_BASIS.map(([basis]) => basis);

/** A row with a value in each column of these bases. */
function rowOf(day: number, bases: readonly Basis[]): DailyRow {
  const columns = bases.flatMap((basis) => BASES[basis].columns);
  return { day, ...Object.fromEntries(columns.map((column, i) => [column, day + i + 1])) };
}

describe('minObservations', () => {
  test.each(OF_BASIS)('counts the %s that the metric is of', (basis, metric) => {
    // Every day has the metric's own columns, every other day all.
    const rows = Array.from({ length: 6 }, (_, day) => rowOf(day, day % 2 ? ALL_BASES : [basis]));
    const options = { ...OPTIONS, metrics: [metric], window: { days: 30 }, minObservations: 4 };
    const { columns } = rollingSeries(dailySeriesOf(rows), options);
    expect(columns[0]!.map((value) => value !== null)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  test.each(OF_BASIS)('does not count what is not %s', (basis, metric) => {
    // Three days have all, the others all else: instead of pairs, returns alone.
    const rest = ALL_BASES.filter((other) => other !== basis && other !== 'pairs');
    const rows = Array.from({ length: 6 }, (_, day) => rowOf(day, day < 3 ? ALL_BASES : rest));
    const options = { ...OPTIONS, metrics: [metric], window: { days: 30 }, minObservations: 4 };
    const { columns } = rollingSeries(dailySeriesOf(rows), options);
    expect(columns[0]).toEqual(Array<null>(6).fill(null));
  });

  test('leaves the count of observations as it is', () => {
    const options = { ...OPTIONS, minObservations: 100 };
    const { observations, columns } = rollingSeries(returnsFrom(0, [1, 2, 3, 4]), options);
    expect(observations).toEqual([1, 2, 3, 3]);
    expect(columns).toEqual([[null, null, null, null]]);
  });

  test('below the minimum count of a metric changes nothing', () => {
    const metrics = [METRICS.RETURN_STANDARD_DEVIATION];
    const options = { ...OPTIONS, metrics, minObservations: 1 };
    expect(rollingSeries(returnsFrom(0, [5, 5]), options).columns).toEqual([[null, 0]]);
  });
});
