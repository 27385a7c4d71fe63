import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { startEmbeddedEngine } from '../../dist/src/database/embedded-engine.js';
import { connect } from '../../dist/src/database/open-database.js';
import { checkTimescale } from '../../dist/src/timescale/check-timescale.js';
import { createServerTemplate } from './server-template.mjs';

/**
 * Makes one migrated database, from which every test file starts: a data directory, a snapshot of
 * it and, with TEST_DATABASE_URL, a template on that server. The compiled program makes it, which
 * `npm test` has built just before.
 */
export default async function globalSetup() {
  const directory = await mkdtemp(join(tmpdir(), 'metrics-test-'));
  const dataDir = join(directory, 'data');
  const snapshot = join(directory, 'migrated.tar');
  await mkdir(dataDir);
  const engine = await startEmbeddedEngine({
    dataDir,
    onFailure(failure) {
      throw failure;
    },
  });
  await migrate('embedded', engine, dropUnused);
  await writeFile(snapshot, await engine.snapshot());
  await engine.close();
  Object.assign(process.env, {
    TEST_DIR: directory,
    TEST_DATA_DIR: dataDir,
    TEST_SNAPSHOT: snapshot,
    TEST_EMBEDDED_LIST: join(directory, 'embedded.txt'),
  });
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return;
  process.env['TEST_TEMPLATE'] = await createServerTemplate(server, (url) =>
    migrate('server', { url, replicaUrls: [], poolSize: 6 }),
  );
}

async function migrate(engine, connection, and = async () => undefined) {
  const { database, close } = await connect(engine, connection, { check: checkTimescale });
  await and(database);
  await close();
}

/** Drops what nothing uses of a cluster, which is more than half of it: every test file copies the rest. */
async function dropUnused(database) {
  await database.write('SET wal_recycle = off');
  await database.write(`UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'`);
  for (const name of ['template0', 'postgres']) await database.write(`DROP DATABASE ${name}`);
}
