import type { Pool } from 'pg';
import type { Database } from '../../src/database/database.js';
import { connect } from '../../src/database/open-database.js';
import { createFaultProxy, type FaultProxy } from './fault-proxy.js';
import { startTestEngine } from './test-database.js';

/** A migrated, empty database that is reached through a fault proxy. */
export interface FaultyDatabase {
  readonly database: Database;
  /** The same database, past the proxy. */
  readonly direct: Database;
  readonly proxy: FaultProxy;
  /** The connections that the program holds. */
  readonly pool: Pool;
  close(): Promise<void>;
}

export async function openFaultyDatabase(): Promise<FaultyDatabase> {
  const engine = await startTestEngine('the fault proxy stands before its Unix socket');
  const proxy = await createFaultProxy(engine.socketDir);
  const faulty = await connect('embedded', {
    ...engine,
    socketDir: proxy.socketDir,
  });
  const direct = await connect('embedded', engine);
  const { database } = faulty;
  return {
    database,
    direct: direct.database,
    proxy,
    pool: (database.dataSource.driver as unknown as { readonly master: Pool }).master,
    async close() {
      proxy.heal();
      await faulty.close();
      await direct.close();
      await proxy.close();
      await engine.close();
    },
  };
}
