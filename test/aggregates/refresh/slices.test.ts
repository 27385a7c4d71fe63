import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  clipRanges,
  countDays,
  mergeRanges,
  type DayRange,
} from '../../../src/aggregates/day-ranges.js';
import { adaptBudget, nextSlice, rangeOf } from '../../../src/aggregates/refresh/slices.js';

describe('nextSlice', () => {
  const range = { from: 1, to: 100 };

  test('goes as far as it holds the budget of pending days', () => {
    const pending = [
      { from: 11, to: 20 },
      { from: 31, to: 60 },
    ];
    expect(nextSlice(range, pending, 10)).toEqual({ from: 1, to: 30 });
    expect(nextSlice(range, pending, 9)).toEqual({ from: 1, to: 19 });
    expect(nextSlice(range, pending, 15)).toEqual({ from: 1, to: 35 });
    expect(nextSlice({ from: 36, to: 100 }, pending, 25)).toEqual({ from: 36, to: 100 });
  });

  test('takes everything where nothing is pending', () => {
    expect(nextSlice(range, [], 1)).toEqual(range);
  });

  test('takes a day at least, whatever the budget', () => {
    expect(nextSlice(range, [{ from: 1, to: 50 }], 0)).toEqual({ from: 1, to: 1 });
  });

  test('one after the other, slices cover the range exactly once and hold at most the budget', () => {
    const arbitraryDays = fc
      .tuple(fc.integer({ min: -20, max: 120 }), fc.nat({ max: 40 }))
      .map(([from, length]): DayRange => ({ from, to: from + length }));
    fc.assert(
      fc.property(
        arbitraryDays,
        fc.array(arbitraryDays, { maxLength: 8 }).map(mergeRanges),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (whole, pending, budgets) => {
          let { from } = whole;
          for (let number = 0; from <= whole.to; number++) {
            const budget = budgets[number % budgets.length]!;
            const slice = nextSlice({ from, to: whole.to }, pending, budget);
            expect(slice.from).toBe(from);
            expect(slice.to).toBeGreaterThanOrEqual(slice.from);
            expect(slice.to).toBeLessThanOrEqual(whole.to);
            expect(countDays(clipRanges(pending, slice))).toBeLessThanOrEqual(budget);
            from = slice.to + 1;
          }
          expect(from).toBe(whole.to + 1);
        },
      ),
    );
  });
});

test('countDays counts both ends', () => {
  expect(countDays([])).toBe(0);
  expect(
    countDays([
      { from: 5, to: 5 },
      { from: 7, to: 9 },
    ]),
  ).toBe(4);
});

describe('adaptBudget', () => {
  test('aims at the time a slice may take', () => {
    expect(adaptBudget(100, 100, 2000, 1000)).toBe(50);
    expect(adaptBudget(100, 100, 800, 1000)).toBe(125);
    expect(adaptBudget(100, 10, 3000, 1000)).toBe(3);
  });

  test('grows to twice at most, and never below a day', () => {
    expect(adaptBudget(30, 30, 1, 1000)).toBe(60);
    expect(adaptBudget(30, 1, 60_000, 1000)).toBe(1);
  });

  test('learns nothing from a slice without pending days or without time', () => {
    expect(adaptBudget(30, 0, 500, 1000)).toBe(30);
    expect(adaptBudget(30, 10, 0, 1000)).toBe(30);
  });
});

test('rangeOf is unlimited where no day is given', () => {
  expect(rangeOf(null, null)).toEqual({ from: -Infinity, to: Infinity });
  expect(rangeOf(3, null)).toEqual({ from: 3, to: Infinity });
  expect(rangeOf(null, 0)).toEqual({ from: -Infinity, to: 0 });
});
