import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { unpack } from '../../../src/aggregates/series/packed-series.js';
import { knownFrom, SeriesCache } from '../../../src/aggregates/series/series-cache.js';
import { portfolioId } from '../../helpers/test-data.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const REVISION = 1;
const MAX_AGE = 60_000;

let now: number;
beforeEach(() => {
  now = performance.now();
  // lru-cache has taken hold of the real clock.
  jest.useFakeTimers({ doNotFake: ['performance'] });
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

function pass(milliseconds: number): void {
  now += milliseconds;
  jest.advanceTimersByTime(milliseconds);
}

function keep(cache: SeriesCache, number: number): void {
  const range = { portfolioId: portfolioId(number), from: 0, to: 1, latest: false };
  const known = knownFrom(NAME, range, unpack(null, ['returns']), null);
  cache.set(NAME, range.portfolioId, REVISION, known);
}

test('series that have ended leave their room to others', () => {
  const cache = new SeriesCache({ maxBytes: 1_000_000, maxAge: MAX_AGE });
  keep(cache, 0);
  const bytesOfOne = cache.bytes;
  for (let number = 1; number < 10; number++) keep(cache, number);
  expect(cache.bytes).toBe(10 * bytesOfOne);
  pass(MAX_AGE - 10_000);
  keep(cache, 10);
  expect(cache.bytes).toBe(11 * bytesOfOne);
  pass(20_000);
  keep(cache, 11);
  expect(cache.bytes).toBe(2 * bytesOfOne);
  expect(cache.get(NAME, portfolioId(10), REVISION)).toBeDefined();
});

test('a series at another revision is not the requested one, and is dropped', () => {
  const cache = new SeriesCache({ maxBytes: 1_000_000, maxAge: MAX_AGE });
  keep(cache, 0);
  expect(cache.get(NAME, portfolioId(0), REVISION + 1)).toBeUndefined();
  expect(cache.get(NAME, portfolioId(0), REVISION)).toBeUndefined();
  expect(cache.bytes).toBe(0);
});
