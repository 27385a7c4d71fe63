import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ANYBODY, type Caller } from '../access/caller.js';
import { isLoopback } from '../access/loopback.js';
import { ServiceError } from '../errors.js';
import { callerKey } from './caller-key.js';

const SECONDS = 60;

/** Limits the requests of each caller. */
export interface RateLimit {
  /** Counts a request of a caller, or as many as it is worth; throws RATE_LIMITED when they are too many. */
  count(caller: Caller, address: string, requests?: number): Promise<void>;
  /** Counts a request whose credential was refused or not checked, by the address it came from. */
  countRefused(address: string): Promise<void>;
}

/**
 * So many requests a minute for each key and for each subject of tokens in a tenant, and for each
 * address of callers without a name of their own; 0: any number. With a Redis or Valkey server
 * all instances count together; while it is gone, each counts for itself.
 */
export function createRateLimit(requestsPerMinute: number, redis?: Redis): RateLimit {
  if (requestsPerMinute === 0) return { count: unlimited, countRefused: unlimited };
  const bound = { points: requestsPerMinute, duration: SECONDS, keyPrefix: 'rolling-metrics' };
  const memory = new RateLimiterMemory(bound);
  const limiter = redis
    ? new RateLimiterRedis({
        ...bound,
        storeClient: redis,
        insuranceLimiter: memory,
        // A caller over the bound is refused without another request to Redis.
        inMemoryBlockOnConsumed: requestsPerMinute + 1,
      })
    : memory;
  const consume = async (key: string, requests = 1): Promise<void> => {
    try {
      await limiter.consume(key, requests);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const seconds = Math.ceil(error.msBeforeNext / 1000);
      throw new ServiceError(
        'RATE_LIMITED',
        `A caller may send ${requestsPerMinute} requests a minute: come back in ${seconds} s.`,
        new Map([['retry-after', String(seconds)]]),
      );
    }
  };
  return {
    async count(caller, address, requests) {
      // Callers on this machine that need no credential are developers and benchmarks.
      if (caller === ANYBODY && isLoopback(address)) return;
      await consume(callerKey(caller, address), requests);
    },
    countRefused: (address) => consume(`refused:${address}`),
  };
}

async function unlimited(): Promise<void> {
  // Nothing to count.
}
