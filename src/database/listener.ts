import pRetry from 'p-retry';
import { Client } from 'pg';
import { CONNECT_TIMEOUT_MS } from './data-source.js';

export interface Listener {
  close(): Promise<void>;
}

/** How long to wait before a connection that was lost is made again, at least and at most. */
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 1000;

/**
 * Listens to a channel of a server on a connection of its own, which is made again whenever it
 * is lost. Notifications sent meanwhile are missed.
 */
export function listen(
  url: string,
  channel: string,
  onNotification: (payload: string) => void,
): Listener {
  const closing = new AbortController();
  let client: Client | undefined;
  const connect = async (): Promise<void> => {
    const next = new Client({
      connectionString: url,
      application_name: 'rolling-portfolio-metrics-listener',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    const lost = (): void => {
      next.removeAllListeners('end');
      if (client === next && !closing.signal.aborted) keepConnected();
    };
    // The error that ends a connection is followed by its end.
    next.on('error', () => undefined);
    next.on('notification', ({ payload }) => onNotification(payload ?? ''));
    await next.connect();
    if (closing.signal.aborted) return next.end();
    try {
      await next.query(`LISTEN ${channel}`);
    } catch (error) {
      await next.end();
      throw error;
    }
    client = next;
    next.once('end', lost);
  };
  const keepConnected = (): void => {
    void pRetry(connect, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: MIN_WAIT_MS,
      maxTimeout: MAX_WAIT_MS,
      signal: closing.signal,
    }).catch(() => undefined);
  };
  keepConnected();
  return {
    async close() {
      closing.abort();
      await client?.end();
    },
  };
}
