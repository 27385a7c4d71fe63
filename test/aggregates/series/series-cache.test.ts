import { expect, test } from '@jest/globals';
import { CacheMemory } from '../../../src/aggregates/cache-memory.js';
import { unpack } from '../../../src/aggregates/series/packed-series.js';
import { knownFrom, SeriesCache } from '../../../src/aggregates/series/series-cache.js';
import { portfolioId } from '../../helpers/test-data.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const REVISION = 1;

test('a series at another revision is not the requested one, and is dropped', () => {
  const cache = new SeriesCache(new CacheMemory(1_000_000), 60_000);
  const range = { portfolioId: portfolioId(0), from: 0, to: 1, latest: false };
  const known = knownFrom(NAME, range, unpack(null, ['returns']), null);
  cache.set(NAME, range.portfolioId, REVISION, known);
  expect(cache.bytes).toBeGreaterThan(0);
  expect(cache.get(NAME, portfolioId(0), REVISION + 1)).toBeUndefined();
  expect(cache.get(NAME, portfolioId(0), REVISION)).toBeUndefined();
  expect(cache.bytes).toBe(0);
});
