import { Pool } from 'pg';
import { readConfig } from '../../src/config.js';
import { claimDataDirectory } from '../../src/database/data-directory.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { RunStatement } from './database-source.js';

/** A database that statements can be sent to. */
export interface Statements {
  readonly run: RunStatement;
  close(): Promise<void>;
}

/** Opens the database that the environment names: plain pg on a server, else the embedded engine. */
export async function openStatements(environment: NodeJS.ProcessEnv): Promise<Statements> {
  const { database: config } = readConfig(environment);
  if (config.engine === 'server') {
    const pool = new Pool({ connectionString: config.url, max: config.poolSize });
    return {
      run: async (name, text, values) => {
        const { rows } = await pool.query({ name: shorten(name), text, values: [...values] });
        return rows;
      },
      close: () => pool.end(),
    };
  }
  const directory = await claimDataDirectory(config.dataDir);
  const { database, close } = await openDatabase(config, {
    onFailure: (failure) => {
      throw failure;
    },
  });
  return {
    run: (_name, sql, parameters) => database.read(sql, parameters),
    async close() {
      await close();
      await directory.release();
    },
  };
}

const names = new Map<string, string>();

/** PostgreSQL cuts the names of statements at 63 bytes. */
function shorten(name: string): string {
  const short = names.get(name) ?? `bare_${names.size}`;
  names.set(name, short);
  return short;
}
