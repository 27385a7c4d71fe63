import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Access } from './access/access.js';
import type { Config } from './config.js';
import { ParquetFiles } from './export/parquet-files.js';
import { createApollo } from './graphql/apollo.js';
import { createContext, type RequestContext, type RequestInfo } from './graphql/context.js';
import { createSchema } from './graphql/schema.js';
import { createSubscriptions, subscriptionsOverWebSocketOnly } from './graphql/subscriptions.js';
import { cannotListen } from './http/check-port.js';
import { createHttpServer } from './http/http-server.js';
import { cacheableOperations } from './http/response-cache/cacheable-operations.js';
import { ResponseCache } from './http/response-cache/response-cache.js';
import type { Lifecycle } from './lifecycle.js';
import { createRateLimit } from './limits/rate-limit.js';
import { connectRedis } from './limits/redis.js';
import type { Services } from './services.js';
import { createGraphqlMetrics } from './telemetry/graphql-metrics.js';
import { createMetrics } from './telemetry/metrics.js';
import { traceOperations } from './telemetry/tracing.js';

/** Built by `npm run build`, beside the compiled code. */
const DASHBOARD = fileURLToPath(new URL('../dashboard/', import.meta.url));
const EXPLORER = fileURLToPath(new URL('../explorer/', import.meta.url));

/** Starts the API and returns its address. */
export async function startApi(
  config: Config,
  lifecycle: Lifecycle,
  log: Logger,
  services: Services,
  access: Access,
): Promise<string> {
  const explore = config.explore ?? !(await access.hasKeys());
  const schema = await createSchema();
  const { dailySeries, memory } = services;
  const { revisions } = dailySeries;
  const cache = new ResponseCache(revisions, memory, config.cache.maxResponseAge);
  const caches = { series: dailySeries, responses: cache };
  const metrics = createMetrics({ services, caches, log });
  const apollo = createApollo({
    schema,
    explore,
    log,
    limits: config.limits.operation,
    costGate: services.costGate,
    maxResponseBytes: config.limits.maxResponseBytes,
    turns: services.turns,
  });
  apollo.addPlugin(createGraphqlMetrics(metrics.requests));
  apollo.addPlugin(subscriptionsOverWebSocketOnly());
  apollo.addPlugin(cacheableOperations());
  apollo.addPlugin(traceOperations());
  await apollo.start();
  lifecycle.onClose(() => apollo.stop());
  const contextOfRequest = (info: RequestInfo): RequestContext => createContext(services, info);
  const redis =
    config.redisUrl === null
      ? undefined
      : await connectRedis(config.redisUrl, (err) =>
          log.warn({ err }, 'REDIS_URL cannot be reached: this instance counts requests by itself'),
        );
  lifecycle.onClose(() => redis?.disconnect());
  const rateLimit = createRateLimit(config.limits.requestsPerMinute, redis);
  const files = new ParquetFiles(revisions);
  lifecycle.onClose(() => files.close());
  let isClosing = false;
  const server = await createHttpServer({
    apollo,
    access,
    createContext: contextOfRequest,
    cache,
    subscriptions: createSubscriptions({
      schema,
      access,
      createContext: contextOfRequest,
      log,
      suggestions: explore,
      limits: config.limits.operation,
      rateLimit,
    }),
    metrics,
    database: services.database,
    imports: services,
    exports: { files, turns: services.turns, maxCost: config.limits.operation.maxCost },
    dashboard: DASHBOARD,
    explorer: EXPLORER,
    isClosing: () => isClosing,
    rateLimit,
    allowedHosts: config.access.allowedHosts,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    explore,
    log,
    limits: config.limits,
  });
  lifecycle.onClose(() => {
    isClosing = true;
    // Clients waiting on a refresh receive its current progress.
    services.refreshes.endWaits();
    return server.close();
  });
  const { host, port } = config;
  const address = await server.listen({ host, port }).catch((error: unknown) => {
    throw cannotListen(host, port, error);
  });
  return `${address}/graphql`;
}
