import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port.js';

const SETTINGS = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
max_worker_processes = 16
shared_buffers = 128MB
hot_standby_feedback = on
`;

/** A PostgreSQL server of the tests' own: a primary, or a standby that streams from another one. */
export interface PostgresServer {
  readonly port: number;
  /** Of a database, or of `postgres`. */
  url(database?: string): string;
  /** Sends one statement as the superuser. */
  query<Row>(sql: string, database?: string): Promise<Row[]>;
  /** A standby of it, in step. */
  standby(settings?: string): Promise<PostgresServer>;
  /** Makes a primary of a standby. */
  promote(): Promise<void>;
  /** Sends a signal to the server itself: SIGTERM smart, SIGINT fast, SIGQUIT immediate shutdown. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Stops all of its processes where they are, and lets them go on. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Stops it for good and removes its files, and those of its standbys. */
  close(): Promise<void>;
}

/**
 * Makes a server with the programs of TEST_POSTGRES_BIN, which has PostgreSQL's own and a
 * TimescaleDB: /usr/lib/postgresql/17/bin, say. As root it runs as the user postgres.
 */
export async function createPostgresServer(settings = ''): Promise<PostgresServer> {
  const directory = await createDirectory();
  run('initdb', '-D', directory, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8');
  await appendFile(join(directory, 'postgresql.conf'), SETTINGS + settings);
  return open(directory);
}

async function open(directory: string): Promise<PostgresServer> {
  const port = await freePort();
  const standbys: PostgresServer[] = [];
  let child: ChildProcess | undefined;
  let frozen: number[] = [];
  const url = (database = 'postgres'): string =>
    `postgres://postgres@127.0.0.1:${port}/${database}`;
  const server: PostgresServer = {
    port,
    url,
    async query<Row>(sql: string, database?: string): Promise<Row[]> {
      const client = new Client({ connectionString: url(database) });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query(sql)).rows as Row[];
      } finally {
        await client.end();
      }
    },
    async standby(settings = '') {
      const copy = await createDirectory();
      const from = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
      run('pg_basebackup', '-D', copy, '-R', '-c', 'fast', ...from);
      await appendFile(join(copy, 'postgresql.conf'), settings);
      const standby = await open(copy);
      standbys.push(standby);
      return standby;
    },
    async promote() {
      await server.query('SELECT pg_promote()');
    },
    async stop(signal = 'SIGINT') {
      if (!child || child.exitCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
    async start() {
      const [command, ...args] = program('postgres', '-D', directory, '-p', String(port));
      child = spawn(command!, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: directory });
      let log = '';
      child.stderr!.setEncoding('utf8').on('data', (text: string) => (log += text));
      while (!(await isReady(server))) {
        if (child.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${log}`);
        await delay(50);
      }
    },
    async freeze() {
      const { pid } = child!;
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      frozen = [pid!, ...children.trim().split(' ').map(Number)];
      for (const each of frozen) process.kill(each, 'SIGSTOP');
    },
    thaw() {
      for (const each of frozen) process.kill(each, 'SIGCONT');
      frozen = [];
    },
    async close() {
      server.thaw();
      await Promise.all(standbys.map((standby) => standby.close()));
      await server.stop('SIGQUIT');
      await rm(directory, { recursive: true });
    },
  };
  await server.start();
  return server;
}

function isReady(server: PostgresServer): Promise<boolean> {
  return server.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

async function createDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'postgres-'));
  const uid = runAs('-u');
  if (uid !== null) await chown(directory, uid, runAs('-g')!);
  return directory;
}

/** The id of the user postgres, or of its group, where PostgreSQL would refuse to run as root. */
function runAs(which: '-u' | '-g'): number | null {
  if (process.getuid!() !== 0) return null;
  return Number(spawnSync('id', [which, 'postgres'], { encoding: 'utf8' }).stdout);
}

function program(name: string, ...args: readonly string[]): string[] {
  const bin = process.env['TEST_POSTGRES_BIN'];
  if (!bin) {
    throw new Error(
      'TEST_POSTGRES_BIN is not set: TEST_POSTGRES_BIN=/usr/lib/postgresql/17/bin npm run test:instances',
    );
  }
  const uid = runAs('-u');
  const as =
    uid === null ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${runAs('-g')}`, '--clear-groups'];
  return [...as, join(bin, name), ...args];
}

function run(name: string, ...args: readonly string[]): void {
  const [command, ...rest] = program(name, ...args);
  const { status, stderr } = spawnSync(command!, rest, { encoding: 'utf8', cwd: tmpdir() });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
}
