import { describe, expect, test } from '@jest/globals';
import { toDay } from '../../src/metrics/calendar.js';
import { findDataFaults, MAX_FINDINGS, type DataFault } from '../../src/metrics/data-quality.js';
import { otherPeriods, rowsAYear } from '../../src/metrics/rows-a-year.js';
import { dailySeriesOf, type DailyRow } from './daily-series-of.js';

const MONDAY = toDay('2024-01-01');
/** Up and down by one percent, never twice the same. */
const dailyReturn = (n: number): number => 0.01 * Math.sin(n * n * Math.SQRT2);

/** Rows of `count` days of which `isRow` is true, of consistent figures. */
function rowsOf(count: number, isRow: (n: number) => boolean): DailyRow[] {
  let value = 1000;
  return Array.from({ length: count }, (_, n) => n)
    .filter(isRow)
    .map((n, place) => {
      const returns = place === 0 ? null : dailyReturn(n);
      value *= 1 + (returns ?? 0);
      return { day: MONDAY + n, returns, values: value, benchmarkReturns: dailyReturn(n + 1) };
    });
}
const isBusinessDay = (n: number): boolean => n % 7 < 5;

const find = (rows: readonly DailyRow[], hasBenchmark = true): DataFault[] =>
  findDataFaults(dailySeriesOf(rows), { hasBenchmark });
const sentences = (rows: readonly DailyRow[]): string[] =>
  find(rows).map(({ sentence }) => sentence);
/** Business days of half a year, each row as `change` makes it; null leaves it out. */
const changed = (change: (row: DailyRow, n: number) => DailyRow | null): DailyRow[] =>
  rowsOf(182, isBusinessDay).flatMap((row) => change(row, row.day - MONDAY) ?? []);

describe('nothing looks wrong', () => {
  test.each([
    ['in business days', rowsOf(365, isBusinessDay)],
    [
      'in business days with holidays of three days',
      changed((row, n) => (n > 15 && n < 19 ? null : row)),
    ],
    ['in every day', rowsOf(365, () => true)],
    ['in every Wednesday', rowsOf(365, (n) => n % 7 === 2)],
    ['in every 30 days', rowsOf(900, (n) => n % 30 === 0)],
    ['without rows', []],
    ['in one row', rowsOf(1, () => true)],
    [
      'in returns alone',
      changed(({ day, returns = null }) => ({ day, returns, benchmarkReturns: 0.01 })),
    ],
  ])('%s', (_, rows) => {
    expect(find(rows)).toEqual([]);
  });
});

describe('a gap', () => {
  test('is of four of its weekdays in a row', () => {
    expect(find(changed((row, n) => (n > 13 && n < 18 ? null : row)))).toEqual([
      {
        kind: 'GAP',
        from: toDay('2024-01-13'),
        to: toDay('2024-01-18'),
        sentence:
          'There is no row from 2024-01-13 to 2024-01-18: 4 days are missing, where there usually is a row on Monday, Tuesday, Wednesday, Thursday, Friday.',
      },
    ]);
  });

  test('is one day where there is a row every day, and one week where there is one a week', () => {
    expect(sentences(rowsOf(100, (n) => n !== 50))).toEqual([
      'There is no row from 2024-02-20 to 2024-02-20: 1 day is missing, where there usually is a row every day.',
    ]);
    expect(sentences(rowsOf(100, (n) => n % 7 === 2 && n !== 51))).toEqual([
      'There is no row from 2024-02-15 to 2024-02-27: 1 day is missing, where there usually is a row on Wednesday.',
    ]);
  });

  test('is a pause of 1.5 times the usual one where there is no such weekday', () => {
    expect(sentences(rowsOf(900, (n) => n % 30 === 0 && n !== 300))).toEqual([
      'There is no row from 2024-09-28 to 2024-11-25: 60 days from one row to the next, where 30 are usual.',
    ]);
  });
});

test('ten values that are the same, and ten returns where there are no values', () => {
  const stale = changed((row, n) =>
    n >= 14 && n <= 25 ? { ...row, values: 1000, returns: 0 } : row,
  );
  expect(sentences(stale)).toContain(
    'The value is 1000 on all 10 rows from 2024-01-15 to 2024-01-26.',
  );
  const returns = changed(({ day, returns: own = null }, n) => {
    return { day, returns: n >= 14 && n <= 25 ? 0.001 : own, benchmarkReturns: 0 };
  });
  expect(sentences(returns)).toEqual([
    'The return is 0.001 on all 10 rows from 2024-01-15 to 2024-01-26.',
  ]);
  expect(find(changed((row, n) => (n >= 14 && n <= 24 ? { ...row, values: 1000 } : row)))).toEqual(
    [],
  );
});

describe('an extreme return', () => {
  const withReturns = (extremes: ReadonlyMap<number, number>): DailyRow[] =>
    changed(({ day, returns = null }, n) => ({
      day,
      returns: extremes.get(n) ?? returns,
      benchmarkReturns: 0,
    }));

  test('is found though several hide one another from a standard deviation', () => {
    const days = find(
      withReturns(
        new Map([
          [44, 1],
          [45, -0.9],
          [46, 1],
        ]),
      ),
    ).map(({ from }) => from - MONDAY);
    expect(days).toEqual([44, 45, 46]);
    expect(sentences(withReturns(new Map([[44, 0.5]])))).toEqual([
      expect.stringMatching(
        /^The return of 2024-02-14 is 0\.5: \d\d standard deviations from the 60 returns around it\.$/,
      ),
    ]);
  });

  test('is none in a wild time, nor among few returns', () => {
    expect(
      find(changed(({ day }, n) => ({ day, returns: 20 * dailyReturn(n), benchmarkReturns: 0 }))),
    ).toEqual([]);
    expect(find(withReturns(new Map([[3, 0.5]])).slice(0, 20))).toEqual([]);
  });

  test('is judged by the standard deviation where most returns are the same', () => {
    const seldom = (extreme: number): DailyRow[] =>
      changed(({ day }, n) => ({
        day,
        returns: n === 79 ? extreme : n % 7 === 2 ? 0.01 : 0,
        benchmarkReturns: 0,
      }));
    expect(find(seldom(0.01))).toEqual([]);
    expect(find(seldom(0.5))).toMatchObject([{ kind: 'EXTREME_RETURN', from: MONDAY + 79 }]);
  });
});

test('a value that moves by more than a tenth beyond the return', () => {
  const deposit = changed((row, n) => (n < 49 ? row : { ...row, values: row.values! + 500 }));
  const [finding, ...others] = find(deposit);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    kind: 'UNEXPLAINED_VALUE',
    from: toDay('2024-02-16'),
    to: toDay('2024-02-19'),
    sentence: expect.stringMatching(
      /^From 2024-02-16 to 2024-02-19 the value went from [\d.]+ to [\d.]+, by 49\.\d\d %, and the return is -?\d\.\d\d %: a deposit or withdrawal, or an error\.$/,
    ) as unknown,
  });
});

test('five returns without one of the benchmark, of a portfolio that has one', () => {
  const missing = changed((row, n) =>
    n >= 14 && n <= 18 ? { ...row, benchmarkReturns: null } : row,
  );
  expect(sentences(missing)).toEqual([
    'The 5 rows from 2024-01-15 to 2024-01-19 have a return and none of the benchmark.',
  ]);
  expect(find(missing, false)).toEqual([]);
  expect(find(changed((row, n) => (n === 15 ? { ...row, benchmarkReturns: null } : row)))).toEqual(
    [],
  );
});

test('of many of a kind the first are listed, and the others counted', () => {
  const found = find(rowsOf(365, (n) => n % 7 !== 3 || n < 100).filter(({ day }) => day % 5 !== 0));
  expect(found.length).toBeLessThanOrEqual(MAX_FINDINGS);
  const flows = changed((row, n) => ({ ...row, values: n % 2 === 0 ? 1000 : 2000 }));
  const listed = find(flows);
  expect(listed).toHaveLength(21);
  expect(listed.at(-1)!.sentence).toMatch(
    /^\d+ more like these from 2024-0\d-\d\d to 2024-06-2\d\.$/,
  );
});

test.each([
  ['business days', rowsOf(42, isBusinessDay), 255, 275],
  ['every day', rowsOf(30, () => true), 365.25, 365.25],
  ['every day, with a pause of a month', rowsOf(60, (n) => n < 15 || n > 44), 365.25, 365.25],
  ['weeks', rowsOf(210, (n) => n % 7 === 2), 52, 52.2],
  ['months', rowsOf(900, (n) => n % 30 === 0), 12, 12.2],
])('rows a year of %s', (_, rows, least, greatest) => {
  const rate = rowsAYear(rows.map(({ day }) => day).toReversed())!;
  expect(rate).toBeGreaterThanOrEqual(least);
  expect(rate).toBeLessThanOrEqual(greatest);
});

test('one row says nothing of rows a year', () => {
  expect([rowsAYear([]), rowsAYear([5])]).toEqual([null, null]);
});

test.each([
  ['every day, ten rows', rowsOf(10, () => true), 252, 365],
  [
    'business days, seven rows beside holidays',
    [0, 3, 4, 5, 6, 10, 11].map((day) => ({ day })),
    252,
    null,
  ],
  ['months', rowsOf(200, (n) => n % 30 === 0), 252, 12],
  ['months, as such', rowsOf(200, (n) => n % 30 === 0), 12, null],
  ['three days of four', rowsOf(40, (n) => n % 4 !== 0), 365, 279],
  ['five rows', rowsOf(5, () => true), 12, null],
])('periods a year of %s', (_, rows, periods, right) => {
  const other = otherPeriods(rows.map(({ day }) => day).toReversed(), periods);
  expect(other?.periods ?? null).toBe(right);
});
