import { printSchema } from 'graphql';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { checkConfigured, createAccess } from './access/access.js';
import type { Access } from './access/access.js';
import { ApiKeyStore } from './access/api-key-store.js';
import { createAudit } from './access/audit.js';
import { toRefresh } from './aggregates/refresh.js';
import type { Refresh, RefreshJson } from './aggregates/refresh.js';
import { REFRESH_CHANNEL } from './aggregates/refresh-store.js';
import { Scheduler } from './aggregates/scheduler.js';
import { serveCommand } from './commands/remote.js';
import type { Config } from './config.js';
import { listen } from './database/listener.js';
import type { Failure } from './errors.js';
import { createAnswerVersions, NO_VERSIONS } from './graphql/answer-versions.js';
import { createApollo } from './graphql/apollo.js';
import { createContext } from './graphql/context.js';
import type { RequestContext, RequestInfo, Services } from './graphql/context.js';
import { createSchema } from './graphql/schema.js';
import { createSubscriptions, subscriptionsOverWebSocketOnly } from './graphql/subscriptions.js';
import { createGraphqlMetrics } from './http/graphql-metrics.js';
import { createHttpServer } from './http/http-server.js';
import { createMetrics } from './http/metrics.js';
import { refreshImported } from './ingest/refresh-imported.js';
import { importSampleData } from './ingest/sample-data.js';
import { createRateLimit } from './limits/rate-limit.js';
import { Lifecycle } from './lifecycle.js';
import { dayOf } from './metrics/calendar.js';
import type { Progress } from './progress.js';
import { openServices } from './services.js';

export interface AppOptions {
  readonly config: Config;
  readonly now: () => Date;
  readonly progress: Progress;
  /** Called when the database has ended by itself; the application is of no use then. */
  readonly onFailure: (failure: Failure) => void;
}

/** The running application. */
export interface App {
  /** The address of the API. */
  readonly url: string;
  /** Stops taking requests, answers those that came, and closes everything. */
  close(): Promise<void>;
}

/** Builds the application from its parts and starts it. */
export async function startApp({ config, now, progress, onFailure }: AppOptions): Promise<App> {
  const lifecycle = new Lifecycle();
  try {
    const log = pino({ level: config.logLevel }, process.stderr);
    const onError = (err: unknown): void => log.error({ err }, 'work in the background failed');
    const audit = createAudit(log);
    const services = await openServices(config, {
      lifecycle,
      now,
      onFailure,
      onError,
      audit,
      wait: {
        seconds: config.databaseWaitSeconds,
        onWaiting: ({ message }) => log.warn({ reason: message }, 'waiting for the database'),
      },
    });
    const keys = new ApiKeyStore(services.database);
    await checkConfigured(config.access, config.host, keys);
    const access = createAccess({ config: config.access, keys, now, log });
    if (config.database.engine === 'server') {
      const { url } = config.database;
      const listener = listen(url, REFRESH_CHANNEL, (payload) => hearRefresh(services, payload));
      lifecycle.onClose(() => listener.close());
    } else if (config.sampleData) {
      await loadSampleData(services, progress);
    }
    await services.refreshes.resume();
    if (config.database.engine === 'embedded') {
      const scheduler = new Scheduler(services.database, services.refreshes, now, onError);
      scheduler.start();
      lifecycle.onClose(() => scheduler.close());
    }
    services.directory?.serve((socket) => void serveCommand(socket, services));
    const url = await startApi(config, lifecycle, log, services, access);
    return { url, close: () => lifecycle.close() };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

/** Passes on what another instance announced of a refresh. Anybody may send a notification. */
function hearRefresh({ refreshes }: Services, payload: string): void {
  let refresh: Refresh | undefined;
  try {
    refresh = toRefresh(JSON.parse(payload) as RefreshJson);
  } catch (error) {
    refreshes.onError(error);
  }
  if (refresh) refreshes.events.publish(refresh);
}

/** Fills a database that has no portfolio. */
async function loadSampleData(services: Services, progress: Progress): Promise<void> {
  const { database, refreshes, now } = services;
  const [row] = await database.read<{ empty: boolean }>(
    'SELECT NOT EXISTS (SELECT FROM portfolios) AS empty',
  );
  if (!row!.empty) return;
  const label = 'Loading sample portfolios';
  progress(label, 0, 1);
  const options = { today: dayOf(now()), progress: () => undefined };
  await refreshImported(refreshes, await importSampleData(database, options), options);
  progress(label, 1, 1);
}

async function startApi(
  config: Config,
  lifecycle: Lifecycle,
  log: Logger,
  services: Services,
  access: Access,
): Promise<string> {
  const explore = config.explore ?? !(await access.hasKeys());
  const schema = await createSchema();
  const metrics = createMetrics({ services, log });
  // Replicas lag differently: an answer of one may be older than the reading of another.
  const isVersioned = !hasReplicas(config);
  const { answers } = config.cache;
  const versions = isVersioned
    ? createAnswerVersions({
        generations: services.dailySeries.generations,
        schema: printSchema(schema),
      })
    : NO_VERSIONS;
  const apollo = createApollo({ schema, explore, log, limits: config.limits.operation });
  apollo.addPlugin(createGraphqlMetrics(metrics.requests));
  apollo.addPlugin(subscriptionsOverWebSocketOnly());
  await apollo.start();
  lifecycle.onClose(() => apollo.stop());
  const contextOfRequest = (info: RequestInfo): RequestContext => createContext(services, info);
  const rateLimit = createRateLimit(config.limits.requestsPerMinute);
  let isClosing = false;
  const server = await createHttpServer({
    apollo,
    access,
    createContext: contextOfRequest,
    versions,
    answers: isVersioned ? answers : { ...answers, maxBytes: 0 },
    subscriptions: createSubscriptions({
      schema,
      access,
      createContext: contextOfRequest,
      log,
      limits: config.limits.operation,
      rateLimit,
    }),
    metrics,
    database: services.database,
    isClosing: () => isClosing,
    rateLimit,
    corsOrigins: config.corsOrigins,
    explore,
    log,
    limits: { timeoutMs: config.limits.timeoutMs },
  });
  lifecycle.onClose(() => {
    isClosing = true;
    // Who waits for a refresh is told how far it is.
    services.refreshes.endWaits();
    return server.close();
  });
  const address = await server.listen({ host: config.host, port: config.port });
  return `${address}/graphql`;
}

function hasReplicas({ database }: Config): boolean {
  return database.engine === 'server' && database.replicaUrls.length > 0;
}
