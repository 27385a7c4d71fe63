import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import { readConfig } from '../../src/config.js';
import { claimDataDirectory } from '../../src/database/data-directory.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { Lifecycle } from '../../src/lifecycle.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { nameOf, type DataSet } from './data-set.js';
import { environmentOf, type Engine } from './engine.js';
import { fill, isFilled } from './fill.js';

/** The versions of the engine that runs the statements. */
export interface DatabaseVersions {
  readonly postgresql: string;
  readonly timescaledb: string;
}

/** Makes sure that the data set is there: what an earlier run has built is reused. */
export async function prepareDataSet(
  engine: Engine,
  dataSet: DataSet,
  report: (line: string) => void,
): Promise<DatabaseVersions> {
  const name = nameOf(dataSet);
  await createDatabase(engine, name);
  const isKept = await withDatabase(engine, dataSet, (database) => isFilled(database, dataSet));
  if (!isKept) {
    report(`Building ${name}: ${dataSet.portfolios} portfolios of ${dataSet.days} days …`);
    await dropDatabase(engine, dataSet);
    await createDatabase(engine, name);
    const started = performance.now();
    await withDatabase(engine, dataSet, (database) =>
      fill(database, dataSet, (done, of) => {
        if (done % 10 === 0) report(`  ${done} of ${of} steps`);
      }),
    );
    report(`  built in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  return withDatabase(engine, dataSet, readVersions);
}

/** Opens the database of the data set for `work`, with its schema up to date, and closes it. */
async function withDatabase<Result>(
  engine: Engine,
  dataSet: DataSet,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(environmentOf(engine, dataSet)).database;
  const lifecycle = new Lifecycle();
  try {
    if (config.engine === 'embedded') {
      const directory = await claimDataDirectory(config.dataDir);
      lifecycle.onClose(() => directory.release());
    }
    const { database, close } = await openDatabase(config, {
      check: checkTimescale,
      onFailure: (failure) => {
        throw failure;
      },
    });
    lifecycle.onClose(close);
    return await work(database);
  } finally {
    await lifecycle.close();
  }
}

async function readVersions(database: Database): Promise<DatabaseVersions> {
  const [versions] = await database.read<DatabaseVersions>(
    `SELECT current_setting('server_version') AS postgresql,
      (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb`,
  );
  return versions!;
}

async function createDatabase(engine: Engine, name: string): Promise<void> {
  if (engine.name === 'embedded') return;
  await onServer(engine.url, async (client) => {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
  });
}

async function dropDatabase(engine: Engine, dataSet: DataSet): Promise<void> {
  if (engine.name === 'server') {
    await onServer(engine.url, async (client) => {
      await client.query(`DROP DATABASE ${nameOf(dataSet)} WITH (FORCE)`);
    });
  } else {
    await rm(environmentOf(engine, dataSet)['DATA_DIR']!, { recursive: true, force: true });
  }
}

async function onServer(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
