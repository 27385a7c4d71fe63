import { NO_AUDIT } from '../../src/access/audit.js';
import { CacheMemory } from '../../src/aggregates/cache-memory.js';
import { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { Revisions } from '../../src/aggregates/revisions/revisions.js';
import { DailySeriesStore } from '../../src/aggregates/series/daily-series-store.js';
import { SeriesCache } from '../../src/aggregates/series/series-cache.js';
import { DEFAULT_THRESHOLDS } from '../../src/aggregates/status/health.js';
import { PeriodsCheck } from '../../src/aggregates/status/periods-check.js';
import { Turns } from '../../src/async/turns.js';
import type { Database } from '../../src/database/database.js';
import { CostGate } from '../../src/limits/cost-gate.js';
import { DEFAULT_LIMITS } from '../../src/limits/limits-config.js';
import { PortfolioCache } from '../../src/portfolios/portfolio-cache.js';
import type { Services } from '../../src/services.js';

const MAX_AGE = 3_600_000;

export interface TestServicesOptions {
  readonly now?: () => Date;
  /** Milliseconds; by default a snapshot is read for every request. */
  readonly snapshotMaxAge?: number;
  readonly maxBytes?: number;
  readonly costGate?: CostGate;
}

/** What all requests share, over a test's database. */
export function createTestServices(
  database: Database,
  {
    now = () => new Date(),
    snapshotMaxAge = 0,
    maxBytes = 10_000_000,
    costGate = new CostGate(DEFAULT_LIMITS.maxConcurrentCost),
  }: TestServicesOptions = {},
): Services {
  const revisions = new Revisions(database, snapshotMaxAge);
  const refreshes = new RefreshService(database, undefined, revisions);
  const turns = new Turns();
  const memory = new CacheMemory(maxBytes);
  const seriesCache = new SeriesCache(memory, MAX_AGE);
  return {
    database,
    memory,
    dailySeries: new DailySeriesStore(database, revisions, seriesCache, turns),
    turns,
    costGate,
    portfolioCache: new PortfolioCache(database, revisions, MAX_AGE),
    refreshes,
    policyRunner: 'application',
    thresholds: DEFAULT_THRESHOLDS,
    periodsCheck: new PeriodsCheck(),
    audit: NO_AUDIT,
    now,
  };
}
