import { describe, expect, test } from '@jest/globals';
import { Wealth } from '../../src/metrics/wealth.js';
import { settle } from './agreement.js';

function wealthOf(...returns: number[]): Wealth {
  const wealth = new Wealth();
  for (const dailyReturn of returns) wealth.add(dailyReturn);
  return wealth;
}

function merge(earlier: Wealth, later: Wealth): Wealth {
  const merged = new Wealth();
  merged.merge(earlier, later);
  return merged;
}

describe('wealth', () => {
  // R 4.2.2: index <- c(1, cumprod(1 + r)); prod(1 + r); min(index / cummax(index));
  // tail(index / cummax(index), 1)
  const ordinary = {
    of: 'ordinary returns',
    r: [0.012, -0.034, 0.005, 0.021, -0.0007, -0.013],
    growth: 0.98937853254306407,
    worst: 0.96599999999999997,
    current: 0.97764677128761268,
  };
  const loss = {
    of: 'a total loss',
    r: [0.1, -0.3, 0.05, -1, 0.5, 2],
    growth: 0,
    worst: 0,
    current: 0,
  };
  const moreThanAll = {
    of: 'losses of more than everything',
    r: [0.2, -1.5, 0.1, -3, 0.25, -0.4],
    growth: 0.98999999999999999,
    worst: -0.55000000000000004,
    current: 0.59999999999999998,
  };

  /** What is expected, with the values that do not agree in place of theirs. */
  const settled = (wealth: Wealth, expected: typeof ordinary): object => ({
    of: expected.of,
    r: expected.r,
    growth: settle(wealth.growth, expected.growth),
    worst: settle(wealth.worst, expected.worst),
    current: settle(wealth.current, expected.current),
  });

  test.each([ordinary, loss, moreThanAll])('after $of is what R gives', (expected) => {
    const wealth = wealthOf(...expected.r);
    expect(settled(wealth, expected)).toEqual(expected);
    expect(wealth.count).toBe(6);
  });

  test.each([ordinary, loss])('after $of is the same merged from any two parts', (expected) => {
    for (let split = 0; split <= 6; split++) {
      const [earlier, later] = [expected.r.slice(0, split), expected.r.slice(split)];
      const wealth = merge(wealthOf(...earlier), wealthOf(...later));
      expect(settled(wealth, expected)).toEqual(expected);
      expect(wealth.count).toBe(6);
    }
  });

  test('cannot be merged with a return below -1, before or after, until it is cleared', () => {
    const below = wealthOf(...moreThanAll.r);
    expect(below.mergeable).toBe(false);
    expect(merge(below, wealthOf(0.1)).mergeable).toBe(false);
    expect(merge(wealthOf(0.1), below).mergeable).toBe(false);
    expect(wealthOf(-1, 0.1).mergeable).toBe(true);
    below.clear();
    expect(below).toEqual(new Wealth());
  });

  test('starts at 1: a first fall counts, a rise alone is no drawdown', () => {
    expect(wealthOf(-0.25)).toMatchObject({ growth: 0.75, worst: 0.75, current: 0.75 });
    expect(wealthOf(0.25, 0.5)).toMatchObject({ growth: 1.875, worst: 1, current: 1 });
    expect(new Wealth()).toMatchObject({ count: 0, growth: 1, worst: 1, current: 1 });
  });

  test('leaves out a day without a return', () => {
    expect(wealthOf(NaN, 0.5, NaN, -0.5)).toEqual(wealthOf(0.5, -0.5));
  });

  test('finds the worst fall across the seam of two parts', () => {
    const across = merge(wealthOf(0.5, -0.25), wealthOf(-0.5, 3));
    expect(across).toMatchObject({ worst: 0.375, current: 1, growth: 2.25 });
  });

  test('that is lost stays lost, even where a part has grown beyond the range of a double', () => {
    const boundless = wealthOf(...Array<number>(400).fill(10));
    expect(boundless.growth).toBe(Infinity);
    expect(merge(wealthOf(-1), boundless)).toMatchObject({ growth: 0, worst: 0, current: 0 });
    expect(merge(boundless, wealthOf(-1))).toMatchObject({ growth: 0, worst: 0, current: 0 });
  });
});
