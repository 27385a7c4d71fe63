import DataLoader from 'dataloader';
import type { OfficialDays, OfficialRange } from './official-days.js';
import type { DayBounds, PortfolioStore } from './portfolio-store.js';
import type { Portfolio } from './portfolio.js';

/** What one request has loaded of portfolios. */
export interface PortfolioLoaders {
  readonly byId: DataLoader<string, Portfolio | null>;
  readonly dayBounds: DataLoader<string, DayBounds>;
  readonly officialDays: DataLoader<OfficialRange, OfficialDays>;
}

/** Loaders for one request: each batch is one statement. */
export function createPortfolioLoaders(store: PortfolioStore): PortfolioLoaders {
  return {
    byId: new DataLoader((ids) => store.findByIds(ids)),
    dayBounds: new DataLoader((ids) => store.dayBounds(ids)),
    officialDays: new DataLoader((ranges) => store.officialDays(ranges), { cache: false }),
  };
}
