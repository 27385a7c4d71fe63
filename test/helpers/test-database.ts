import { appendFile, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { expect } from '@jest/globals';
import type { Connection } from '../../src/database/data-source.js';
import type { Database } from '../../src/database/database.js';
import { startEmbeddedEngine, type EmbeddedEngine } from '../../src/database/embedded-engine.js';
import { connect } from '../../src/database/open-database.js';
import { createServerDatabase } from './server-database.js';

/** The compiled worker: a worker thread does not go through jest's transform. */
export const WORKER_FILE = new URL('../../dist/src/database/embedded-worker.js', import.meta.url);

export interface TestDatabase {
  readonly database: Database;
  /** The statements sent since the array was last emptied. */
  readonly statements: string[];
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Why it must be the embedded engine, also where TEST_DATABASE_URL names a server. */
  readonly embedded?: string;
}

/** A database to connect to, and how it is removed. */
interface TestEngine {
  readonly engine: Database['engine'];
  readonly connection: Connection;
  readonly close: () => Promise<void>;
}

/** An embedded engine with a migrated, empty database in memory. */
export async function startTestEngine(reason: string): Promise<EmbeddedEngine> {
  if (process.env['TEST_TEMPLATE']) {
    const file = relative('', expect.getState().testPath!);
    await appendFile(process.env['TEST_EMBEDDED_LIST']!, `  ${file}: ${reason}\n`);
  }
  return startEmbeddedEngine({
    snapshot: await readFile(process.env['TEST_SNAPSHOT']!),
    workerFile: WORKER_FILE,
    onFailure: (failure) => {
      throw failure;
    },
  });
}

/**
 * A migrated, empty TimescaleDB: a clone on the server of TEST_DATABASE_URL, else in memory and
 * reached over the wire like a server.
 */
export async function openTestDatabase({
  embedded,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { engine, connection, close: remove } = await startEngine(embedded);
  const statements: string[] = [];
  const { database, close } = await connect(engine, connection, {
    observe: (sql) => statements.push(sql),
  });
  statements.length = 0;
  return {
    database,
    statements,
    async close() {
      await close();
      await remove();
    },
  };
}

async function startEngine(embedded: string | undefined): Promise<TestEngine> {
  const template = process.env['TEST_TEMPLATE'];
  if (!template || embedded) {
    const engine = await startTestEngine(embedded ?? '');
    return { engine: 'embedded', connection: engine, close: () => engine.close() };
  }
  const server = await createServerDatabase(template);
  return {
    engine: 'server',
    connection: { url: server.url, replicaUrls: [], poolSize: 6 },
    close: () => server.drop(),
  };
}
