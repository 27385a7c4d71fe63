import type { AggregateName } from '../../src/aggregates/registry.js';
import type { DayNumber } from '../../src/metrics/calendar.js';
import type { DailySeries } from '../../src/metrics/daily-series.js';

/** Which days of an aggregate are wanted, of some portfolios or of all. */
export interface Wanted {
  readonly aggregate: AggregateName;
  readonly portfolioIds: readonly string[];
  /** Inclusive; null: the days of the window that ends on each portfolio's last day. */
  readonly range: { readonly from: DayNumber; readonly to: DayNumber } | null;
}

/** Gives daily series by portfolio, at least the days that are wanted: a result for each wish. */
export type SeriesSource = (
  wanted: readonly Wanted[],
) => Promise<readonly ReadonlyMap<string, DailySeries>[]>;
