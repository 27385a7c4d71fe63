import type { DatabaseConfig } from '../config.js';
import { Failure, messageOf } from '../errors.js';
import { createDataSource } from './data-source.js';
import type { Connection } from './data-source.js';
import { Database } from './database.js';
import type { StatementObserver } from './database.js';
import { startEmbeddedEngine } from './embedded-engine.js';
import { migrate } from './migrate.js';
import { StatementQueue } from './statement-queue.js';

export interface OpenDatabaseOptions {
  readonly observe?: StatementObserver;
  /** How many statements of requests may wait for a connection. */
  readonly maxWaiting?: number;
  /** Called when the embedded engine ends by itself; the database is of no use then. */
  readonly onFailure: (failure: Failure) => void;
}

export interface OpenDatabase {
  readonly database: Database;
  /** The migrations that ran. */
  readonly migrated: readonly string[];
  readonly close: () => Promise<void>;
}

/**
 * Opens the configured database, starting the embedded engine where there is no server, and
 * brings its schema up to date. The data directory must have been claimed.
 */
export async function openDatabase(
  config: DatabaseConfig,
  { onFailure, ...options }: OpenDatabaseOptions,
): Promise<OpenDatabase> {
  if (config.engine === 'server') return connect('server', config, options);
  const engine = await startEmbeddedEngine({ dataDir: config.dataDir, onFailure });
  try {
    const opened = await connect('embedded', engine, options);
    return {
      ...opened,
      async close() {
        await opened.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Connects to a database that runs, and brings its schema up to date. */
export async function connect(
  engine: Database['engine'],
  connection: Connection,
  { observe, maxWaiting }: Omit<OpenDatabaseOptions, 'onFailure'> = {},
): Promise<OpenDatabase> {
  const dataSource = createDataSource(connection, observe);
  try {
    await dataSource.initialize();
  } catch (error) {
    throw new Failure(`The database cannot be reached: ${messageOf(error)}. Check DATABASE_URL.`);
  }
  try {
    const database = new Database(engine, dataSource, new StatementQueue(maxWaiting));
    const migrated = await migrate(database);
    return { database, migrated, close: () => dataSource.destroy() };
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
