import { readFile } from 'node:fs/promises';
import type { Database } from '../../src/database/database.js';
import { startEmbeddedEngine, type EmbeddedEngine } from '../../src/database/embedded-engine.js';
import { connect } from '../../src/database/open-database.js';

/** The compiled worker: a worker thread does not go through jest's transform. */
export const WORKER_FILE = new URL('../../dist/src/database/embedded-worker.js', import.meta.url);

export interface TestDatabase {
  readonly database: Database;
  /** The statements sent since the array was last emptied. */
  readonly statements: string[];
  close(): Promise<void>;
}

/** An engine with a migrated, empty database in memory. */
export async function startTestEngine(): Promise<EmbeddedEngine> {
  return startEmbeddedEngine({
    snapshot: await readFile(process.env['TEST_SNAPSHOT']!),
    workerFile: WORKER_FILE,
    onFailure: (failure) => {
      throw failure;
    },
  });
}

/** A migrated, empty TimescaleDB in memory, reached over the wire like a server. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const engine = await startTestEngine();
  const statements: string[] = [];
  const { database, close } = await connect('embedded', engine, {
    observe: (sql) => statements.push(sql),
  });
  statements.length = 0;
  return {
    database,
    statements,
    async close() {
      await close();
      await engine.close();
    },
  };
}
