import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLError, type ValidationContext } from 'graphql';
import type { Client } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { ANYBODY, type Caller } from '../../src/access/caller.js';
import { createTestSchema } from './test-schema.js';
import { startTestServer, type TestServer } from './test-server.js';
import { closeCodeOf, collect, createTestClient, openSocket, refusalOf } from './test-sockets.js';

const SANDBOX = 'https://studio.apollographql.com';

const events = new EventEmitter();
let contexts = 0;
let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startTestServer({
    schema: createTestSchema(events),
    createContext: () => ({ n: (contexts += 1) }),
    validationRules: [noNumbersToOneHundred],
  });
});
afterAll(() => server.close());
afterEach(() => client?.dispose());

function noNumbersToOneHundred(context: ValidationContext) {
  return {
    IntValue(node: { readonly value: string }) {
      if (node.value === '100') context.reportError(new GraphQLError('100 is too many.'));
    },
  };
}

describe('operations', () => {
  test('events come in order, then the end', async () => {
    client = createTestClient(server.webSocketUrl);
    expect(await collect(client, 'subscription { numbers(to: 3) }')).toEqual({
      results: [1, 2, 3].map((numbers) => ({ data: { numbers } })),
    });
  });

  test('several share a connection, and the name and variables choose', async () => {
    client = createTestClient(server.webSocketUrl);
    const query = `subscription A($to: Int!) { numbers(to: $to) }
      subscription B { numbers(to: 1) }`;
    const [first, second] = await Promise.all([
      collect(client, query, { operationName: 'A', variables: { to: 2 } }),
      collect(client, query, { operationName: 'B' }),
    ]);
    expect([first.results.length, second.results.length]).toEqual([2, 1]);
  });

  test('each event has a context of its own, so no loader holds what was read for another', async () => {
    client = createTestClient(server.webSocketUrl);
    expect(await collect(client, 'subscription { contexts }')).toEqual({
      results: [{ data: { contexts: 1 } }, { data: { contexts: 2 } }],
    });
  });

  test.each(['query', 'mutation'])('a %s is refused', async (operation) => {
    client = createTestClient(server.webSocketUrl);
    expect(await collect(client, `${operation} { __typename }`)).toEqual({
      results: [],
      errors: [
        {
          message: `Only subscriptions are taken over WebSocket, but got a ${operation}; send it over HTTP.`,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
  });

  test('a subscription over HTTP is refused', async () => {
    expect(await server.post({ query: 'subscription { numbers(to: 3) }' })).toEqual({
      status: 400,
      body: {
        errors: [
          {
            message:
              'Subscriptions are not taken over HTTP; send this one over WebSocket (graphql-transport-ws) to the same address.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      },
    });
  });

  test.each([
    ['that cannot be parsed', { query: 'subscription {' }],
    ['nested beyond what the parser can follow', { query: '{a'.repeat(50_000) }],
    ['that is not valid', { query: 'subscription { nothing }' }],
    ['with an argument of the wrong type', { query: 'subscription { numbers(to: "x") }' }],
    ['of another name', { query: 'subscription A { numbers(to: 1) }', operationName: 'B' }],
    ['without the name', { query: 'subscription A { heard } subscription B { heard }' }],
  ])('a document %s gets the errors that HTTP gives', async (_what, operation) => {
    client = createTestClient(server.webSocketUrl);
    const { query, ...rest } = operation;
    const { results, errors } = await collect(client, query, rest);
    const { body } = await server.post(operation);
    expect(results).toEqual([]);
    expect(errors).toEqual((body as { errors: unknown }).errors);
    expect(errors).not.toHaveLength(0);
  });

  test('a variable of the wrong type is the error of the client', async () => {
    client = createTestClient(server.webSocketUrl);
    const query = 'subscription ($to: Int!) { numbers(to: $to) }';
    expect(await collect(client, query, { variables: { to: 'x' } })).toEqual({
      results: [
        {
          errors: [
            {
              message:
                'Variable "$to" got invalid value "x"; Int cannot represent non-integer value: "x"',
              locations: [{ line: 1, column: 15 }],
              extensions: { code: 'BAD_USER_INPUT' },
            },
          ],
        },
      ],
    });
  });

  test('rules beside those of the specification hold too', async () => {
    client = createTestClient(server.webSocketUrl);
    expect(await collect(client, 'subscription { numbers(to: 100) }')).toEqual({
      results: [],
      errors: [{ message: '100 is too many.', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  });

  test.each([
    ['of its field', 'subscription { numbers(to: 2) @include(if: false) }', undefined],
    [
      'of its fragments',
      'subscription { ...F } fragment F on Subscription { ... @skip(if: true) { numbers(to: 2) } }',
      undefined,
    ],
    [
      'with a variable',
      'subscription ($no: Boolean!) { numbers(to: 2) @include(if: $no) }',
      [
        {
          message: 'The field of a subscription takes no @skip or @include with a variable',
          locations: [{ line: 1, column: 60 }],
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    ],
  ])('one that directives leave nothing of ends alone: %s', async (_, query, errors) => {
    client = createTestClient(server.webSocketUrl);
    const other = collect(client, 'subscription { numbers(to: 2) }');
    const ended = await collect(client, query, { variables: { no: false } });
    expect(ended).toEqual({ results: [], ...(errors ? { errors } : {}) });
    expect((await other).results).toHaveLength(2);
    // On the same connection, which is still there.
    expect((await collect(client, 'subscription { numbers(to: 1) }')).results).toHaveLength(1);
  });

  test('without exploring errors suggest nothing of the schema', async () => {
    const closed = await startTestServer({ schema: createTestSchema(events), explore: false });
    for (const each of [closed, server]) {
      const { url } = each;
      const { body } = await each.post({ query: '{ helo }' });
      client = createTestClient(each.webSocketUrl);
      const { errors } = await collect(client, 'subscription { number(to: 1) }');
      const texts = [JSON.stringify(body), JSON.stringify(errors)];
      for (const text of texts) {
        expect(text.includes('Did you mean')).toBe(url === server.url);
        expect(text).toMatch(/Cannot query field .{3,12} on type .{3,20}\./);
      }
    }
    await closed.close();
  });

  test('an error meant for the client stays as it is', async () => {
    client = createTestClient(server.webSocketUrl);
    const { results } = await collect(client, 'subscription { refuses }');
    expect(results).toMatchObject([
      { errors: [{ message: 'viewName must be polite', extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
  });

  test.each(['failsToStart', 'failsToResolve', 'breaks'])(
    'an unexpected error is masked, and the connection stays: %s',
    async (field) => {
      client = createTestClient(server.webSocketUrl);
      const { results, errors = [] } = await collect(client, `subscription { ${field} }`);
      const all = [
        ...results.flatMap((result) => (result as { errors?: unknown[] }).errors ?? []),
        ...(errors as unknown[]),
      ];
      expect(all).toEqual([
        expect.objectContaining({
          message: expect.stringMatching(
            /^Something went wrong here; the log has it as [-0-9a-f]{36}\.$/,
          ),
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        }),
      ]);
      expect(await collect(client, 'subscription { numbers(to: 1) }')).toEqual({
        results: [{ data: { numbers: 1 } }],
      });
    },
  );

  test('ending a subscription ends its source, also while that waits', async () => {
    client = createTestClient(server.webSocketUrl);
    const started = listening('newListener');
    const stop = client.subscribe(
      { query: 'subscription { heard }' },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await started;
    const ended = listening('removeListener');
    stop();
    await ended;
    expect(events.listenerCount('heard')).toBe(0);
  });

  test('losing the connection ends its sources', async () => {
    const socket = await subscribeRaw(server, 1);
    const ended = listening('removeListener');
    socket.terminate();
    await ended;
    expect(events.listenerCount('heard')).toBe(0);
  });
});

describe('connections', () => {
  test.each([
    ['no origin', () => ({})],
    ['the origin of the server', () => ({ origin: server.url })],
    ['the hosted Sandbox', () => ({ origin: SANDBOX })],
  ])('%s may connect', async (_what, options) => {
    const socket = await openSocket(server.webSocketUrl, options());
    socket.close();
    expect(await closeCodeOf(socket)).toBe(1005);
  });

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', `${SANDBOX}.evil.example`])(
    'a page of %s may not',
    async (origin) => {
      expect(await refusalOf(server.webSocketUrl, { origin })).toEqual({
        status: 403,
        sentence: `Pages of ${origin} may not connect.`,
      });
    },
  );

  test('without exploring the Sandbox may not', async () => {
    const closed = await startTestServer({ schema: createTestSchema(events), explore: false });
    const { status } = await refusalOf(closed.webSocketUrl, { origin: SANDBOX });
    await closed.close();
    expect(status).toBe(403);
  });

  test('another path is not found', async () => {
    const { status } = await refusalOf(`${server.webSocketUrl}/other`);
    expect(status).toBe(404);
  });

  test('another protocol is refused', async () => {
    const socket = await openSocket(server.webSocketUrl, {}, 'mqtt').catch((error: Error) => error);
    // The client of ws gives up by itself when its protocol is not taken.
    expect(socket).toEqual(new Error('Server sent no subprotocol'));
  });

  test('a message of more than 1 MiB ends the connection', async () => {
    const socket = await openSocket(server.webSocketUrl);
    const message = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(1_048_576) } });
    socket.send(message);
    expect(await closeCodeOf(socket)).toBe(1009);
  });

  test('what is no message of the protocol ends the connection', async () => {
    const socket = await openSocket(server.webSocketUrl);
    socket.send('hello');
    expect(await closeCodeOf(socket)).toBe(4400);
  });

  test('a connection takes so many subscriptions at a time', async () => {
    const small = await startTestServer({ schema: createTestSchema(events), maxSubscriptions: 2 });
    const socket = await subscribeRaw(small, 2);
    const refused = nextMessage(socket);
    socket.send(subscribeMessage('third'));
    expect(await refused).toEqual({
      id: 'third',
      type: 'error',
      payload: [
        {
          message: 'A connection takes at most 2 subscriptions at a time; end one before another.',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    const ended = listening('removeListener');
    socket.send(JSON.stringify({ id: '0', type: 'complete' }));
    await ended;
    const started = listening('newListener');
    socket.send(subscribeMessage('fourth'));
    await started;
    await small.close();
  });

  test('a server takes so many connections at a time', async () => {
    const small = await startTestServer({
      schema: createTestSchema(events),
      limits: { maxConnections: 1 },
    });
    const first = await openSocket(small.webSocketUrl);
    expect(await refusalOf(small.webSocketUrl)).toEqual({
      status: 503,
      sentence: 'The server has its 1 connections; try later.',
    });
    const closed = closeCodeOf(first);
    first.close();
    await closed;
    const second = await openSocket(small.webSocketUrl);
    const goingAway = closeCodeOf(second);
    await small.close();
    expect(await goingAway).toBe(1001);
  });

  test('a caller has so many connections at a time, before and after it is known', async () => {
    const known = (name: string): Caller => ({ name, role: 'reader', tenant: 'acme' });
    const small = await startTestServer({
      schema: createTestSchema(events),
      limits: { connectionsPerCaller: 2 },
      access: {
        authenticate: async (name) => (typeof name === 'string' ? known(name) : ANYBODY),
        known: () => ANYBODY,
      },
      createContext: ({ caller }) => ({ caller }),
    });
    const initiate = async (authorization: string): Promise<[WebSocket, unknown]> => {
      const socket = await openSocket(small.webSocketUrl);
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
      const outcome = Promise.race([
        nextMessage(socket),
        once(socket, 'close').then(([code, reason]) => `${code} ${reason}`),
      ]);
      return [socket, await outcome];
    };
    const [first] = await initiate('key:a');
    await initiate('key:a');
    expect((await initiate('key:a'))[1]).toBe(
      '1013 The caller has too many connections; close one first.',
    );
    expect((await initiate('key:b'))[1]).toEqual({ type: 'connection_ack' });
    const closed = closeCodeOf(first);
    first.close();
    await closed;
    expect((await initiate('key:a'))[1]).toEqual({ type: 'connection_ack' });
    await openSocket(small.webSocketUrl);
    await openSocket(small.webSocketUrl);
    expect(await refusalOf(small.webSocketUrl)).toEqual({
      status: 429,
      sentence: '127.0.0.1 has its 2 connections; close one first.',
    });
    await small.close();
  });

  test('clients are pinged, and one that does not reply is cut off', async () => {
    const eager = await startTestServer({
      schema: createTestSchema(events),
      limits: { pingEveryMs: 200 },
    });
    const alive = await openSocket(eager.webSocketUrl);
    const dead = await openSocket(eager.webSocketUrl, { autoPong: false });
    expect(await closeCodeOf(dead)).toBe(1006);
    expect(alive.readyState).toBe(alive.OPEN);
    await once(alive, 'ping');
    await eager.close();
  });
});

describe('closing', () => {
  test('notifies clients that the server goes away and ends their sources', async () => {
    const closing = await startTestServer({ schema: createTestSchema(events) });
    const socket = await subscribeRaw(closing, 1);
    const code = closeCodeOf(socket);
    const ended = listening('removeListener');
    await closing.close();
    expect(await code).toBe(1001);
    await ended;
  });

  test('cuts off a client that does not close its side', async () => {
    const closing = await startTestServer({
      schema: createTestSchema(events),
      limits: { drainMs: 50 },
    });
    const deaf = await upgradeByHand(closing.port);
    const cut = once(deaf, 'close');
    await closing.close();
    await expect(cut).resolves.toBeDefined();
  });

  test('takes no connection any more', async () => {
    const closing = await startTestServer({
      schema: createTestSchema(events),
      isClosing: () => true,
    });
    const refused = await refusalOf(closing.webSocketUrl);
    await closing.close();
    expect(refused).toEqual({ status: 503, sentence: 'The server is shutting down.' });
  });
});

test('an offer of another upgrade is ignored: the request gets its response, and the next one too', async () => {
  const body = JSON.stringify({ query: '{ hello }' });
  const socket = connect(server.port, '127.0.0.1');
  for (const request of ['first', 'second']) {
    socket.write(
      [
        'POST /graphql HTTP/1.1',
        `Host: 127.0.0.1:${server.port}`,
        `X-Request: ${request}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        // As Java's HTTP client does.
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAEAAEAAAAIAAAAB',
        '',
        body,
      ].join('\r\n'),
    );
    const [response] = (await once(socket, 'data')) as [Buffer];
    expect(response.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"data":\{"hello":"world"\}\}/);
  }
  socket.destroy();
});

/** When a subscription starts or ends to listen. */
function listening(change: 'newListener' | 'removeListener'): Promise<void> {
  return new Promise((resolve) => {
    const check = (name: string): void => {
      if (name !== 'heard') return;
      events.off(change, check);
      resolve();
    };
    events.on(change, check);
  });
}

/** Opens a connection with so many subscriptions of `heard`, named "0", "1" and so on. */
async function subscribeRaw({ webSocketUrl }: TestServer, count: number): Promise<WebSocket> {
  const socket = await openSocket(webSocketUrl);
  const acknowledged = nextMessage(socket);
  socket.send(JSON.stringify({ type: 'connection_init' }));
  expect(await acknowledged).toEqual({ type: 'connection_ack' });
  for (let id = 0; id < count; id += 1) {
    const started = listening('newListener');
    socket.send(subscribeMessage(String(id)));
    await started;
  }
  return socket;
}

function subscribeMessage(id: string): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query: 'subscription { heard }' } });
}

async function nextMessage(socket: WebSocket): Promise<unknown> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString());
}

/** A WebSocket that never sends anything once it is open. */
async function upgradeByHand(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    [
      'GET /graphql HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: graphql-transport-ws',
      '',
      '',
    ].join('\r\n'),
  );
  await once(socket, 'data');
  return socket;
}
