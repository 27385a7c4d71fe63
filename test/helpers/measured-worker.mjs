/** The worker of the embedded engine, which reports how many bytes its heap holds on request. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const channel = new BroadcastChannel('heap of the engine');
channel.addEventListener('message', ({ data }) => {
  if (data !== 'how much') return;
  collectGarbage();
  channel.postMessage(getHeapStatistics().used_heap_size);
});

await import('../../dist/src/database/embedded-worker.js');
