import type { AddressInfo } from 'node:net';
import type { GraphQLSchema, ValidationRule } from 'graphql';
import { pino, type Logger } from 'pino';
import type { Access } from '../../src/access/access.js';
import { ANYBODY } from '../../src/access/caller.js';
import { CacheMemory } from '../../src/aggregates/cache-memory.js';
import { Revisions } from '../../src/aggregates/revisions/revisions.js';
import { DEFAULT_THRESHOLDS } from '../../src/aggregates/status/health.js';
import { Turns } from '../../src/async/turns.js';
import { createDataSource } from '../../src/database/data-source.js';
import { Database } from '../../src/database/database.js';
import { createApollo } from '../../src/graphql/apollo.js';
import type { RequestContext, RequestInfo } from '../../src/graphql/context.js';
import {
  createSubscriptions,
  subscriptionsOverWebSocketOnly,
} from '../../src/graphql/subscriptions.js';
import {
  createHttpServer,
  type HttpLimits,
  type HttpServerOptions,
} from '../../src/http/http-server.js';
import { cacheableOperations } from '../../src/http/response-cache/cacheable-operations.js';
import { ResponseCache } from '../../src/http/response-cache/response-cache.js';
import type { CostGate } from '../../src/limits/cost-gate.js';
import { DEFAULT_LIMITS, type OperationLimits } from '../../src/limits/limits-config.js';
import { createRateLimit } from '../../src/limits/rate-limit.js';
import type { SeriesUse } from '../../src/telemetry/cache-metrics.js';
import { createGraphqlMetrics } from '../../src/telemetry/graphql-metrics.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

export interface TestServerOptions {
  readonly schema: GraphQLSchema;
  /** By default one that cannot be reached. */
  readonly database?: Database;
  /** Those of the context's daily series; without them no response is cached. */
  readonly revisions?: Revisions;
  readonly createContext?: (info: RequestInfo) => unknown;
  /** By default every caller may do everything. */
  readonly access?: Pick<Access, 'authenticate' | 'known'>;
  readonly now?: () => Date;
  readonly isClosing?: () => boolean;
  readonly explore?: boolean;
  readonly validationRules?: readonly ValidationRule[];
  readonly maxSubscriptions?: number;
  readonly aggregatesTimeoutMs?: number;
  readonly limits?: HttpLimits;
  readonly maxResponseBytes?: number;
  readonly costGate?: CostGate;
  readonly operationLimits?: OperationLimits;
  readonly requestsPerMinute?: number;
  /** What daily series were loaded, and how many bytes of what responses may take are theirs. */
  readonly series?: SeriesUse;
  readonly allowedHosts?: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly corsOrigins?: readonly string[];
  readonly exports?: HttpServerOptions['exports'];
  readonly imports?: HttpServerOptions['imports'];
  readonly log?: Logger;
}

export interface TestServer {
  readonly port: number;
  /** Without a path: http://127.0.0.1:… */
  readonly url: string;
  readonly webSocketUrl: string;
  /** Sends an operation over HTTP and gives the body of the response. */
  post(body: Record<string, unknown>): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): Promise<void>;
}

/** The HTTP server with a schema of the test's own, on a real port. */
export async function startTestServer({
  schema,
  database = unreachableDatabase(),
  revisions,
  createContext = () => ({}),
  access = { authenticate: async () => ANYBODY, known: () => ANYBODY },
  now = () => new Date(),
  isClosing = () => false,
  explore = true,
  validationRules = [],
  maxSubscriptions,
  aggregatesTimeoutMs,
  limits = {},
  maxResponseBytes,
  costGate,
  operationLimits = DEFAULT_LIMITS.operation,
  requestsPerMinute = 0,
  series = { loaded: { memory: 0, database: 0 }, bytes: 0 },
  allowedHosts = [],
  trustedProxies = [],
  corsOrigins = [],
  exports,
  imports,
  log = pino({ level: 'silent' }),
}: TestServerOptions): Promise<TestServer> {
  const contextOfTest = (info: RequestInfo): RequestContext => {
    const { caller } = info;
    return { caller, ...(createContext(info) as object) } as RequestContext;
  };
  const memory = new CacheMemory(revisions ? 2_000_000 : 0);
  const cache = new ResponseCache(revisions ?? new Revisions(database, 0), memory, 60_000);
  const metrics = createMetrics({
    services: { database, now, policyRunner: 'application', thresholds: DEFAULT_THRESHOLDS },
    caches: { series, responses: cache },
    log,
    ...(aggregatesTimeoutMs === undefined ? {} : { aggregatesTimeoutMs }),
  });
  const apollo = createApollo({
    schema,
    explore,
    log,
    limits: operationLimits,
    ...(maxResponseBytes ? { maxResponseBytes } : {}),
    ...(costGate ? { costGate } : {}),
    turns: new Turns(),
  });
  apollo.addPlugin(createGraphqlMetrics(metrics.requests));
  apollo.addPlugin(subscriptionsOverWebSocketOnly());
  apollo.addPlugin(cacheableOperations());
  await apollo.start();
  const rateLimit = createRateLimit(requestsPerMinute);
  const server = await createHttpServer({
    apollo,
    access,
    createContext: contextOfTest,
    cache,
    subscriptions: createSubscriptions({
      schema,
      access,
      createContext: contextOfTest,
      log,
      suggestions: explore,
      validationRules,
      limits: operationLimits,
      rateLimit,
      ...(maxSubscriptions === undefined ? {} : { maxSubscriptions }),
    }),
    metrics,
    database,
    ...(exports ? { exports } : {}),
    ...(imports ? { imports } : {}),
    isClosing,
    rateLimit,
    allowedHosts,
    trustedProxies,
    corsOrigins,
    explore,
    log,
    // Clients of tests keep connections open, and have nothing to send on them once they close it.
    limits: { lingerMs: 0, ...limits },
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    port: (server.server.address() as AddressInfo).port,
    webSocketUrl: `${url.replace('http', 'ws')}/graphql`,
    async post(body) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
    async close() {
      await server.close();
      await apollo.stop();
    },
  };
}

/** A database where nothing listens. */
export function unreachableDatabase(): Database {
  return new Database('embedded', createDataSource({ socketDir: '/nowhere', user: 'nobody' }));
}

/** How many times a field of Query was resolved, as the metrics have it. */
export async function resolvedOf({ url }: Pick<TestServer, 'url'>, field: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = new RegExp(`root_field_duration_seconds_count{.*field="${field}"} (\\d+)`);
  return Number(line.exec(text)?.[1] ?? 0);
}
