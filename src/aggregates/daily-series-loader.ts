import DataLoader from 'dataloader';
import type { Database } from '../database/database.js';
import type { DailySeries } from '../metrics/daily-series.js';
import type { AggregateState } from './aggregate-state.js';
import { readDailySeries } from './daily-series-reader.js';
import type { DailySeriesRange } from './daily-series-reader.js';
import { AGGREGATE_NAMES } from './registry.js';
import type { AggregateName } from './registry.js';

/** A portfolio's daily series and the state of its aggregate, of one snapshot. */
export interface LoadedSeries {
  /** At least the days asked for. */
  readonly series: DailySeries;
  readonly state: AggregateState;
}

/**
 * Reads daily series for one request: whatever is asked of an aggregate at the same time, for
 * any number of portfolios, windows and ranges, is one statement over the widest range of each
 * portfolio.
 */
export class DailySeriesLoader {
  private readonly loaders: Readonly<
    Record<AggregateName, DataLoader<DailySeriesRange, LoadedSeries, string>>
  >;

  constructor(database: Database) {
    this.loaders = Object.fromEntries(
      AGGREGATE_NAMES.map((name) => [
        name,
        new DataLoader<DailySeriesRange, LoadedSeries, string>(
          (ranges) => loadBatch(database, name, ranges),
          {
            cacheKeyFn: ({ portfolioId, from, to, latest }) =>
              `${portfolioId} ${from} ${to} ${latest}`,
          },
        ),
      ]),
    ) as Record<AggregateName, DataLoader<DailySeriesRange, LoadedSeries, string>>;
  }

  /** Forgets what was read, so that it is read anew. */
  clear(): void {
    for (const name of AGGREGATE_NAMES) this.loaders[name].clearAll();
  }

  load(name: AggregateName, range: DailySeriesRange): Promise<LoadedSeries> {
    return this.loaders[name].load(range);
  }
}

async function loadBatch(
  database: Database,
  name: AggregateName,
  ranges: readonly DailySeriesRange[],
): Promise<LoadedSeries[]> {
  const widest = new Map<string, DailySeriesRange>();
  for (const range of ranges) {
    const other = widest.get(range.portfolioId) ?? range;
    widest.set(range.portfolioId, {
      portfolioId: range.portfolioId,
      from: Math.min(range.from, other.from),
      to: Math.max(range.to, other.to),
      latest: range.latest || other.latest,
    });
  }
  const { series, state } = await readDailySeries(database, name, [...widest.values()]);
  return ranges.map(({ portfolioId }) => ({ series: series.get(portfolioId)!, state }));
}
