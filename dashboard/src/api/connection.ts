import { signal } from '@preact/signals';
import { ApiError } from '../../../client/src/index.js';
import { needsKey } from './session.js';

/** When the server last responded, and why it does not since; numbers on the screen are of then. */
export const connection = signal<{
  readonly respondedAt: Date | null;
  readonly failure: string | null;
}>({ respondedAt: null, failure: null });

export function noteResponse(): void {
  connection.value = { respondedAt: new Date(), failure: null };
}

/** What an error says of the connection; one that is about the request itself says nothing. */
export function noteError(error: unknown): void {
  if (!(error instanceof ApiError)) return;
  if (error.code === 'UNAUTHENTICATED') needsKey.value = true;
  const { respondedAt } = connection.value;
  const isReached = error.status !== undefined && error.code !== 'HTTP_ERROR';
  connection.value = isReached
    ? { respondedAt: new Date(), failure: null }
    : { respondedAt, failure: error.message };
}
