import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CacheMemory, SharedCache } from '../../src/aggregates/cache-memory.js';

const MAX_AGE = 60_000;
const NUMBERS = Array.from({ length: 10 }, (_, n) => n);

let now = 1000;
beforeEach(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('caches that share a memory', () => {
  let series: SharedCache<object>;
  let responses: SharedCache<object>;
  const start = (weight: number): void => {
    const memory = new CacheMemory(1000);
    series = new SharedCache(memory, { maxAge: MAX_AGE, weight });
    responses = new SharedCache(memory, { maxAge: MAX_AGE });
  };
  /** Each use is a millisecond after the last one. */
  const use = (cache: SharedCache<object>, key: number, bytes = 100): boolean => {
    now += 1;
    if (cache.get(`${key}`)) return true;
    cache.set(`${key}`, { key }, bytes);
    return false;
  };
  const cached = (cache: SharedCache<object>): number[] =>
    NUMBERS.filter((n) => cache.peek(`${n}`));

  test('evict what was not used for the longest time, whichever of them has it', () => {
    start(1);
    for (const n of NUMBERS) use(series, n);
    expect(cached(series)).toEqual(NUMBERS);
    use(series, 0);
    for (const n of [0, 1, 2]) use(responses, n);
    expect(cached(series)).toEqual([0, 4, 5, 6, 7, 8, 9]);
    for (const n of [4, 5, 6, 7, 8, 9]) use(series, n);
    use(responses, 0);
    use(series, 1, 300);
    expect(cached(series)).toEqual([1, 4, 5, 6, 7, 8, 9]);
    expect(cached(responses)).toEqual([0]);
  });

  test('evict by weight, so that requests in a cycle find their responses', () => {
    start(4);
    const found = (): number[] =>
      NUMBERS.filter((n) => {
        if (use(responses, n, 80)) return true;
        use(series, n, 50);
        return false;
      });
    expect(found()).toEqual([]);
    expect(found()).toEqual(NUMBERS);
    expect(found()).toEqual(NUMBERS);
  });

  test('know each what they take', () => {
    start(1);
    for (const n of NUMBERS) use(series, n);
    expect([series.bytes, responses.bytes]).toEqual([1000, 0]);
    use(responses, 0, 250);
    expect([series.bytes, responses.bytes]).toEqual([700, 250]);
    responses.set('0', {}, 50);
    series.delete('9');
    expect([series.bytes, responses.bytes]).toEqual([600, 50]);
  });

  test('take nothing that is larger than the memory, and drop what it would replace', () => {
    start(1);
    for (const n of NUMBERS) use(series, n);
    series.set('0', {}, 1001);
    expect(cached(series)).toEqual(NUMBERS.slice(1));
    expect(series.bytes).toBe(900);
  });
});

test('nothing is cached in no memory', () => {
  const cache = new SharedCache(new CacheMemory(0), { maxAge: MAX_AGE });
  cache.set('a', {}, 1);
  expect([cache.get('a'), cache.bytes]).toEqual([undefined, 0]);
});

test('an entry ends at the maximum age, or earlier, also when it is used', () => {
  const cache = new SharedCache(new CacheMemory(1000), { maxAge: MAX_AGE });
  cache.set('a', {}, 100);
  cache.set('b', {}, 100, 10_000);
  now += 5000;
  expect(cache.remainingTtl('b')).toBe(5000);
  now += 10_000;
  expect([cache.get('a'), cache.peek('b'), cache.get('b')]).toEqual([{}, undefined, undefined]);
  expect(cache.bytes).toBe(100);
  now += MAX_AGE;
  expect([cache.get('a'), cache.bytes]).toEqual([undefined, 0]);
});
