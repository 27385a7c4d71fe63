import type { Redis } from 'ioredis';

/** How long a request waits for a count, in milliseconds: then this instance counts by itself. */
const COMMAND_TIMEOUT_MS = 200;

/**
 * Connects with a Redis or Valkey server, in the background and again whenever it is lost: what
 * needs it fails at once meanwhile.
 */
export async function connectRedis(url: string, onError: (error: Error) => void): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  let isLost = false;
  redis.on('error', ({ message }: Error) => {
    // One entry for a loss, not one for each attempt. The error itself may carry the password.
    if (!isLost) onError(new Error(message));
    isLost = true;
  });
  redis.on('ready', () => (isLost = false));
  return redis;
}
