import { EventEmitter, once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { UNNAMED_TOKEN } from '../../src/access/caller.js';
import { Database } from '../../src/database/database.js';
import { StatementQueue } from '../../src/database/statement-queue.js';
import { respondToUnreadable } from '../../src/http/unreadable-request.js';
import { KEYED, startAccessServer } from '../access/access-server.js';
import { bearerFor } from '../access/keys.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { whileHeld } from '../helpers/while-held.js';
import { sendRaw } from './raw-request.js';
import { createTestSchema } from './test-schema.js';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.js';
import { collect, createTestClient, openSocket, refusalOf } from './test-sockets.js';

const APP = 'https://app.example';
const SANDBOX = 'https://studio.apollographql.com';
const QUERY = '{ portfolios { totalCount } }';

let db: TestDatabase;
const servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  db = await openTestDatabase({ embedded: 'its one session is held' });
});
afterAll(() => db.close());
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function opened<Server extends { close(): Promise<void> }>(server: Server): Server {
  servers.push(server);
  return server;
}

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const schema = createTestSchema(new EventEmitter());
  return opened(
    await startTestServer({ schema, createContext: ({ caller }) => ({ caller }), ...options }),
  );
}

describe('a page of another site', () => {
  test.each([
    [
      'a form',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{hello}"}' },
    ],
    ['an image', { method: 'GET' }],
  ])('cannot have %s send an operation', async (_, request) => {
    const { url } = await start();
    const path = request.method === 'GET' ? '/graphql?query={hello}' : '/graphql';
    const response = await fetch(url + path, request);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain('world');
  });

  const preflight = async ({ url }: TestServer, origin: string): Promise<string | null> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    });
    return response.headers.get('access-control-allow-origin');
  };

  test('may send requests where it is on the list, and the Sandbox while exploring', async () => {
    const closed = await start({ corsOrigins: [APP], explore: false });
    expect(await preflight(closed, APP)).toBe(APP);
    expect(await preflight(closed, SANDBOX)).toBeNull();
    expect(await preflight(closed, `${APP}.evil`)).toBeNull();
    expect(await preflight(closed, 'null')).toBeNull();
    const exploring = await start({ explore: true });
    expect(await preflight(exploring, SANDBOX)).toBe(SANDBOX);
    expect(await preflight(exploring, APP)).toBeNull();
    const neither = await start({ explore: false });
    expect(await preflight(neither, APP)).toBeNull();
  });

  test('may open a WebSocket on the same terms', async () => {
    const { webSocketUrl } = await start({ corsOrigins: [APP], explore: false });
    (await openSocket(webSocketUrl, { origin: APP })).terminate();
    expect(await refusalOf(webSocketUrl, { origin: SANDBOX })).toMatchObject({ status: 403 });
  });
});

describe('every response', () => {
  test('instructs browsers to do nothing with it', async () => {
    const { url } = await start();
    for (const path of ['/health/live', '/graphql?query={hello}', '/nowhere', '/metrics']) {
      const { headers } = await fetch(url + path, { headers: { 'x-apollo-operation-name': 'a' } });
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none';frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('but the page of the Sandbox, which may do what its own policy says', async () => {
    const { url } = await start({ explore: true });
    const response = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("frame-ancestors 'none'");
    for (const directive of ['default-src', 'script-src', 'style-src', 'img-src', 'frame-src']) {
      expect(policy).not.toContain(directive);
    }
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const page = await response.text();
    expect(page).toContain('Content-Security-Policy');
    expect(page).toContain('embeddable-sandbox');
  });
});

describe('an unexpected error', () => {
  test('is masked with an id that is in the log, over HTTP and in a route of its own', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
    const server = await start({ log });
    const { body } = await server.post({ query: '{ fails }' });
    const text = JSON.stringify(body);
    expect(text).not.toContain('a secret');
    expect(text).not.toContain('.ts');
    const id = /the log has it as ([0-9a-f-]{36})/.exec(text)![1]!;
    expect(lines.filter((line) => line.includes(id) && line.includes('a secret'))).toHaveLength(1);
    const wrong = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).not.toContain(' at ');
  });
});

describe('what cannot be read as a request', () => {
  test.each([
    ['a head that is too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['no HTTP at all', 'HELO there\r\n\r\n', 400],
  ])(
    'gets a response, and the connection is closed, as the response says: %s',
    async (_, sent, status) => {
      const { url } = await start();
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      socket.write(sent);
      // To its end, which a connection that stays open would not have.
      const [head, body] = (await textOf(socket)).split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).toMatch(/^connection: close\r?$/im);
      expect(JSON.parse(body!)).toMatchObject({
        errors: [{ extensions: { code: 'BAD_REQUEST' } }],
      });
    },
  );
});

test('a connection without a request does not delay the end of the server', async () => {
  const closing = await startTestServer({ schema: createTestSchema(new EventEmitter()) });
  const silent = connect(closing.port, '127.0.0.1');
  await once(silent, 'connect');
  // The server knows of a connection once it has responded to a later one.
  await closing.post({ query: '{ __typename }' });
  const ended = once(silent, 'close');
  const started = performance.now();
  await closing.close();
  await ended;
  // Without this it takes the ten seconds that requests in progress have.
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a response under way when the server closes is the last of its connection', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let comes: () => void = () => undefined;
  const hasCome = new Promise<void>((resolve) => (comes = resolve));
  const schema = createTestSchema(new EventEmitter());
  schema.getQueryType()!.getFields()['hello']!.resolve = () => {
    comes();
    return released;
  };
  let isClosing = false;
  const closing = await startTestServer({ schema, isClosing: () => isClosing });
  const response = sendRaw(
    `${closing.url}/graphql`,
    {
      method: 'POST',
      agent: new Agent({ keepAlive: true }),
      headers: { 'content-type': 'application/json' },
    },
    JSON.stringify({ query: '{ hello }' }),
  );
  await hasCome;
  isClosing = true;
  release();
  expect((await response).headers.connection).toBe('close');
  await closing.close();
});

test('a body that is compressed is refused with the reason', async () => {
  const { url } = await start();
  const packed = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync('{"query":"{ __typename }"}'),
  });
  expect(packed.status).toBe(415);
  expect(await packed.json()).toEqual({
    errors: [
      {
        message: 'a request\'s body must not be compressed, but has Content-Encoding "gzip"',
        extensions: { code: 'BAD_REQUEST' },
      },
    ],
  });
});

test('what cannot be read after a request leaves the response to that one alone', async () => {
  const server = createServer((_request, response) => void response.write('the beginning'));
  server.on('clientError', respondToUnreadable).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  let response = String(await once(socket, 'data'));
  socket.write('HELO there\r\n\r\n');
  response += await textOf(socket);
  server.close();
  expect(response).toContain('the beginning');
  expect(response.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('a connection is closed once, however many pieces come that cannot be read', async () => {
  const server = createServer().on('clientError', respondToUnreadable);
  const added: (string | symbol)[] = [];
  server.on('connection', (connection) =>
    connection.on('newListener', (event) => added.push(event)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET /${'x'.repeat(2_000_000)}`);
  socket.resume();
  await once(socket, 'close');
  server.close();
  expect(added.filter((event) => event === 'finish')).toHaveLength(1);
});

describe('the rate of a caller', () => {
  test('is bounded for each key, by name, and for what was refused', async () => {
    const config = { ...KEYED, required: 'always' as const };
    const server = opened(await startAccessServer(db.database, { config, requestsPerMinute: 3 }));
    const keys = await Promise.all(
      ['one', 'two'].map((name) => bearerFor(db.database, 'reader', '*', name)),
    );
    for (const authorization of [...keys, undefined]) {
      const statuses: number[] = [];
      for (let times = 0; times < 5; times += 1) {
        const { status, headers, code, message } = await server.execute(QUERY, authorization);
        statuses.push(status);
        if (status !== 429) continue;
        expect(code).toBe('RATE_LIMITED');
        const seconds = Number(headers.get('retry-after'));
        expect(seconds).toBeGreaterThan(0);
        expect(seconds).toBeLessThanOrEqual(60);
        expect(message).toBe(`A caller may send 3 requests a minute: come back in ${seconds} s.`);
      }
      const before = authorization ? 200 : 401;
      expect(statuses).toEqual([before, before, before, 429, 429]);
    }
    for (let times = 0; times < 10; times += 1) {
      expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    }
    await db.database.write('DELETE FROM api_keys');
  });

  test('clients behind a trusted proxy are counted by their own addresses', async () => {
    const unnamed = { name: UNNAMED_TOKEN, role: 'reader', tenant: 'acme' } as const;
    const server = await start({
      requestsPerMinute: 1,
      trustedProxies: ['loopback'],
      access: { authenticate: async () => unnamed, known: () => unnamed },
    });
    const statusFor = async (client: string): Promise<number> => {
      const url = `${server.url}/graphql?query=${encodeURIComponent('{ hello }')}`;
      const headers = { 'x-forwarded-for': client, 'apollo-require-preflight': '1' };
      return (await fetch(url, { headers })).status;
    };
    expect(await statusFor('198.51.100.7')).toBe(200);
    expect(await statusFor('198.51.100.8')).toBe(200);
    expect(await statusFor('203.0.113.9, 198.51.100.7')).toBe(429);
  });

  test('is not bounded for clients without a credential on the same machine', async () => {
    const server = await start({ requestsPerMinute: 1 });
    for (let times = 0; times < 3; times += 1) {
      expect(await server.post({ query: '{ hello }' })).toMatchObject({ status: 200 });
    }
  });

  test('is bounded for subscriptions, too', async () => {
    const caller = { name: 'key:one', role: 'reader', tenant: '*' } as const;
    const { webSocketUrl } = await start({
      requestsPerMinute: 2,
      access: { authenticate: async () => caller, known: () => caller },
    });
    const client = createTestClient(webSocketUrl);
    const query = 'subscription { numbers(to: 1) }';
    expect(await collect(client, query)).toEqual({ results: [{ data: { numbers: 1 } }] });
    expect(await collect(client, query)).toEqual({ results: [{ data: { numbers: 1 } }] });
    expect(await collect(client, query)).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
    await client.dispose();
  });
});

test('more requests than may wait for the database are refused at once', async () => {
  const database = new Database('embedded', db.database.dataSource, new StatementQueue(2));
  // The keys are looked up before, and known while the database is held.
  const { execute, url } = opened(await startAccessServer(database, { clock: () => 0 }));
  expect(await execute(QUERY)).toMatchObject({ status: 200 });
  const { waiting } = await whileHeld(db.database, async () => {
    const requests = [1, 2, 3, 4].map((n) =>
      execute(
        `mutation { upsertPortfolio(input: { id: "00000000-0000-4000-8000-00000000000${n}", name: "n" }) { id } }`,
      ),
    );
    const first = await Promise.race(requests);
    expect(first).toMatchObject({ status: 503, code: 'OVERLOADED' });
    expect(first.headers.get('retry-after')).toBe('1');
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    return { waiting: requests };
  });
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 503, 503]);
});
