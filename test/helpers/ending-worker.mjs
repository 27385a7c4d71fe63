/** In place of the embedded engine: a worker that ends by itself, before or after it is ready. */
import { parentPort } from 'node:worker_threads';

if (import.meta.url.endsWith('?at-start')) throw new Error('out of memory');
parentPort.once('message', () => {
  throw new Error('out of memory');
});
parentPort.postMessage({ type: 'ready' });
