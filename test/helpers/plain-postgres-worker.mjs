/** In place of the embedded engine: PostgreSQL without TimescaleDB, behind the same socket. */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const engine = await PGlite.create();
const server = new PGLiteSocketServer({
  db: engine,
  path: workerData.socketPath,
  maxConnections: 10,
});
await server.start();
parentPort.once('message', async () => {
  await server.stop();
  await engine.close();
  process.exit(0);
});
parentPort.postMessage({ type: 'ready' });
