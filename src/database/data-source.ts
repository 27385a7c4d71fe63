import { Client, types, type ClientConfig } from 'pg';
import { DataSource, type Logger } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import type { StatementObserver } from './database.js';
import { SESSION_SETTINGS } from './session-settings.js';

const DATE_OID = 1082;
/** How long a server may take to accept a connection. */
export const CONNECT_TIMEOUT_MS = 5000;

/** How a data source reaches its database. */
export type Connection =
  | { readonly socketDir: string; readonly user: string }
  | { readonly url: string; readonly replicaUrls: readonly string[]; readonly poolSize: number };

/**
 * A TypeORM data source without entities, not yet connected: TypeORM keeps the connections and runs
 * the migrations, which alone make the schema; statements are SQL.
 */
export function createDataSource(connection: Connection, observe?: StatementObserver): DataSource {
  const target =
    'url' in connection
      ? {
          replication: {
            master: { url: connection.url },
            slaves: connection.replicaUrls.map((url) => ({ url })),
          },
          poolSize: connection.poolSize,
        }
      : { host: connection.socketDir, port: 5432, username: connection.user, poolSize: 1 };
  // The one session of the embedded engine outlives a connection, with what that one prepared.
  const forget = {
    verify: (client: Client, done: (error: Error) => void) => {
      // Meanwhile the pool does not listen, and an error that nobody hears ends the process.
      client.on('error', () => undefined);
      client.query('DEALLOCATE ALL', done);
    },
  };
  return new DataSource({
    type: 'postgres',
    applicationName: 'rolling-portfolio-metrics',
    ...target,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    extra: {
      types: { getTypeParser },
      options: SESSION_SETTINGS.map((setting) => `-c ${setting}`).join(' '),
      // A connection whose other end is gone without a word is found out while it is idle.
      ...('url' in connection ? { Client: ImpatientClient, keepAlive: true } : forget),
    },
    // TypeORM's own prints on the console what a migration that fails says.
    logger: observer(observe ?? (() => undefined)),
    logging: observe ? ['query'] : false,
  });
}

/** Gives up a server that does not answer; the pool's own limit would be for its queue, too. */
class ImpatientClient extends Client {
  constructor(config: ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  }
}

/** A DATE is a calendar day without a zone and stays the string the database sends. */
function getTypeParser(oid: number, format: 'text'): unknown {
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
