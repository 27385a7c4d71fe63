import type { Audit } from './access/audit.js';
import { CacheMemory } from './aggregates/cache-memory.js';
import { checkRights } from './aggregates/check-rights.js';
import { RefreshService } from './aggregates/refresh/refresh-service.js';
import { adoptRestoredDatabase } from './aggregates/revisions/restored-database.js';
import { Revisions } from './aggregates/revisions/revisions.js';
import { DailySeriesStore } from './aggregates/series/daily-series-store.js';
import { SeriesCache } from './aggregates/series/series-cache.js';
import type { HealthThresholds } from './aggregates/status/health.js';
import { PeriodsCheck } from './aggregates/status/periods-check.js';
import type { PolicyRunner } from './aggregates/status/policy-runs.js';
import { Turns } from './async/turns.js';
import type { Config } from './config.js';
import { claimDataDirectory, type DataDirectory } from './database/data-directory.js';
import type { Database } from './database/database.js';
import { openDatabase, type WaitOptions } from './database/open-database.js';
import type { Failure } from './errors.js';
import type { Lifecycle } from './lifecycle.js';
import { CostGate } from './limits/cost-gate.js';
import { PortfolioCache } from './portfolios/portfolio-cache.js';
import { checkTimescale } from './timescale/check-timescale.js';

/** What all requests share. */
export interface Services {
  readonly database: Database;
  /** Of daily series and responses. */
  readonly memory: CacheMemory;
  readonly dailySeries: DailySeriesStore;
  readonly portfolioCache: PortfolioCache;
  readonly refreshes: RefreshService;
  /** What runs the refresh policies. */
  readonly policyRunner: PolicyRunner;
  readonly thresholds: HealthThresholds;
  readonly periodsCheck: PeriodsCheck;
  readonly now: () => Date;
  readonly audit: Audit;
  /** Of the event loop, for all that takes long. */
  readonly turns: Turns;
  /** Of operations and exports. */
  readonly costGate: CostGate;
}

export interface ServicesOptions {
  readonly lifecycle: Lifecycle;
  readonly now: () => Date;
  /** Called when the embedded engine has ended by itself; nothing is of use then. */
  readonly onFailure: (failure: Failure) => void;
  /** Receives failures of work in the background. */
  readonly onError: (error: unknown) => void;
  readonly audit: Audit;
  /** How long to wait for a server that cannot be reached; without it not at all. */
  readonly wait?: WaitOptions;
  /** Receives a sentence when migrations wait for another session. */
  readonly onMigrationWaiting: (reason: string) => void;
}

export interface OpenServices extends Services {
  /** The migrations that ran. */
  readonly migrated: readonly string[];
  /** The data directory of the embedded engine; null on a server. */
  readonly directory: DataDirectory | null;
}

/** Opens the database and what works on it, and registers how it is closed. */
export async function openServices(
  { database: config, cache, limits, policyRunner, thresholds }: Config,
  { lifecycle, now, onFailure, onError, audit, wait, onMigrationWaiting }: ServicesOptions,
): Promise<OpenServices> {
  const directory = config.engine === 'embedded' ? await claimDataDirectory(config.dataDir) : null;
  lifecycle.onClose(() => directory?.release());
  const { database, migrated, close } = await openDatabase(config, {
    onFailure,
    maxWaiting: limits.maxWaiting,
    onMigrationWaiting,
    check: checkTimescale,
    ...(wait ? { wait } : {}),
  });
  lifecycle.onClose(close);
  if (database.engine === 'server') await checkRights({ query: database.write.bind(database) });
  await adoptRestoredDatabase(database);
  const revisions = new Revisions(database, cache.snapshotMaxAge, onError);
  const turns = new Turns();
  const memory = new CacheMemory(cache.maxBytes);
  const seriesCache = new SeriesCache(memory, cache.maxSeriesAge);
  const dailySeries = new DailySeriesStore(database, revisions, seriesCache, turns);
  const portfolioCache = new PortfolioCache(database, revisions, cache.maxSeriesAge);
  const refreshes = new RefreshService(database, onError, revisions);
  lifecycle.onClose(() => refreshes.close());
  return {
    database,
    memory,
    dailySeries,
    portfolioCache,
    refreshes,
    policyRunner,
    thresholds,
    periodsCheck: new PeriodsCheck(),
    now,
    audit,
    turns,
    costGate: new CostGate(limits.maxConcurrentCost),
    migrated,
    directory,
  };
}
