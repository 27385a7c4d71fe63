import type { StatusContext } from '../aggregates/status-resolver.js';
import type { RefreshContext } from '../aggregates/refresh-resolver.js';
import type { RefreshService } from '../aggregates/refresh-service.js';
import type { HealthThresholds } from '../aggregates/health.js';
import { DailySeriesLoader } from '../aggregates/daily-series-loader.js';
import type { Database } from '../database/database.js';
import { createPortfolioLoaders } from '../portfolios/portfolio-loaders.js';
import type { PortfolioContext } from '../portfolios/portfolio-resolver.js';
import { PortfolioStore } from '../portfolios/portfolio-store.js';
import type { RankingContext } from '../rolling/ranking-resolver.js';
import type { RollingContext } from '../rolling/rolling-resolver.js';

/** What the resolvers of one request share. */
export type RequestContext = PortfolioContext &
  RankingContext &
  RefreshContext &
  RollingContext &
  StatusContext;

/** What all requests share. */
export interface Services {
  readonly database: Database;
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
  { database, refreshes, thresholds, now }: Services,
  signal?: AbortSignal,
): RequestContext {
  const portfolioStore = new PortfolioStore(database);
  return {
    database,
    refreshes,
    thresholds,
    now,
    portfolioStore,
    portfolios: createPortfolioLoaders(portfolioStore),
    dailySeries: new DailySeriesLoader(database),
    ...(signal ? { signal } : {}),
  };
}
