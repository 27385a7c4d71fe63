import { describe, expect, test } from '@jest/globals';
import { CoMoments } from '../../src/metrics/co-moments.js';
import { settle } from './agreement.js';

type Pair = readonly [number, number];

function coMomentsOf(...pairs: Pair[]): CoMoments {
  const coMoments = new CoMoments();
  for (const [dailyReturn, benchmarkReturn] of pairs) coMoments.add(dailyReturn, benchmarkReturn);
  return coMoments;
}

function merge(earlier: CoMoments, later: CoMoments): CoMoments {
  const merged = new CoMoments();
  merged.merge(earlier, later);
  return merged;
}

describe('co-moments', () => {
  // R 4.2.2: cov(r, b) * (length(r) - 1), printed with 17 digits.
  test.each([
    {
      of: 'ordinary returns',
      r: [0.012, -0.034, 0.005, 0.021, -0.0007, 0.013],
      b: [0.01, -0.02, 0.004, 0.015, 0.001, -0.003],
      coDeviations: 0.0010762833333333335,
    },
    {
      of: 'very different sizes',
      r: [10, 1e-8, -1, -1e-8, 3.5, -2.25],
      b: [-0.5, 2e-8, 3, 1e-8, 0.25, 7],
      coDeviations: -39.531250051249998,
    },
    {
      of: 'nearly constant values',
      r: [1.0000012, 0.9999986, 1.0000021, 1.0000003, 0.9999979, 1.0000017],
      b: [-2.0000011, -2.0000034, -1.9999987, -2.0000002, -2.0000015, -1.9999991],
      coDeviations: 1.1990000001192861e-11,
    },
  ])('of $of are what R gives, added or merged', ({ r, b, coDeviations }) => {
    const pairs = r.map((value, i): Pair => [value, b[i]!]);
    const halves = merge(coMomentsOf(...pairs.slice(0, 2)), coMomentsOf(...pairs.slice(2)));
    for (const coMoments of [coMomentsOf(...pairs), halves]) {
      expect(coMoments.count).toBe(6);
      // In units of the expected value, which may be smaller than the absolute tolerance.
      expect(settle(coMoments.coDeviations / coDeviations, 1)).toBe(1);
    }
  });

  test('leave out a pair without one of its values', () => {
    const pairs: Pair[] = [
      [0.01, 0.02],
      [0.03, -0.01],
    ];
    expect(coMomentsOf([NaN, 5], pairs[0]!, [5, NaN], [NaN, NaN], pairs[1]!)).toEqual(
      coMomentsOf(...pairs),
    );
  });

  test('of an empty part change nothing when merged, on either side', () => {
    const some = coMomentsOf([0.1, 0.2], [-0.3, 0.5], [0.7, 0.9]);
    expect(merge(some, new CoMoments())).toEqual(some);
    expect(merge(new CoMoments(), some)).toEqual(some);
  });

  test('keep the small part of a sum whose large terms cancel', () => {
    // In size the products of deviations are 1, 1e-20 and −1: a plain sum would end at 0.
    const earlier = coMomentsOf([1, 1], [-1, -1]);
    const tiny = coMomentsOf([1e-10, 1e-10], [-1e-10, -1e-10]);
    const opposite = coMomentsOf([1, -1], [-1, 1]);
    const large = merge(earlier, tiny);
    for (const all of [merge(large, opposite), merge(opposite, large)]) {
      expect(settle(all.coDeviations / 2e-20, 1)).toBe(1);
    }
  });

  test('vary when both the returns and the benchmark do', () => {
    expect(coMomentsOf([1, 2], [3, 5]).varies).toBe(true);
    expect(coMomentsOf([1, 2], [1, 3]).varies).toBe(false);
    expect(coMomentsOf([1, 2], [3, 2]).varies).toBe(false);
    expect(coMomentsOf([1, 2]).varies).toBe(false);
  });
});
