import type { AccessContext } from '../access/audited.js';
import type { Caller } from '../access/caller.js';
import type { RefreshContext } from '../aggregates/refresh/refresh-resolver.js';
import type { Dependencies } from '../aggregates/revisions/dependencies.js';
import type { StatusContext } from '../aggregates/status/status-resolver.js';
import type { IngestContext } from '../ingest/ingest-resolver.js';
import type { CostContext } from '../limits/cost-limit.js';
import { createPortfolioLoaders } from '../portfolios/portfolio-loaders.js';
import type { PortfolioContext } from '../portfolios/portfolio-resolver.js';
import { PortfolioStore } from '../portfolios/portfolio-store.js';
import type { RollingContext } from '../rolling/rolling-resolver.js';
import type { Services } from '../services.js';

/** What the resolvers of one request share. */
export type RequestContext = AccessContext &
  IngestContext &
  PortfolioContext &
  RefreshContext &
  RollingContext &
  StatusContext &
  CostContext &
  Pick<RequestInfo, 'dependencies'>;

/** What a request brings with it. */
export interface RequestInfo extends CostContext {
  readonly caller: Caller;
  readonly requestId: string;
  /** Aborts when the client is gone or the operation has taken too long. */
  readonly signal?: AbortSignal;
  /** Where resolvers record what the response depends on; absent where it is not cached. */
  readonly dependencies?: Dependencies | undefined;
}

/** A context for one request, with loaders of its own that know the caller's portfolios only. */
export function createContext(
  services: Services,
  { caller, requestId, signal, whenEnded, dependencies }: RequestInfo,
): RequestContext {
  const { dailySeries, portfolioCache, refreshes, policyRunner, thresholds } = services;
  const { periodsCheck, now, audit, turns } = services;
  const { revisions } = dailySeries;
  const database = signal ? services.database.withSignal(signal) : services.database;
  const reader = { signal, dependencies };
  const { tenant } = caller;
  const portfolioStore = new PortfolioStore(database, tenant, portfolioCache, revisions, reader);
  // Each by its name: V8 spreads an object of so many properties slowly, and every request has one.
  return {
    database,
    dailySeries,
    refreshes,
    revisions,
    policyRunner,
    thresholds,
    periodsCheck,
    now,
    audit,
    turns,
    reader,
    signal,
    dependencies,
    caller,
    requestId,
    portfolioStore,
    portfolios: createPortfolioLoaders(portfolioStore),
    whenEnded,
  };
}
