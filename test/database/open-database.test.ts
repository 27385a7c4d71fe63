import dns from 'node:dns';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Client } from 'pg';
import { MIGRATIONS } from '../../migrations/index.js';
import type { DatabaseConfig } from '../../src/config.js';
import { startEmbeddedEngine, type EmbeddedEngine } from '../../src/database/embedded-engine.js';
import { openDatabase } from '../../src/database/open-database.js';
import { Failure } from '../../src/errors.js';
import { openTcpPort, type TcpPort } from '../helpers/open-tcp-port.js';
import { WORKER_FILE } from '../helpers/test-database.js';

// The embedded engine behind a TCP port stands in for a server.
let engine: EmbeddedEngine;
let port: TcpPort;

const onFailure = (failure: Failure): never => {
  throw failure;
};

beforeAll(async () => {
  engine = await startEmbeddedEngine({
    snapshot: await readFile(process.env['TEST_SNAPSHOT']!),
    workerFile: WORKER_FILE,
    onFailure,
  });
  port = await openTcpPort(engine.socketDir);
});
afterAll(async () => {
  await port.close();
  await engine.close();
});

function serverAt(url: string, replicaUrls: readonly string[] = []): DatabaseConfig {
  return { engine: 'server', url, replicaUrls, poolSize: 6 };
}

test('a server is opened with its replicas, and stays as it is when its schema is there', async () => {
  const config = serverAt(port.url, [port.url]);
  const { database, migrated, close } = await openDatabase(config, { onFailure });
  try {
    expect(database.engine).toBe('server');
    expect(migrated).toEqual([]);
    const settings = `SELECT current_setting('TimeZone') AS zone, date '2024-03-10' AS day`;
    const expected = [{ zone: 'UTC', day: '2024-03-10' }];
    expect(await database.read(settings)).toEqual(expected);
    expect(await database.write(settings)).toEqual(expected);
  } finally {
    await close();
  }
});

test('a role without rights is named, with the right and what to do', async () => {
  // The engine has one session: a role that one connection takes is that of the next.
  const session = new Client(port.url);
  await session.connect();
  await session.query('CREATE ROLE reporting; SET ROLE reporting');
  try {
    const opening = openDatabase(serverAt(port.url), { onFailure });
    await expect(opening).rejects.toThrow(Failure);
    await expect(opening).rejects.toThrow(
      /^Role reporting lacks a right that this program needs in database template1: permission denied .*\. Bring the schema up to date as the role that owns the database \(npm run migrate\), and grant this one what serving takes \(docs\/roles\.sql\); or make it the owner \(ALTER DATABASE template1 OWNER TO reporting;\)\.$/,
    );
  } finally {
    await session.query('RESET ROLE; DROP ROLE reporting');
    await session.end();
  }
});

test('a server without the schema gets it', async () => {
  const first = await openDatabase(serverAt(port.url), { onFailure });
  for (const _ of MIGRATIONS) await first.database.dataSource.undoLastMigration();
  await first.close();
  const { migrated, close } = await openDatabase(serverAt(port.url), { onFailure });
  await close();
  expect(migrated).toEqual(MIGRATIONS.map(({ name }) => name));
});

// No server listens on port 1.

test('a server that is not there is named', async () => {
  const opening = openDatabase(serverAt('postgres://127.0.0.1:1/metrics'), { onFailure });
  await expect(opening).rejects.toThrow(Failure);
  await expect(opening).rejects.toThrow(
    /^The database cannot be reached: connect ECONNREFUSED 127\.0\.0\.1:1\. Check DATABASE_URL\.$/,
  );
});

test('a server that is not there is named with every address of its host', async () => {
  // As localhost has two on most machines; the error for all of them has no message of its own.
  jest.spyOn(dns, 'lookup').mockImplementation((...args: unknown[]) => {
    const callback = args.at(-1) as (error: null, addresses: dns.LookupAddress[]) => void;
    callback(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]);
  });
  try {
    const opening = openDatabase(serverAt('postgres://two.example:1/metrics'), { onFailure });
    await expect(opening).rejects.toThrow(
      'The database cannot be reached: connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.2:1. Check DATABASE_URL.',
    );
  } finally {
    jest.restoreAllMocks();
  }
});
