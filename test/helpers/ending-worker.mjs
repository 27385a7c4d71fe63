/** In place of the embedded engine: a worker that is ready, and ends by itself when it is used. */
import { parentPort } from 'node:worker_threads';

parentPort.once('message', () => {
  throw new Error('out of memory');
});
parentPort.postMessage({ type: 'ready' });
