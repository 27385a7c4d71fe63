import { pino } from 'pino';
import type { Logger } from 'pino';
import { serveCommand } from './commands/remote.js';
import type { Config } from './config.js';
import type { Database } from './database/database.js';
import { claimDataDirectory } from './database/data-directory.js';
import { openDatabase } from './database/open-database.js';
import type { Failure } from './errors.js';
import { createApollo } from './graphql/apollo.js';
import { createContext } from './graphql/context.js';
import { createSchema } from './graphql/schema.js';
import { createHttpServer } from './http/http-server.js';
import { importSampleData } from './ingest/sample-data.js';
import { Lifecycle } from './lifecycle.js';
import { dayOf } from './metrics/calendar.js';
import type { Progress } from './progress.js';

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

/** How long requests that came may still take once the application closes. */
const DRAIN_MS = 3000;

/** Builds the application from its parts and starts it. */
export async function startApp({ config, now, progress, onFailure }: AppOptions): Promise<App> {
  const lifecycle = new Lifecycle();
  try {
    const log = pino({ level: config.logLevel }, process.stderr);
    const database = await startDatabase(config, { lifecycle, now, progress, onFailure });
    const url = await startApi(config, { lifecycle, log, database, now });
    return { url, close: () => lifecycle.close() };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

async function startDatabase(
  config: Config,
  { lifecycle, now, progress, onFailure }: Omit<AppOptions, 'config'> & { lifecycle: Lifecycle },
): Promise<Database> {
  if (config.database.engine === 'server') {
    const { database, close } = await openDatabase(config.database, { onFailure });
    lifecycle.onClose(close);
    return database;
  }
  const directory = await claimDataDirectory(config.database.dataDir);
  lifecycle.onClose(() => directory.release());
  const { database, migrated, close } = await openDatabase(config.database, { onFailure });
  lifecycle.onClose(close);
  const isNew = migrated.length > 0 && (await isEmpty(database));
  if (isNew && config.sampleData) {
    progress('Loading sample portfolios', 0, 1);
    await importSampleData(database, { today: dayOf(now()), progress: () => undefined });
    progress('Loading sample portfolios', 1, 1);
  }
  directory.serve((socket) => void serveCommand(socket, { database, migrated: [], now }));
  return database;
}

async function isEmpty(database: Database): Promise<boolean> {
  const [row] = await database.read<{ empty: boolean }>(
    'SELECT NOT EXISTS (SELECT FROM portfolios) AS empty',
  );
  return row!.empty;
}

async function startApi(
  config: Config,
  services: { lifecycle: Lifecycle; log: Logger; database: Database; now: () => Date },
): Promise<string> {
  const { lifecycle, log, database, now } = services;
  const { explore } = config;
  const apollo = createApollo({ schema: await createSchema(), explore, log });
  await apollo.start();
  lifecycle.onClose(() => apollo.stop());
  const server = await createHttpServer({
    apollo,
    createContext: () => createContext({ database, now }),
    explore,
    log,
  });
  lifecycle.onClose(async () => {
    const timer = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS);
    await server.close();
    clearTimeout(timer);
  });
  const address = await server.listen({ host: config.host, port: config.port });
  return `${address}/graphql`;
}
