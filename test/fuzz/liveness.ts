import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 20;

/** Checks all the time whether a server is live. */
export function watchLiveness(url: string): {
  /** Stops, and gives how long the longest response took, in milliseconds. */
  stop(): Promise<number>;
} {
  const live = new URL('/health/live', url);
  const stopped = new AbortController();
  let longestMs = 0;
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      const started = performance.now();
      await (await fetch(live)).text();
      longestMs = Math.max(longestMs, performance.now() - started);
      await delay(EVERY_MS);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await watching;
      return Math.round(longestMs);
    },
  };
}
