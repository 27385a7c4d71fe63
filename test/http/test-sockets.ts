import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket, type ClientOptions } from 'ws';

/** A client as a frontend has it; it connects when it first subscribes. */
export function createTestClient(url: string): Client {
  return createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
}

/** Everything a subscription gives: its results, and the errors that ended it if any did. */
export async function collect(
  client: Client,
  query: string,
  {
    variables,
    operationName,
  }: { variables?: Record<string, unknown>; operationName?: string } = {},
): Promise<{ readonly results: unknown[]; readonly errors?: unknown }> {
  const results: unknown[] = [];
  return new Promise((resolve) => {
    client.subscribe(
      { query, ...(variables ? { variables } : {}), ...(operationName ? { operationName } : {}) },
      {
        next: (result) => results.push(result),
        error: (errors) => resolve({ results, errors }),
        complete: () => resolve({ results }),
      },
    );
  });
}

/** Opens a WebSocket. */
export async function openSocket(
  url: string,
  options: ClientOptions = {},
  protocol = 'graphql-transport-ws',
): Promise<WebSocket> {
  const socket = new WebSocket(url, protocol, options);
  await once(socket, 'open');
  return socket;
}

/** The response to an attempt to open a WebSocket that is refused. */
export async function refusalOf(
  url: string,
  options: ClientOptions = {},
): Promise<{ readonly status: number | undefined; readonly sentence: string }> {
  const socket = new WebSocket(url, 'graphql-transport-ws', options);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  return { status: response.statusCode, sentence: await text(response) };
}

/** The code with which a socket is closed. */
export async function closeCodeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}
