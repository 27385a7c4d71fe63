import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import {
  startEmbeddedEngine,
  type EmbeddedEngine,
  type EmbeddedEngineOptions,
} from '../../src/database/embedded-engine.js';
import { Failure } from '../../src/errors.js';
import { WORKER_FILE } from '../helpers/test-database.js';

const SOCKET = '.s.PGSQL.5432';
const HYPERTABLE = [
  'CREATE TABLE prices (day date NOT NULL, price float8)',
  `SELECT create_hypertable('prices', by_range('day'))`,
  `INSERT INTO prices VALUES ('2024-01-02', 1)`,
];
/** As a client begins: length, version 3.0, and its user. */
const STARTUP = Buffer.from('\0\0\0\x17\0\x03\0\0user\0postgres\0\0', 'latin1');
const SUM = 'SELECT sum(price), count(DISTINCT tableoid)::int AS chunks FROM prices';

let dataDir: string;
let engines: EmbeddedEngine[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'metrics-engine-'));
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  await rm(dataDir, { recursive: true });
});

async function start(options: Partial<EmbeddedEngineOptions> = {}): Promise<EmbeddedEngine> {
  const engine = await startEmbeddedEngine({
    workerFile: WORKER_FILE,
    onFailure: (failure) => {
      throw failure;
    },
    ...options,
  });
  engines.push(engine);
  return engine;
}

function clientOf({ socketDir, user }: Pick<EmbeddedEngine, 'socketDir' | 'user'>): Client {
  return new Client({ host: socketDir, port: 5432, user });
}

/** What the statements' last gives, on a connection of their own. */
async function query(engine: EmbeddedEngine, ...statements: string[]): Promise<unknown[]> {
  const client = clientOf(engine);
  await client.connect();
  let rows: unknown[] = [];
  for (const statement of statements) ({ rows } = await client.query(statement));
  await client.end();
  return rows;
}

test('in memory, a snapshot is a copy with a life of its own', async () => {
  const original = await start({ snapshot: await readFile(process.env['TEST_SNAPSHOT']!) });
  await query(original, ...HYPERTABLE);
  const copy = await start({ snapshot: await original.snapshot() });
  expect(copy.socketDir).not.toBe(original.socketDir);
  await query(copy, `INSERT INTO prices VALUES ('2025-01-02', 2)`);
  expect(await query(copy, SUM)).toEqual([{ sum: 3, chunks: 2 }]);
  expect(await query(original, SUM)).toEqual([{ sum: 1, chunks: 1 }]);

  await copy.close();
  // What was made for the socket goes with it.
  await expect(access(copy.socketDir)).rejects.toThrow('ENOENT');
  expect(await query(original, SUM)).toEqual([{ sum: 1, chunks: 1 }]);
});

test('in a directory, a database outlives its engine, hypertables and all, until it is damaged', async () => {
  const first = await start({ dataDir });
  expect(first.socketDir).toBe(dataDir);
  expect(await readdir(dataDir)).toEqual(expect.arrayContaining([SOCKET]));
  await expectOthersRefused(first);
  await query(first, 'CREATE EXTENSION timescaledb', ...HYPERTABLE);
  await first.close();
  expect(await readdir(dataDir)).toEqual(['cluster']);

  // A process that was killed leaves its socket.
  await writeFile(join(dataDir, SOCKET), '');
  const second = await start({ dataDir });
  await query(second, `INSERT INTO prices VALUES ('2024-01-03', 2), ('2025-01-02', 4)`);
  expect(await query(second, SUM)).toEqual([{ sum: 7, chunks: 2 }]);
  expect(await query(second, 'SHOW TimeZone')).toEqual([{ TimeZone: 'UTC' }]);
  await second.close();

  await writeFile(join(dataDir, 'cluster', 'global', 'pg_control'), 'damaged');
  const third = start({ dataDir });
  await expect(third).rejects.toThrow(Failure);
  await expect(third).rejects.toThrow(`The embedded database in ${dataDir} ended unexpectedly`);
  expect(await readdir(dataDir)).toEqual(['cluster']);
});

/** Clients of other processes, such as psql, get a sentence; what this process has open goes on. */
async function expectOthersRefused(engine: EmbeddedEngine): Promise<void> {
  const own = clientOf(engine);
  await own.connect();
  const sentence = `This is the embedded database of process ${process.pid}, which has one session and serves that process alone.`;
  await expect(clientOf({ ...engine, user: 'postgres' }).connect()).rejects.toThrow(sentence);

  // As psql does when the server requests a password: it begins, and leaves in the middle.
  const socket = createConnection(join(engine.socketDir, SOCKET));
  socket.write(STARTUP);
  const [response] = (await once(socket, 'data')) as [Buffer];
  expect(response.toString()).toContain(sentence);
  socket.destroy();
  expect((await own.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await own.end();
}

test('a cluster that is no directory is refused, naming the data directory', async () => {
  await writeFile(join(dataDir, 'cluster'), 'not a directory');
  const starting = start({ dataDir });
  await expect(starting).rejects.toThrow(Failure);
  await expect(starting).rejects.toThrow(
    `The embedded database in ${dataDir} ended unexpectedly (exit code 1): `,
  );
});

test('a worker that ends while it starts is reported', async () => {
  const workerFile = new URL('data:text/javascript,throw new Error("out of memory")');
  const starting = start({ workerFile });
  await expect(starting).rejects.toThrow(
    new Failure('The embedded database in memory ended unexpectedly (exit code 1): out of memory'),
  );
});

test('a worker that ends later is reported, once, and can still be closed', async () => {
  const failures: Failure[] = [];
  const ended = new EventTarget();
  const engine = await start({
    dataDir,
    workerFile: new URL('../helpers/ending-worker.mjs', import.meta.url),
    onFailure: (failure) => {
      failures.push(failure);
      ended.dispatchEvent(new Event('ended'));
    },
  });
  expect(failures).toEqual([]);
  const end = once(ended, 'ended');
  void engine.snapshot();
  await end;
  expect(failures).toEqual([
    new Failure(
      `The embedded database in ${dataDir} ended unexpectedly (exit code 1): out of memory`,
    ),
  ]);
  await engine.close();
  expect(failures).toHaveLength(1);
});

test('memory does not hold what has been read', async () => {
  const engine = await start({
    snapshot: await readFile(process.env['TEST_SNAPSHOT']!),
    workerFile: new URL('../helpers/measured-worker.mjs', import.meta.url),
  });
  for (let read = 0; read < 20; read++) await query(engine, `SELECT repeat('x', 10 << 20)`);

  const channel = new BroadcastChannel('heap of the engine');
  const reply = once(channel, 'message') as Promise<[{ readonly data: number }]>;
  channel.postMessage('how much');
  const [{ data: bytes }] = await reply;
  channel.close();
  // 200 MiB have been read.
  expect(bytes).toBeLessThan(100 << 20);
});
