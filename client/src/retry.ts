import { ApiError } from './api-error.js';

/** The server did nothing: any operation may be sent again. */
const REFUSED = new Set(['RATE_LIMITED', 'ISSUER_UNAVAILABLE']);
/** A part of the operation may have been done: only what is safe to repeat is sent again. */
const PASSING = new Set(['OVERLOADED', 'DATABASE_UNAVAILABLE', 'NETWORK_ERROR']);
/** What proxies respond with while a server restarts. */
const PASSING_STATUSES = new Set([502, 503, 504]);

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5000;

/** How long to wait before sending an operation again; null: not at all. */
export function retryDelay(error: unknown, attempt: number, repeatable: boolean): number | null {
  if (!(error instanceof ApiError)) return null;
  const { code, status = 0, retryAfterMs } = error;
  const isPassing = PASSING.has(code) || (code === 'HTTP_ERROR' && PASSING_STATUSES.has(status));
  if (!REFUSED.has(code) && !(repeatable && isPassing)) return null;
  // Clients that were refused together do not come back together.
  const spread = 1 + Math.random() / 4;
  return (retryAfterMs ?? Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS)) * spread;
}

/** Waits, unless the signal aborts before. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    if (signal.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** Retry-After as milliseconds: it is a number of seconds, or a date. */
export function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
