import pRetry from 'p-retry';
import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config.js';
import { Failure, messageOf } from '../errors.js';
import { checkPooling } from './check-pooling.js';
import { createDataSource, type Connection, type ServerConnection } from './data-source.js';
import { Database, type StatementObserver } from './database.js';
import { startEmbeddedEngine } from './embedded-engine.js';
import { migrate, type DatabaseCheck } from './migrate.js';
import { Replica } from './replica.js';
import { Replicas } from './replicas.js';
import { INSUFFICIENT_PRIVILEGE, isReadOnly, isUnavailable, sqlStateOf } from './sql-state.js';
import { StatementQueue } from './statement-queue.js';

/** How long to wait between two attempts to reach a server, at least and at most. */
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 1000;

export interface OpenDatabaseOptions {
  readonly observe?: StatementObserver;
  /** Runs before the migrations. */
  readonly check?: DatabaseCheck;
  /** How many statements of requests may wait for a connection. */
  readonly maxWaiting?: number;
  /** Called when the embedded engine ends by itself; the database is of no use then. */
  readonly onFailure: (failure: Failure) => void;
  /** How long to wait for a server that cannot be reached; without it not at all. */
  readonly wait?: WaitOptions;
  /** Receives a sentence when migrations wait for another session. */
  readonly onMigrationWaiting?: (reason: string) => void;
}

export interface WaitOptions {
  readonly seconds: number;
  /** Receives why it waits, after every attempt. */
  readonly onWaiting: (reason: Failure) => void;
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
  { onFailure, wait, ...options }: OpenDatabaseOptions,
): Promise<OpenDatabase> {
  if (config.engine === 'server') {
    const open = (): Promise<OpenDatabase> => connect('server', config, options);
    return wait ? waiting(open, wait) : open();
  }
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
  {
    observe,
    maxWaiting,
    onMigrationWaiting: onWaiting,
    check,
  }: Omit<OpenDatabaseOptions, 'onFailure' | 'wait'> = {},
): Promise<OpenDatabase> {
  const dataSource = createDataSource(connection, observe);
  try {
    await dataSource.initialize();
  } catch (error) {
    throw unreachable(error);
  }
  try {
    if (engine === 'server') await checkPooling(dataSource);
    const replicas = new Replicas('url' in connection ? replicasOf(connection) : []);
    const queue = new StatementQueue(maxWaiting);
    const database = new Database(engine, dataSource, queue, undefined, undefined, replicas);
    const migrated = await migrate(database, {
      ...(check ? { check } : {}),
      ...(onWaiting ? { onWaiting } : {}),
    });
    return {
      database,
      migrated,
      close: async () => {
        await replicas.close();
        await dataSource.destroy();
      },
    };
  } catch (error) {
    const forbidden = sqlStateOf(error) === INSUFFICIENT_PRIVILEGE;
    const failure = forbidden ? await describeForbidden(dataSource, error) : undefined;
    await dataSource.destroy();
    if (failure) throw failure;
    if (isUnavailable(error)) throw unreachable(error);
    if (!isReadOnly(error)) throw error;
    throw new Failure(
      `The database is read-only, and its schema is not up to date: ${messageOf(error)}. Point DATABASE_URL to the primary server.`,
      { cause: error },
    );
  }
}

function replicasOf({
  replicaUrls,
  poolSize,
  replicaMaxLagMs = Number.POSITIVE_INFINITY,
}: ServerConnection): Replica[] {
  return replicaUrls.map((url) => new Replica(url, poolSize, replicaMaxLagMs));
}

async function describeForbidden(dataSource: DataSource, cause: unknown): Promise<Failure> {
  const [row] = (await dataSource.query(
    'SELECT quote_ident(current_user) AS role, quote_ident(current_database()) AS database',
  )) as { role: string; database: string }[];
  const { role, database } = row!;
  return new Failure(
    `Role ${role} lacks a right that this program needs in database ${database}: ${messageOf(cause)}. Bring the schema up to date as the role that owns the database (npm run migrate), and grant this one what serving takes (docs/roles.sql); or make it the owner (ALTER DATABASE ${database} OWNER TO ${role};).`,
    { cause },
  );
}

function unreachable(cause: unknown): Failure {
  return new Failure(`The database cannot be reached: ${messageOf(cause)}. Check DATABASE_URL.`, {
    cause,
  });
}

/** Repeats what fails because the server cannot be reached, or is not the primary yet. */
function waiting<Result>(
  open: () => Promise<Result>,
  { seconds, onWaiting }: WaitOptions,
): Promise<Result> {
  const passes = ({ cause }: Error): boolean => isUnavailable(cause) || isReadOnly(cause);
  return pRetry(open, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: MIN_WAIT_MS,
    maxTimeout: MAX_WAIT_MS,
    maxRetryTime: seconds * 1000,
    shouldRetry: ({ error }) => passes(error),
    onFailedAttempt: ({ error }) => {
      if (passes(error)) onWaiting(error as Failure);
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Failure) || !passes(error) || seconds === 0) throw error;
    throw new Failure(`${error.message} Waited for it ${seconds} s (DATABASE_WAIT_SECONDS).`, {
      cause: error,
    });
  });
}
