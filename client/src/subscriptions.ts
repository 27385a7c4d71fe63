import { createClient } from 'graphql-ws';
import { graphqlFailure } from './api-error.js';
import { graphqlUrl, type ClientOptions } from './client.js';
import type { TypedDocument } from './typed-document.js';

export interface SubscriptionsOptions extends Pick<ClientOptions, 'url' | 'key'> {
  /** The WebSocket class, where there is no global one: Node.js before 22. */
  readonly webSocket?: unknown;
  /** Called when the connection is there, and again when it was renewed. */
  readonly onConnected?: () => void;
}

export interface Subscriptions {
  /**
   * The events of a subscription, until the loop is left or the signal aborts. The connection is
   * opened by the first and is renewed when it breaks; events in between are missed.
   */
  subscribe<Result, Variables extends Record<string, unknown>>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    options?: { readonly signal?: AbortSignal },
  ): AsyncGenerator<Result, void, undefined>;
  /** Ends all subscriptions and the connection. */
  close(): Promise<void>;
}

/** Subscriptions over one WebSocket. */
export function createSubscriptions({
  url,
  key,
  webSocket,
  onConnected,
}: SubscriptionsOptions): Subscriptions {
  const address = graphqlUrl(url);
  address.protocol = address.protocol.replace('http', 'ws');
  const client = createClient({
    url: address.href,
    retryAttempts: Number.POSITIVE_INFINITY,
    ...(onConnected ? { on: { connected: () => onConnected() } } : {}),
    ...(key === undefined ? {} : { connectionParams: { authorization: `Bearer ${key}` } }),
    ...(webSocket === undefined ? {} : { webSocketImpl: webSocket }),
  });
  return {
    async *subscribe<Result, Variables extends Record<string, unknown>>(
      document: TypedDocument<Result, Variables>,
      variables: Variables,
      { signal }: { readonly signal?: AbortSignal } = {},
    ) {
      const events = client.iterate<Result>({ query: document, variables });
      const end = (): void => void events.return?.();
      signal?.throwIfAborted();
      signal?.addEventListener('abort', end, { once: true });
      try {
        for await (const { data, errors } of events) {
          if (errors) throw graphqlFailure(errors, { data });
          if (data) yield data;
        }
      } finally {
        signal?.removeEventListener('abort', end);
      }
    },
    close: async () => client.dispose(),
  };
}
