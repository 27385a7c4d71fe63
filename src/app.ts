import { checkConfigured, createAccess } from './access/access.js';
import { ApiKeyStore } from './access/api-key-store.js';
import { closeAudit, createAudit } from './access/audit.js';
import { REFRESH_CHANNEL } from './aggregates/refresh/refresh-store.js';
import { toRefresh, type Refresh, type RefreshJson } from './aggregates/refresh/refresh.js';
import { Scheduler } from './aggregates/refresh/scheduler.js';
import { PORTFOLIO_WRITES } from './aggregates/revisions/write-counts.js';
import { serveCommand } from './commands/serve-command.js';
import type { Config } from './config.js';
import { listen } from './database/listener.js';
import type { Failure } from './errors.js';
import { checkPort } from './http/check-port.js';
import { refreshRows } from './ingest/refresh-rows.js';
import { importSampleData } from './ingest/sample-data.js';
import { Lifecycle } from './lifecycle.js';
import { createLog } from './log.js';
import { dayOf } from './metrics/calendar.js';
import type { Progress } from './progress.js';
import { openServices, type Services } from './services.js';

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
  /** What the operator should know at the start. */
  readonly notices: readonly string[];
  /** Stops taking requests, responds to those that came, and closes everything. */
  close(): Promise<void>;
}

/** Builds the application from its parts and starts it. */
export async function startApp({ config, now, progress, onFailure }: AppOptions): Promise<App> {
  const lifecycle = new Lifecycle();
  try {
    const log = createLog(config.logLevel);
    // Before anything that takes long, whose work would be lost.
    await checkPort(config.host, config.port);
    const onError = (err: unknown): void => log.error({ err }, 'work in the background failed');
    const audit = createAudit(log);
    // Runs last: until then a mutation may still end by itself.
    lifecycle.onClose(() => closeAudit(audit));
    const opening = openServices(config, {
      lifecycle,
      now,
      onFailure,
      onError,
      audit,
      onMigrationWaiting: (reason) =>
        log.warn({ reason }, 'waiting to bring the schema up to date'),
      wait: {
        seconds: config.databaseWaitSeconds,
        onWaiting: ({ message }) => log.warn({ reason: message }, 'waiting for the database'),
      },
    });
    // What the API is made of is loaded while the database starts.
    const [services, { startApi }] = await Promise.all([opening, import('./api.js')]);
    const keys = new ApiKeyStore(services.database);
    const notices = await checkConfigured(config.access, config.host, keys);
    const access = createAccess({ config: config.access, keys, now, log });
    if (config.database.engine === 'server') {
      const { url } = config.database;
      const listener = listen(url, REFRESH_CHANNEL, (payload) => receiveRefresh(services, payload));
      lifecycle.onClose(() => listener.close());
    } else if (config.sampleData) {
      await loadSampleData(services, progress);
    }
    await services.refreshes.resume();
    if (config.policyRunner === 'application') {
      const scheduler = new Scheduler(services.database, services.refreshes, now, onError);
      scheduler.start();
      lifecycle.onClose(() => scheduler.close());
    }
    services.directory?.serve((socket) => void serveCommand(socket, services));
    const url = await startApi(config, lifecycle, log, services, access);
    return { url, notices, close: () => lifecycle.close() };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

/** Passes on a refresh that another instance announced. Any session may send a notification. */
function receiveRefresh({ refreshes }: Services, payload: string): void {
  let refresh: Refresh | undefined;
  try {
    refresh = toRefresh(JSON.parse(payload) as RefreshJson);
  } catch (error) {
    refreshes.onError(error);
  }
  if (refresh) refreshes.publish(refresh);
}

/** Fills a database in which no portfolio has ever been: samples that were removed stay away. */
async function loadSampleData(services: Services, progress: Progress): Promise<void> {
  const { database, refreshes, now } = services;
  const [row] = await database.write<{ untouched: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM portfolios) AND ${PORTFOLIO_WRITES} = 0 AS untouched`,
  );
  if (!row!.untouched) return;
  const label = 'Loading sample portfolios';
  progress(label, 0, 1);
  const options = { today: dayOf(now()), progress: () => undefined };
  const { daily } = await importSampleData(database, options);
  await refreshRows(refreshes, daily, options);
  progress(label, 1, 1);
}
