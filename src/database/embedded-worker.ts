/**
 * The worker thread of the embedded engine: TimescaleDB, compiled to WebAssembly, behind a
 * PostgreSQL socket. Everything it says to its parent is a WorkerMessage.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { timescaledb } from '@electric-sql/pglite/timescaledb';
import { SESSION_SETTINGS } from './session-settings.js';
import { respondToConnection } from './startup.js';

export interface WorkerOptions {
  /** Directory of the database cluster; absent for a database in memory. */
  readonly clusterDir?: string;
  /** A database to start from, as `snapshot` gave it. In memory only. */
  readonly snapshot?: Uint8Array;
  readonly socketPath: string;
  /** The user that clients must give to be admitted. */
  readonly user: string;
}
export type WorkerRequest = 'snapshot' | 'close';
export type WorkerMessage =
  { readonly type: 'ready' } | { readonly type: 'snapshot'; readonly data: Uint8Array };

/** pglite-socket counts connections that failed for ever, so leave room. */
const MAX_CONNECTIONS = 1000;

async function run(options: WorkerOptions, post: (message: WorkerMessage) => void): Promise<void> {
  const engine = await PGlite.create({
    ...(options.clusterDir === undefined ? {} : { dataDir: options.clusterDir }),
    ...(options.snapshot ? { loadDataDir: new Blob([new Uint8Array(options.snapshot)]) } : {}),
    extensions: { timescaledb },
  });
  failLoudly(engine);
  // A database that is opened again does not have the extension loaded, and its hypertables
  // would refuse rows; in a new one this loads what the migrations create. The settings are those
  // that connections to a server use.
  await engine.exec(
    ["LOAD 'timescaledb'", ...SESSION_SETTINGS.map((setting) => `SET ${setting}`)].join('; '),
  );
  const server = new PGLiteSocketServer({
    db: served(engine, options.user),
    path: options.socketPath,
    maxConnections: MAX_CONNECTIONS,
  });
  await server.start();
  const sendSnapshot = async (): Promise<void> => {
    const file = await engine.dumpDataDir('none');
    post({ type: 'snapshot', data: new Uint8Array(await file.arrayBuffer()) });
  };
  const close = async (): Promise<void> => {
    await server.stop();
    await engine.close();
    process.exit(0);
  };
  parentPort?.on('message', (request: WorkerRequest) => {
    if (request === 'snapshot') {
      void sendSnapshot();
    } else {
      void close();
    }
  });
  post({ type: 'ready' });
}

/**
 * PostgreSQL's errors are replies to the client. What is thrown instead is a panic or a trap of
 * the engine, which is of no use from then on: left uncaught, it ends this thread.
 */
function failLoudly(engine: PGlite): void {
  const execProtocolRaw = engine.execProtocolRaw.bind(engine);
  engine.execProtocolRaw = async (...request) => {
    try {
      return await execProtocolRaw(...request);
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
      throw error;
    }
  };
}

/**
 * The engine as the socket server uses it. Without `execProtocol` around them PGlite parses all
 * replies and never frees them: all results that were ever read.
 */
function served(engine: PGlite, user: string): PGlite {
  const used: Pick<
    PGlite,
    'waitReady' | 'isInTransaction' | 'runExclusive' | 'exec' | 'execProtocolRaw'
  > = {
    waitReady: engine.waitReady,
    isInTransaction: () => engine.isInTransaction(),
    runExclusive: (work) => engine.runExclusive(work),
    exec: (statements) => engine.exec(statements),
    async execProtocolRaw(message) {
      const response = respondToConnection(message, user);
      if (response) return response;
      const { data } = await engine.execProtocol(message, { throwOnError: false });
      return data;
    },
  };
  return used as PGlite;
}

if (!isMainThread) {
  await run(workerData as WorkerOptions, (message) => parentPort?.postMessage(message));
}
