import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { clipRanges, mergeRanges, type DayRange } from '../../src/aggregates/day-ranges.js';

const arbitraryRange = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.nat({ max: 12 }))
  .map(([from, length]): DayRange => ({ from, to: from + length }));
const arbitraryRanges = fc.array(arbitraryRange, { maxLength: 12 });

/** Every day of the ranges, each once, in order. */
function daysOf(ranges: readonly DayRange[]): number[] {
  const days = new Set<number>();
  for (const { from, to } of ranges) for (let day = from; day <= to; day++) days.add(day);
  return [...days].toSorted((a, b) => a - b);
}

describe('mergeRanges', () => {
  test('joins what overlaps, contains or touches, and puts it in order', () => {
    const ranges = [
      { from: 20, to: 21 },
      { from: 5, to: 9 },
      { from: 1, to: 3 },
      { from: 6, to: 7 },
      { from: 4, to: 4 },
    ];
    expect(mergeRanges(ranges)).toEqual([
      { from: 1, to: 9 },
      { from: 20, to: 21 },
    ]);
  });

  test('keeps a day between two ranges free', () => {
    const ranges = [
      { from: 1, to: 3 },
      { from: 5, to: 6 },
    ];
    expect(mergeRanges(ranges)).toEqual(ranges);
    expect(mergeRanges([])).toEqual([]);
  });

  test('takes the infinities', () => {
    const ranges = [
      { from: 7, to: Infinity },
      { from: -Infinity, to: 3 },
      { from: 2, to: 5 },
    ];
    expect(mergeRanges(ranges)).toEqual([
      { from: -Infinity, to: 5 },
      { from: 7, to: Infinity },
    ]);
  });

  test('holds the same days, in ranges that do not touch', () => {
    fc.assert(
      fc.property(arbitraryRanges, (ranges) => {
        const merged = mergeRanges(ranges);
        expect(daysOf(merged)).toEqual(daysOf(ranges));
        for (const [index, { from }] of merged.slice(1).entries()) {
          expect(from).toBeGreaterThan(merged[index]!.to + 1);
        }
      }),
    );
  });
});

describe('clipRanges', () => {
  test('keeps what lies inside, both ends included', () => {
    const ranges = [
      { from: 1, to: 4 },
      { from: 4, to: 6 },
      { from: 9, to: 12 },
      { from: 13, to: 14 },
    ];
    expect(clipRanges(ranges, { from: 4, to: 12 })).toEqual([
      { from: 4, to: 4 },
      { from: 4, to: 6 },
      { from: 9, to: 12 },
    ]);
    expect(clipRanges(ranges, { from: -Infinity, to: Infinity })).toEqual(ranges);
    expect(clipRanges(ranges, { from: 7, to: 8 })).toEqual([]);
  });

  test('holds exactly the days that are in both', () => {
    fc.assert(
      fc.property(arbitraryRanges, arbitraryRange, (ranges, bounds) => {
        const inside = daysOf(ranges).filter((day) => day >= bounds.from && day <= bounds.to);
        expect(daysOf(clipRanges(ranges, bounds))).toEqual(inside);
      }),
    );
  });
});
