import { expect, test } from '@jest/globals';
import { Extremes } from '../../src/metrics/extremes.js';

function extremesOf(...values: number[]): Extremes {
  const extremes = new Extremes();
  for (const value of values) extremes.add(value);
  return extremes;
}

test('the minimum and the maximum are found in any order', () => {
  expect(extremesOf(3, -1, 7, 2)).toMatchObject({ count: 4, min: -1, max: 7 });
  expect(extremesOf(7, 3, 2, -1)).toMatchObject({ count: 4, min: -1, max: 7 });
});

test('no value is left out', () => {
  expect(extremesOf(NaN, 3, NaN)).toEqual(extremesOf(3));
});

test('merged parts have the extremes of both, and an empty part has none', () => {
  const merged = new Extremes();
  merged.merge(extremesOf(3, 5), extremesOf(-2, 4));
  expect(merged).toEqual(extremesOf(3, 5, -2, 4));
  merged.merge(extremesOf(3, 5), new Extremes());
  expect(merged).toEqual(extremesOf(3, 5));
  merged.merge(new Extremes(), extremesOf(3, 5));
  expect(merged).toEqual(extremesOf(3, 5));
});
