import type { ServerResponse } from 'node:http';
import { ServiceError } from '../errors.js';

/**
 * Aborts when the connection ends before the response does, at once if it did, or when the response
 * takes too long; 0: never too long.
 */
export function requestSignal(response: ServerResponse, timeoutMs: number): AbortSignal {
  const ends = new AbortController();
  const end = (code: 'CLIENT_GONE' | 'QUERY_TIMEOUT', sentence: string): void =>
    ends.abort(new ServiceError(code, sentence));
  const gone = (): void => end('CLIENT_GONE', 'The client went away before the response.');
  const late = (): void =>
    end(
      'QUERY_TIMEOUT',
      `The operation was stopped: it may take ${timeoutMs / 1000} s. Request less at once.`,
    );
  if (response.destroyed) {
    gone();
    return ends.signal;
  }
  const timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : undefined;
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) gone();
  });
  return ends.signal;
}
