import type { FastifyBaseLogger } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { readAggregateStatuses } from '../aggregates/status/aggregate-status.js';
import { createCheck } from '../async/check.js';
import type { Services } from '../services.js';
import { createAggregateMetrics } from './aggregate-metrics.js';
import { addCacheMetrics, type Caches } from './cache-metrics.js';
import { addPoolMetrics } from './pool-metrics.js';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.js';

/** How long the database may take to say how the aggregates are; Prometheus waits 10 s by default. */
const AGGREGATES_TIMEOUT_MS = 5000;

export interface MetricsOptions {
  readonly services: Pick<Services, 'database' | 'now' | 'policyRunner' | 'thresholds'>;
  readonly caches: Caches;
  readonly log: FastifyBaseLogger;
  readonly aggregatesTimeoutMs?: number;
}

/** Everything that Prometheus scrapes. */
export interface Metrics {
  readonly requests: RequestMetrics;
  /** The media type of what scrape returns. */
  readonly contentType: string;
  /** All metrics as text, the aggregates as they are now. Succeeds also when the database does not respond. */
  scrape(): Promise<string>;
}

/** The metrics of one application. */
export function createMetrics({
  services: { database, now, policyRunner, thresholds },
  caches,
  log,
  aggregatesTimeoutMs = AGGREGATES_TIMEOUT_MS,
}: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addPoolMetrics(registry, database);
  addCacheMetrics(registry, caches);
  const aggregates = createAggregateMetrics(registry);
  const success = new Gauge({
    name: 'rolling_metrics_scrape_success',
    help: 'Whether the database said in time how the aggregates are: 1 or 0. Without it their metrics are absent.',
    registers: [registry],
  });
  const check = createCheck(
    () => readAggregateStatuses(database, policyRunner),
    aggregatesTimeoutMs,
  );
  return {
    requests: createRequestMetrics(registry),
    contentType: registry.contentType,
    async scrape() {
      try {
        aggregates.set(await check(), now(), thresholds);
        success.set(1);
      } catch (error) {
        log.warn({ err: error }, 'the metrics are without the aggregates');
        aggregates.clear();
        success.set(0);
      }
      return registry.metrics();
    },
  };
}
