import { expect, test } from '@jest/globals';
import { Downside } from '../../src/metrics/downside.js';
import { settle } from './agreement.js';

const RETURNS = [0.012, -0.034, 0.005, 0.021, -0.0007, -0.013];

function downsideOf(rate: number, returns: readonly number[]): Downside {
  const downside = new Downside(rate);
  for (const dailyReturn of returns) downside.add(dailyReturn);
  return downside;
}

// R 4.2.2: sum(pmin(r - rate, 0)^2)
test.each([
  [0.0001, 0.0013350600000000003],
  [0, 0.0013254900000000001],
])('shortfalls below a rate of %d are what R gives, added or merged', (rate, expected) => {
  const merged = new Downside(rate);
  merged.merge(downsideOf(rate, RETURNS.slice(0, 2)), downsideOf(rate, RETURNS.slice(2)));
  for (const downside of [downsideOf(rate, RETURNS), merged]) {
    expect(downside.count).toBe(6);
    expect(settle(downside.squaredShortfalls, expected)).toBe(expected);
  }
});

test('returns at or above the rate have no shortfall but count', () => {
  expect(downsideOf(0.001, [0.001, 0.5])).toMatchObject({ count: 2, squaredShortfalls: 0 });
});

test('no return is left out', () => {
  expect(downsideOf(0, [NaN, -0.5, NaN])).toEqual(downsideOf(0, [-0.5]));
});
