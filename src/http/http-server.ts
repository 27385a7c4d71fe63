import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ApolloServer } from '@apollo/server';
import cors from '@fastify/cors';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { ServerOptions } from 'graphql-ws';
import type { Access } from '../access/access.js';
import { createHostCheck } from '../access/host-check.js';
import type { Database } from '../database/database.js';
import type { RequestContext, RequestInfo } from '../graphql/context.js';
import { ConnectionLimit } from '../limits/connection-limit.js';
import { DEFAULT_LIMITS } from '../limits/limits-config.js';
import type { RateLimit } from '../limits/rate-limit.js';
import type { Metrics } from '../telemetry/metrics.js';
import { createAdmission } from './admission.js';
import { SANDBOX_ORIGIN } from './allowed-origin.js';
import { createClientAddress } from './client-address.js';
import { closeRoutes, PUBLIC } from './closed-routes.js';
import { addDashboardRoutes } from './dashboard-route.js';
import { addExplorerRoutes } from './explorer-route.js';
import { addExportRoutes, type ExportServices } from './export-route.js';
import { addGraphqlRoute, GRAPHQL_PATH } from './graphql-route.js';
import { addHealthRoutes } from './health-routes.js';
import { addImportRoute, type ImportServices } from './import-route.js';
import { maskErrors } from './masked-errors.js';
import { addMetricsRoute } from './metrics-route.js';
import { addRequestId, requestIdOf } from './request-id.js';
import { VARY } from './response-cache/etag.js';
import { respondNotModified } from './response-cache/not-modified.js';
import type { ResponseCache } from './response-cache/response-cache.js';
import { addSandboxHeaders, addSecurityHeaders } from './security-headers.js';
import { respondToUnreadable } from './unreadable-request.js';
import { acceptWebSockets } from './websocket.js';

/** The longest body of a request, room for 10,000 rows of recordDailyMetrics: 8 MiB. */
const MAX_BODY_BYTES = 8_388_608;
/** The longest message over WebSocket, a subscription: 1 MiB. */
const MAX_MESSAGE_BYTES = 1_048_576;
/** Response headers that pages of other origins may read. */
const EXPOSED = ['content-disposition', 'etag', 'retry-after', 'x-request-id', 'x-stale'];
/** How long requests that came may still take once the server closes. */
const DRAIN_MS = 10_000;
/** How long clients may still send requests on idle connections; the response closes the connection. */
const LINGER_MS = 1000;
const POLL_MS = 10;

export interface HttpServerOptions {
  /** Started. */
  readonly apollo: ApolloServer<RequestContext>;
  readonly access: Pick<Access, 'authenticate' | 'known'>;
  /** Called for each request. */
  readonly createContext: (info: RequestInfo) => RequestContext;
  readonly cache: ResponseCache;
  readonly subscriptions: ServerOptions;
  readonly metrics: Metrics;
  readonly database: Pick<Database, 'write'>;
  /** Where files can be imported. */
  readonly imports?: ImportServices;
  /** Where there are exports. */
  readonly exports?: Omit<ExportServices, 'createContext' | 'rateLimit' | 'origins'>;
  /** The directory of the built explorer, which is offered like the Sandbox. */
  readonly explorer?: string | undefined;
  /** The directory of the built dashboard; without one, `/` leads to the API. */
  readonly dashboard?: string | undefined;
  /** Whether the application is about to end: it is not ready for requests then. */
  readonly isClosing: () => boolean;
  readonly rateLimit: RateLimit;
  /** Names besides those of loopback under which requests without a credential are accepted. */
  readonly allowedHosts: readonly string[];
  /** Proxies whose X-Forwarded-For is believed: addresses and subnets. */
  readonly trustedProxies?: readonly string[];
  /** Whose pages may send requests from a browser, besides those of this host. */
  readonly corsOrigins: readonly string[];
  /** Whether the Sandbox is offered, and the hosted one may send requests from a browser. */
  readonly explore: boolean;
  readonly log: FastifyBaseLogger;
  readonly limits?: HttpLimits;
}

/** Bounds that have defaults. */
export interface HttpLimits {
  readonly drainMs?: number;
  readonly lingerMs?: number;
  readonly readyTimeoutMs?: number;
  readonly maxConnections?: number;
  readonly pingEveryMs?: number;
  readonly timeoutMs?: number;
  readonly connectionsPerCaller?: number;
}

/**
 * The HTTP server, not yet listening. Closing it responds to the received requests and those that
 * clients send meanwhile on connections they have, ends WebSocket connections, and cuts what is
 * left after `drainMs`.
 */
export async function createHttpServer({
  apollo,
  access,
  createContext,
  subscriptions,
  metrics,
  database,
  imports,
  exports,
  dashboard,
  explorer,
  isClosing,
  cache,
  rateLimit,
  allowedHosts,
  trustedProxies = [],
  corsOrigins,
  explore,
  log,
  limits: {
    drainMs = DRAIN_MS,
    lingerMs = LINGER_MS,
    readyTimeoutMs,
    maxConnections,
    pingEveryMs,
    timeoutMs = DEFAULT_LIMITS.timeoutMs,
    connectionsPerCaller = DEFAULT_LIMITS.connectionsPerCaller,
  } = {},
}: HttpServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    clientErrorHandler: respondToUnreadable,
    // A request that still comes on an open connection gets its response, which closes the connection.
    return503OnClosing: false,
  });
  maskErrors(server);
  addSecurityHeaders(server);
  const origins = [...corsOrigins, ...(explore ? [SANDBOX_ORIGIN] : [])];
  if (origins.length > 0) {
    await server.register(cors, { origin: origins, exposedHeaders: EXPOSED, maxAge: 600 });
  }
  addRequestId(server);
  const checkHost = createHostCheck(allowedHosts);
  const addressOf = createClientAddress(trustedProxies);
  const admit = createAdmission(access, rateLimit, checkHost, addressOf);
  closeRoutes(server, { admit, timeoutMs });
  addMetricsRoute(server, metrics);
  addHealthRoutes(server, { database, isClosing, readyTimeoutMs });
  if (dashboard === undefined) {
    server.get('/', PUBLIC, (_request, reply) => reply.redirect(GRAPHQL_PATH));
  } else {
    await addDashboardRoutes(server, dashboard);
  }
  if (explore && explorer !== undefined) await addExplorerRoutes(server, explorer);
  if (imports) await server.register(async (scope) => addImportRoute(scope, imports));
  if (exports) {
    await server.register(async (scope) =>
      addExportRoutes(scope, { ...exports, createContext, rateLimit, origins }),
    );
  }
  await server.register(async (scope) => {
    if (explore) addSandboxHeaders(scope);
    await addGraphqlRoute(scope, {
      apollo,
      admit,
      cache,
      operations: metrics.requests.operations,
      createContext,
      timeoutMs,
    });
  });
  respondNotModified(server.server, {
    path: GRAPHQL_PATH,
    access,
    cache,
    rateLimit,
    addressOf,
    vary: [...(origins.length > 0 ? ['Origin'] : []), ...VARY].join(', '),
    isClosing,
    http: metrics.requests.http,
  });
  const webSockets = acceptWebSockets(server.server, {
    subscriptions,
    path: GRAPHQL_PATH,
    maxBytes: MAX_MESSAGE_BYTES,
    origins,
    isClosing,
    access,
    checkHost,
    addressOf,
    perCaller: new ConnectionLimit(connectionsPerCaller),
    log,
    connections: metrics.requests.webSocketConnections,
    maxConnections,
    pingEveryMs,
  });
  // Node.js closes connections whose request is over, but not those on which none ever began.
  const connections = new Set<Socket>();
  server.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  let drained: NodeJS.Timeout | undefined;
  server.addHook('onSend', (_request, reply, payload, done) => {
    // Also where the request came before: its client would send the next one on the connection.
    if (isClosing()) reply.header('connection', 'close');
    done(null, payload);
  });
  server.addHook('preClose', async () => {
    webSockets.close();
    drained = setTimeout(() => {
      server.server.closeAllConnections();
      webSockets.terminate();
    }, drainMs);
    // Closes connections whose response began before, and so announced nothing, once they are idle.
    server.server.keepAliveTimeout = Math.max(lingerMs, 1);
    await lingered(server.server, Math.min(lingerMs, drainMs));
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  });
  server.addHook('onClose', async () => clearTimeout(drained));
  return server;
}

/**
 * Resolves when no connection is open, or after `lingerMs`: a connection that is closed the moment
 * it is idle may have a request on its way. Counts turns of the event loop, not the clock: while
 * the loop is blocked no request is read.
 */
async function lingered(server: Server, lingerMs: number): Promise<void> {
  const count = promisify<number>(server.getConnections.bind(server));
  for (let waitedMs = 0; waitedMs < lingerMs; waitedMs += POLL_MS) {
    if (!server.listening || (await count()) === 0) return;
    await delay(POLL_MS);
  }
}
