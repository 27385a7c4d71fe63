import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { windowStart, type WindowLength } from '../../src/metrics/calendar.js';
import { METRICS } from '../../src/metrics/metrics.js';
import { SingleWindow } from '../../src/metrics/single-window.js';
import { agrees } from './agreement.js';
import { arbitraryRate, arbitraryRows, arbitrarySeries } from './arbitrary-series.js';
import { dailySeriesOf, daysOf, type DailyRow } from './daily-series-of.js';
import { allSeries, allValues, differences, seriesDifferences } from './series-agreement.js';
import { sizeOfTerms } from './size-of-terms.js';
import { termsOf } from './terms.js';

const DAY_WINDOWS = [{ days: 30 }, { days: 60 }, { days: 90 }];
const someDays = fc.record({ days: fc.integer({ min: 1, max: 400 }) });
const dayWindow = fc.oneof(fc.constantFrom(...DAY_WINDOWS), someDays);
const anyWindow: fc.Arbitrary<WindowLength> = fc.oneof(
  fc.constant({ years: 1 } as const),
  dayWindow,
);

/** Rows, and the day of one of them moved by a number of days. */
const rowsAndDay = (
  moved: fc.Arbitrary<number>,
): fc.Arbitrary<{ rows: DailyRow[]; asOf: number }> =>
  fc
    .tuple(arbitraryRows(120), fc.nat(), moved)
    .map(([rows, pick, days]) => ({ rows, asOf: rows[pick % rows.length]!.day + days }));
/** Also days without a row, and windows without any. */
const rowsAndAnyDay = rowsAndDay(fc.integer({ min: -3, max: 40 }));
const rowsAndOwnDay = rowsAndDay(fc.constant(0));

const moveDays = (rows: readonly DailyRow[], days: number): DailyRow[] =>
  rows.map((row) => ({ ...row, day: row.day + days }));

/** The rows inside a window alone, and with rows right before and after it. */
const surrounded = (rowsAndAsOf: typeof rowsAndAnyDay) =>
  fc
    .tuple(rowsAndAsOf, anyWindow, arbitraryRows(60), arbitraryRows(60))
    .map(([{ rows, asOf }, window, before, after]) => {
      const start = windowStart(asOf, window);
      const inside = rows.filter(({ day }) => day >= start && day <= asOf);
      const all = [
        ...moveDays(before, start - 1 - before.at(-1)!.day),
        ...inside,
        ...moveDays(after, asOf + 1 - after[0]!.day),
      ];
      return { asOf, window, inside: dailySeriesOf(inside), all: dailySeriesOf(all) };
    });

describe('a portfolio equal to its benchmark', () => {
  test('has beta 1, alpha 0, tracking error 0, correlation 1 and no information ratio', () => {
    const property = fc.property(
      rowsAndAnyDay,
      anyWindow,
      arbitraryRate,
      ({ rows, asOf }, window, rate) => {
        const equal = rows.map((row) => ({ ...row, benchmarkReturns: row.returns! }));
        const series = dailySeriesOf(equal);
        const days = SingleWindow.find(series, asOf, window, termsOf(rate));
        fc.pre(days !== null && days.count('returns') >= 2);
        const held = daysOf(series, (day) => day >= days.start && day <= asOf);
        const varies = new Set(held.returns.filter((value) => !Number.isNaN(value))).size > 1;
        const alphaTerms = sizeOfTerms('ALPHA', held, rate)!;

        expect(days.value(METRICS.TRACKING_ERROR)).toBe(0);
        expect(days.value(METRICS.INFORMATION_RATIO)).toBeNull();
        expect(agrees(days.value(METRICS.BETA), varies ? 1 : null)).toBe(true);
        expect(agrees(days.value(METRICS.CORRELATION), varies ? 1 : null)).toBe(true);
        expect(agrees(days.value(METRICS.R_SQUARED), varies ? 1 : null)).toBe(true);
        expect(agrees(days.value(METRICS.ALPHA), varies ? 0 : null, alphaTerms)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

describe('every point of a series agrees with the single window of its day', () => {
  const windows: [string, WindowLength][] = [
    ...DAY_WINDOWS.map((window): [string, WindowLength] => [`${window.days} days`, window]),
    ['one year', { years: 1 }],
  ];

  test.each(windows)('over %s', (_, window) => {
    const property = fc.property(arbitrarySeries(150), arbitraryRate, (series, rate) => {
      expect(seriesDifferences(series, window, rate)).toEqual([]);
    });
    fc.assert(property, { numRuns: 25 });
  });

  test('over any window, from and to any day', () => {
    const property = fc.property(
      arbitrarySeries(80),
      anyWindow,
      arbitraryRate,
      fc.nat(100),
      fc.nat(150),
      (series, window, rate, later, length) => {
        const from = series.days[0]! + later - 10;
        const range = { from, to: from + length };
        expect(seriesDifferences(series, window, rate, range)).toEqual([]);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });
});

test('moving all days by whole weeks changes no value of a day window', () => {
  const property = fc.property(
    rowsAndAnyDay,
    dayWindow,
    arbitraryRate,
    fc.integer({ min: -500, max: 500 }),
    ({ rows, asOf }, window, rate, weeks) => {
      const moved = dailySeriesOf(moveDays(rows, 7 * weeks));
      const series = dailySeriesOf(rows);
      expect(allValues(moved, asOf + 7 * weeks, window, rate)).toEqual(
        allValues(series, asOf, window, rate),
      );
      expect(allSeries(moved, window, rate).columns).toEqual(
        allSeries(series, window, rate).columns,
      );
    },
  );
  fc.assert(property);
});

describe('a day outside the window changes no value inside it', () => {
  test('of a single window', () => {
    const property = fc.property(surrounded(rowsAndAnyDay), arbitraryRate, (days, rate) => {
      const { asOf, window, inside, all } = days;
      expect(allValues(all, asOf, window, rate)).toEqual(allValues(inside, asOf, window, rate));
    });
    fc.assert(property);
  });

  test('of a series', () => {
    const property = fc.property(surrounded(rowsAndOwnDay), arbitraryRate, (days, rate) => {
      const { asOf, window, inside, all } = days;
      const { columns } = allSeries(all, window, rate, { from: all.days[0]!, to: asOf });
      const point = columns.map((column) => column.at(-1)!);
      const alone = allValues(inside, asOf, window, rate)!;
      expect(differences(inside, rate, point, alone)).toEqual([]);
    });
    fc.assert(property);
  });
});
