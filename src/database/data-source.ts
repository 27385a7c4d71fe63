import { Client, types, type ClientBase, type ClientConfig, type PoolConfig } from 'pg';
import { DataSource, type Logger } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import type { StatementObserver } from './database.js';
import { SESSION_SETTINGS } from './session-settings.js';

const DATE_OID = 1082;
const APPLICATION_NAME = 'rolling-portfolio-metrics';
/** How long a server may take to accept a connection. */
export const CONNECT_TIMEOUT_MS = 5000;

/** How a data source reaches its database. */
export type Connection = { readonly socketDir: string; readonly user: string } | ServerConnection;

export interface ServerConnection {
  readonly url: string;
  readonly poolSize: number;
  /** Streaming replicas that serve reads. */
  readonly replicaUrls: readonly string[];
  /** How far a replica may lag, in milliseconds, before it is left out; without it any lag will do. */
  readonly replicaMaxLagMs?: number;
}

/**
 * A TypeORM data source without entities, not yet connected: TypeORM keeps the connections and runs
 * the migrations, which alone make the schema; statements are SQL.
 */
export function createDataSource(connection: Connection, observe?: StatementObserver): DataSource {
  const target =
    'url' in connection
      ? { url: connection.url, poolSize: connection.poolSize }
      : { host: connection.socketDir, port: 5432, username: connection.user, poolSize: 1 };
  // The one session of the embedded engine outlives a connection, with what that one prepared.
  const forget = {
    verify: (client: Client, done: (error: Error) => void) => {
      // Meanwhile the pool does not listen, and an error without a listener ends the process.
      client.on('error', () => undefined);
      client.query('DEALLOCATE ALL', done);
    },
  };
  return new DataSource({
    type: 'postgres',
    applicationName: APPLICATION_NAME,
    ...target,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    extra: { types: { getTypeParser }, ...('url' in connection ? SERVER_OPTIONS : forget) },
    // TypeORM's own prints on the console what a migration that fails says.
    logger: observer(observe ?? (() => undefined)),
    logging: observe ? ['query'] : false,
  });
}

/** Options of a session of a server, besides those of a data source. */
export function clientOptions(url: string): PoolConfig {
  return {
    connectionString: url,
    application_name: APPLICATION_NAME,
    types: { getTypeParser },
    ...SERVER_OPTIONS,
  };
}

/** Gives up a server that does not respond; the pool's own limit would be for its queue, too. */
class ImpatientClient extends Client {
  constructor(config: ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  }
}

const SET_SESSION = SESSION_SETTINGS.map((setting) => `SET ${setting}`).join('; ');

const SERVER_OPTIONS = {
  // pg's types know no client that takes a configuration, which the pool gives it.
  Client: ImpatientClient as unknown as new () => ClientBase,
  // A connection whose other end is gone without notice is detected while it is idle.
  keepAlive: true,
  // Poolers refuse the settings where they are options of the connection.
  verify: (client: ClientBase, done: (error: Error) => void) => {
    client.on('error', () => undefined);
    client.query(SET_SESSION, done);
  },
};

/** A DATE is a calendar day without a zone and stays the string the database sends. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === DATE_OID) return (value: string) => value;
  return types.getTypeParser(oid, format);
}

function observer(observe: StatementObserver): Logger {
  const ignore = (): void => undefined;
  return {
    logQuery: (sql) => observe(sql),
    logQueryError: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
    logMigration: ignore,
    log: ignore,
  };
}
