import { describe, expect, test } from '@jest/globals';
import { Moments } from '../../src/metrics/moments.js';
import { settle } from './agreement.js';

function momentsOf(...values: number[]): Moments {
  const moments = new Moments();
  for (const value of values) moments.add(value);
  return moments;
}

function merge(earlier: Moments, later: Moments): Moments {
  const merged = new Moments();
  merged.merge(earlier, later);
  return merged;
}

describe('moments', () => {
  // R 4.2.2: mean(x) and sd(x), printed with 17 digits.
  test.each([
    {
      of: 'ordinary returns',
      x: [0.012, -0.034, 0.005, 0.021, -0.0007, 0.013],
      mean: 0.0027166666666666663,
      sd: 0.019448436098223082,
    },
    {
      of: 'very different sizes',
      x: [10, 1e-8, -1, -1e-8, 3.5, -2.25],
      mean: 1.7083333333333333,
      sd: 4.4900352634101512,
    },
    {
      of: 'nearly constant values',
      x: [1.0000012, 0.9999986, 1.0000021, 1.0000003, 0.9999979, 1.0000017],
      mean: 1.0000003,
      sd: 1.7123083834480617e-6,
    },
    {
      of: 'a large offset',
      x: [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16],
      mean: 1_000_000_010,
      sd: 5.4772255750516612,
    },
  ])('of $of are what R gives, added or merged', ({ x, mean, sd }) => {
    const halves = merge(momentsOf(...x.slice(0, 2)), momentsOf(...x.slice(2)));
    for (const moments of [momentsOf(...x), halves]) {
      expect(moments.count).toBe(x.length);
      expect(settle(moments.mean, mean)).toBe(mean);
      expect(settle(moments.standardDeviation, sd)).toBe(sd);
    }
  });

  test('have a mean that keeps what rounding took from it', () => {
    // R 4.2.2: mean(x); Python: float(sum(map(Fraction, x)) / 5). Without the low part it ends in …2799999999999900.
    const { mean } = momentsOf(0.002, 0.65, 0.073, -0.67, -0.069);
    expect(mean).toBe(-0.0028000000000000056);
  });

  test('leave NaN out', () => {
    expect(momentsOf(NaN, 0.01, NaN, 0.03)).toEqual(momentsOf(0.01, 0.03));
  });

  test('of an empty part change nothing when merged, on either side', () => {
    const some = momentsOf(0.1, 0.7, -0.3);
    expect(merge(some, new Moments())).toEqual(some);
    expect(merge(new Moments(), some)).toEqual(some);
    expect(merge(new Moments(), new Moments())).toEqual(new Moments());
  });
});

describe('the standard deviation', () => {
  test.each([[[]], [[0.01]]])('of %j is not defined', (values) => {
    expect(momentsOf(...values).standardDeviation).toBeNaN();
  });

  test('of equal values is exactly 0, though their mean is rounded', () => {
    const third = 0.1 / 3;
    expect(momentsOf(...Array<number>(100).fill(third)).standardDeviation).toBe(0);
    const parts = merge(momentsOf(third, third, third), momentsOf(third, third));
    expect(parts.standardDeviation).toBe(0);
  });

  test('that is only rounding against the largest value is exactly 0', () => {
    expect(momentsOf(0.1 + 0.2, 0.3).standardDeviation).toBe(0);
    expect(momentsOf(1, 1 + 1e-14).standardDeviation).toBe(0);
    expect(momentsOf(1, 1 + 1e-13).standardDeviation).toBeGreaterThan(0);
  });

  test('is held against the size of what the values were computed from', () => {
    const residue = new Moments();
    residue.add(1e-16, 1);
    residue.add(2e-16, 0.5);
    expect(residue.standardDeviation).toBe(0);
    expect(merge(residue, momentsOf(3e-16)).standardDeviation).toBe(0);
    expect(momentsOf(1e-16, 2e-16).standardDeviation).toBeGreaterThan(0);
  });
});
