import type { ServerResponse } from 'node:http';
import { ServiceError } from '../errors.js';

/** Aborts when the connection ends before the answer has, or when that takes too long; 0: never too long. */
export function requestSignal(response: ServerResponse, timeoutMs: number): AbortSignal {
  const ends = new AbortController();
  const late = (): void => ends.abort(tookTooLong(timeoutMs));
  const timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : undefined;
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) {
      ends.abort(new ServiceError('CLIENT_GONE', 'The client went away before the answer.'));
    }
  });
  return ends.signal;
}

function tookTooLong(timeoutMs: number): ServiceError {
  return new ServiceError(
    'QUERY_TIMEOUT',
    `The operation was stopped: it may take ${timeoutMs / 1000} s. Ask for less at once.`,
  );
}
