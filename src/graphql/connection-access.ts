import { CloseCode } from 'graphql-ws';
import { ServiceError } from '../errors.js';
import type { ConnectionPlace } from '../limits/connection-limit.js';

/** What RFC 6455 calls "try again later". */
export const TRY_AGAIN_LATER = 1013;

/** What a connection lets its server do with it. */
export interface ConnectionExtra {
  /** Where it comes from. */
  readonly address: string;
  readonly place: ConnectionPlace;
  readonly close: (code: number, reason: string) => void;
}

/** The credential that the client sent in connection_init; undefined for none. */
export function authorizationOf(
  connectionParams: Readonly<Record<string, unknown>> | undefined,
): unknown {
  return connectionParams?.['authorization'] ?? connectionParams?.['Authorization'] ?? undefined;
}

/**
 * The result of `work`. Where it refuses the credential the connection is closed (4401), and where
 * that could not be checked it is closed with a request to retry (1013); both return null.
 */
export async function orClose<Result>(
  { close }: Pick<ConnectionExtra, 'close'>,
  work: () => Promise<Result>,
  onError: (error: unknown) => void,
): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'UNAUTHENTICATED') {
      close(CloseCode.Unauthorized, 'Unauthorized');
    } else {
      onError(error);
      close(TRY_AGAIN_LATER, 'Try again later');
    }
    return null;
  }
}
