import type { ClientBase, Connection } from 'pg';
import { onAbort } from '../async/on-abort.js';
import { cancelStatement } from './cancel-statement.js';
import { QUERY_CANCELED, sqlStateOf } from './sql-state.js';

/** How long a statement may go on once it is cancelled: after that its connection leads nowhere. */
const GIVE_UP_MS = 10_000;

/**
 * Runs a statement that is cancelled when the signal aborts, and waits for its end, whichever it
 * is. Throws the signal's reason where it was cancelled: then nothing of it has happened.
 *
 * @param client null: an engine that cannot cancel
 */
export async function cancellable<Result>(
  client: ClientBase | null,
  signal: AbortSignal | undefined,
  statement: () => Promise<Result>,
): Promise<Result> {
  if (!signal) return statement();
  signal.throwIfAborted();
  let cancelling: Promise<void> | undefined;
  let givenUp: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    if (!client) return;
    cancelling = cancelStatement(client);
    givenUp = setTimeout(() => disconnect(client), GIVE_UP_MS);
  };
  const forget = onAbort(signal, cancel);
  try {
    return await statement();
  } catch (error) {
    if (signal.aborted && sqlStateOf(error) === QUERY_CANCELED) throw signal.reason;
    throw error;
  } finally {
    forget();
    clearTimeout(givenUp);
    // Before it has arrived, the next statement of the session could be hit.
    await cancelling;
  }
}

/** Ends a connection without notifying the other end, which may be gone. */
export function disconnect(client: ClientBase): void {
  (client as unknown as { readonly connection: Connection }).connection.stream.destroy();
}
