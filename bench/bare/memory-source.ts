import { AGGREGATE_NAMES, type AggregateName } from '../../src/aggregates/registry.js';
import { toDay } from '../../src/metrics/calendar.js';
import type { DailySeries } from '../../src/metrics/daily-series.js';
import type { SeriesSource } from './series-source.js';

const ALL_DAYS = { from: toDay('0001-01-01'), to: toDay('9999-12-31') };
/** Portfolios that are read at once. */
const BATCH = 100;

/** Holds all days of all portfolios in memory, as they are when it is made. */
export async function createMemorySource(
  source: SeriesSource,
  portfolioIds: readonly string[],
): Promise<SeriesSource> {
  const held = new Map<AggregateName, Map<string, DailySeries>>();
  for (const aggregate of AGGREGATE_NAMES) {
    const all = new Map<string, DailySeries>();
    for (let first = 0; first < portfolioIds.length; first += BATCH) {
      const batch = portfolioIds.slice(first, first + BATCH);
      const [series] = await source([{ aggregate, portfolioIds: batch, range: ALL_DAYS }]);
      for (const [id, each] of series!) all.set(id, each);
    }
    held.set(aggregate, all);
  }
  return (wanted) => Promise.resolve(wanted.map(({ aggregate }) => held.get(aggregate)!));
}
