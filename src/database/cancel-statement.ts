import type { ConnectionOptions } from 'node:tls';
import { Connection, type ClientBase } from 'pg';

/** How long the server may take to take a request to cancel. */
const TIMEOUT_MS = 5000;

/** What pg's client knows of its session. */
interface Session {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean | ConnectionOptions;
  readonly processID: number;
  readonly secretKey: number;
}

/** pg's connection, as far as its types leave it out. */
interface RawConnection extends Connection {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/**
 * Cancels the statement that a client runs, in the way PostgreSQL has for it: a connection of its
 * own, without a password, encrypted as the client's is. Works when the pool has no connection
 * left, and through poolers. Never fails: a statement that cannot be cancelled ends by itself. Is
 * done when the server has acted on it, so that what is sent to the session next is not hit.
 */
export function cancelStatement(client: ClientBase): Promise<void> {
  const { host, port, ssl, processID, secretKey } = client as unknown as Session;
  const connection = new Connection({ ssl }) as RawConnection;
  return new Promise<void>((resolve) => {
    const timer = setTimeout(() => connection.stream.destroy(), TIMEOUT_MS);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const send = (): void => connection.cancel(processID, secretKey);
    connection.on('connect', () => (ssl ? connection.requestSsl() : send()));
    connection.on('sslconnect', send);
    connection.on('error', () => connection.stream.destroy());
    connection.on('end', end);
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}
