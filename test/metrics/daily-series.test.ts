import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { lowerBound } from '../../src/metrics/daily-series.js';

describe('lowerBound', () => {
  const days = Int32Array.of(-3, 0, 1, 5, 8);

  test.each([
    [-Infinity, 0],
    [-4, 0],
    [-3, 0],
    [-2, 1],
    [0, 1],
    [1, 2],
    [2, 3],
    [8, 4],
    [9, 5],
    [Infinity, 5],
  ])('of %d is index %d', (day, index) => {
    expect(lowerBound(days, day)).toBe(index);
  });

  test('of no days is 0', () => {
    expect(lowerBound(new Int32Array(), 7)).toBe(0);
  });

  test('is the number of days before', () => {
    const ascending = fc
      .uniqueArray(fc.integer({ min: -50, max: 50 }))
      .map((numbers) => Int32Array.from(numbers.toSorted((a, b) => a - b)));
    const property = fc.property(ascending, fc.integer({ min: -52, max: 52 }), (some, day) => {
      expect(lowerBound(some, day)).toBe(some.filter((other) => other < day).length);
    });
    fc.assert(property);
  });
});
