import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { Failure, messageOf } from '../errors.js';
import type { WorkerMessage, WorkerOptions, WorkerRequest } from './embedded-worker.js';

const WORKER_FILE = new URL('./embedded-worker.js', import.meta.url);
/** The name PostgreSQL clients look for in a socket directory. */
const SOCKET_NAME = '.s.PGSQL.5432';
/** What the kernel allows for the path of a Unix socket, less the terminating zero. */
export const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

export interface EmbeddedEngineOptions {
  /** The data directory; absent for a database in memory. */
  readonly dataDir?: string;
  /** A snapshot of another engine to start from; in memory only. */
  readonly snapshot?: Uint8Array;
  /** The compiled worker; tests, which run from source, name it. */
  readonly workerFile?: URL;
  /** Called when the engine ends without having been closed. */
  readonly onFailure: (failure: Failure) => void;
}

/** TimescaleDB in a worker thread, reached like a server through a Unix socket. */
export interface EmbeddedEngine {
  /** The directory with the PostgreSQL socket: a client's `host`. */
  readonly socketDir: string;
  /** The user that clients must give: others are refused. */
  readonly user: string;
  /** A copy of the whole database, from which another engine in memory can start. */
  snapshot(): Promise<Uint8Array>;
  /** Stops the engine with everything written. */
  close(): Promise<void>;
}

/** Starts the embedded engine and waits until it is ready. */
export async function startEmbeddedEngine({
  dataDir,
  snapshot,
  workerFile = WORKER_FILE,
  onFailure,
}: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const socketDir = dataDir ?? (await mkdtemp(join(tmpdir(), 'metrics-')));
  const socketPath = join(socketDir, SOCKET_NAME);
  const removeSocket = (): Promise<void> =>
    rm(dataDir === undefined ? socketDir : socketPath, { recursive: true, force: true });
  // A socket file outlives a process that was killed.
  await rm(socketPath, { force: true });
  // The directory of a database in memory has a name that no other process knows.
  const user = dataDir === undefined ? 'postgres' : randomUUID();
  const workerData: WorkerOptions = {
    socketPath,
    user,
    ...(dataDir === undefined ? {} : { clusterDir: join(dataDir, 'cluster') }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
  // Each task that compiles WebAssembly takes some 30 MiB, which the process does not give back.
  setFlagsFromString('--wasm-num-compilation-tasks=1');
  const worker = new Worker(workerFile, { workerData });
  const post = (request: WorkerRequest): void => worker.postMessage(request);
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  let isClosing = false;
  await new Promise<void>((resolve, reject) => {
    let isReady = false;
    let reason = '';
    worker.once('message', () => {
      isReady = true;
      resolve();
    });
    worker.once('error', (error) => (reason = `: ${messageOf(error)}`));
    worker.once('exit', (code) => {
      if (isClosing) return;
      const where = dataDir ?? 'memory';
      const failure = new Failure(
        `The embedded database in ${where} ended unexpectedly (exit code ${code})${reason}`,
      );
      if (isReady) onFailure(failure);
      else reject(failure);
    });
  }).catch(async (error) => {
    await removeSocket();
    throw error;
  });

  return {
    socketDir,
    user,
    async snapshot() {
      const reply = new Promise<WorkerMessage>((resolve) => worker.once('message', resolve));
      post('snapshot');
      const message = await reply;
      if (message.type !== 'snapshot') throw new Error(`expected a snapshot, got ${message.type}`);
      return message.data;
    },
    async close() {
      isClosing = true;
      post('close');
      await ended;
      await removeSocket();
    },
  };
}
