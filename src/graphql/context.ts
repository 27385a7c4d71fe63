import type { StatusContext } from '../aggregates/status-resolver.js';
import type { RefreshContext } from '../aggregates/refresh-resolver.js';
import type { RefreshService } from '../aggregates/refresh-service.js';
import type { HealthThresholds } from '../aggregates/health.js';
import type { DailySeriesStore } from '../aggregates/daily-series-store.js';
import type { Database } from '../database/database.js';
import type { IngestContext } from '../ingest/ingest-resolver.js';
import { createPortfolioLoaders } from '../portfolios/portfolio-loaders.js';
import type { PortfolioContext } from '../portfolios/portfolio-resolver.js';
import { PortfolioStore } from '../portfolios/portfolio-store.js';
import type { RollingContext } from '../rolling/rolling-resolver.js';

/** What the resolvers of one request share. */
export type RequestContext = IngestContext &
  PortfolioContext &
  RefreshContext &
  RollingContext &
  StatusContext;

/** What all requests share. */
export interface Services {
  readonly database: Database;
  readonly dailySeries: DailySeriesStore;
  readonly refreshes: RefreshService;
  readonly thresholds: HealthThresholds;
  readonly now: () => Date;
}

/**
 * A context for one request, with loaders of its own.
 *
 * @param signal aborts when the client is gone
 */
export function createContext(
  { database, dailySeries, refreshes, thresholds, now }: Services,
  signal?: AbortSignal,
): RequestContext {
  const portfolioStore = new PortfolioStore(database);
  return {
    database,
    dailySeries,
    generations: dailySeries.generations,
    refreshes,
    thresholds,
    now,
    portfolioStore,
    portfolios: createPortfolioLoaders(portfolioStore),
    ...(signal ? { signal } : {}),
  };
}
