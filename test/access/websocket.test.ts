import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import { ApiKeyStore } from '../../src/access/api-key-store.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { openSocket } from '../http/test-sockets.js';
import { KEYED, startAccessServer, type AccessServer } from './access-server.js';
import { AUDIENCE, claims, ISSUER, signWithSecret } from './jwks-server.js';
import { bearerFor } from './keys.js';

const SECRET = 'a secret of thirty-two bytes or more';
const SUBSCRIBE = { query: 'subscription { aggregateRefreshed { state } }' };
const NOTICED_MS = 1100;

let db: TestDatabase;
let server: AccessServer;
let socket: WebSocket;
/** What the clock of the server shows, apart from the true time. */
let aheadMs = 0;

beforeAll(async () => {
  db = await openTestDatabase();
  await insertPortfolio(db.database, portfolioId(1), [{ day: '2024-01-02', return: 0.01 }]);
  server = await startAccessServer(db.database, {
    config: {
      ...KEYED,
      required: 'always',
      jwt: { issuer: ISSUER, audience: AUDIENCE, clockSkewSeconds: 0, secret: SECRET },
    },
    now: () => new Date(Date.now() + aheadMs),
  });
});
afterAll(async () => {
  await server.close();
  await db.close();
});
beforeEach(() => {
  aheadMs = 0;
});
afterEach(() => socket?.terminate());

/** Opens a connection and says connection_init with this payload. */
async function init(payload?: Record<string, unknown>): Promise<void> {
  socket = await openSocket(server.webSocketUrl);
  send('connection_init', payload);
}

function send(type: string, payload?: unknown): void {
  socket.send(JSON.stringify({ type, ...(type === 'subscribe' ? { id: '1' } : {}), payload }));
}

async function message(): Promise<{ type: string; payload?: unknown }> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString()) as { type: string };
}

async function closed(): Promise<[number, string]> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return [code, reason.toString()];
}

/** Starts a refresh, which makes events. */
const refresh = async (): Promise<void> => {
  const operator = await bearerFor(db.database, 'operator', '*');
  const { status } = await server.execute(
    'mutation { refreshAggregate(viewName: PORTFOLIO_METRICS_30D_ROLLING) { state } }',
    operator,
  );
  expect(status).toBe(200);
};

describe('connection_init', () => {
  test.each([
    ['nothing', undefined],
    ['no credential', { authorization: null }],
    ['a wrong credential', { authorization: 'Bearer wrong' }],
    ['a credential of another kind', { authorization: { bearer: true } }],
    ['a key that was never made', { authorization: `Bearer rpm_${'0'.repeat(64)}` }],
    ['a very long one', { authorization: `Bearer ${'x'.repeat(100_000)}` }],
  ])('with %s closes the connection (4401)', async (_, payload) => {
    await init(payload);
    expect(await closed()).toEqual([4401, 'Unauthorized']);
  });

  test.each(['authorization', 'Authorization'])(
    'with a key in %s is acknowledged',
    async (name) => {
      await init({ [name]: await bearerFor(db.database, 'reader', 'acme') });
      await delay(0);
      expect(await message()).toEqual({ type: 'connection_ack' });
    },
  );

  test('must come before anything else', async () => {
    socket = await openSocket(server.webSocketUrl);
    send('subscribe', SUBSCRIBE);
    expect(await closed()).toEqual([4401, 'Unauthorized']);
  });
});

describe('a connection', () => {
  test('hears refreshes, until its key is revoked', async () => {
    await init({ authorization: await bearerFor(db.database, 'reader', 'acme', 'watcher') });
    await message();
    send('subscribe', SUBSCRIBE);
    const heard = message();
    await delay(50);
    await refresh();
    expect(await heard).toMatchObject({
      type: 'next',
      payload: { data: { aggregateRefreshed: { state: expect.any(String) } } },
    });
    await new ApiKeyStore(db.database).revoke('watcher');
    await delay(NOTICED_MS);
    const end = closed();
    await refresh();
    expect(await end).toEqual([4401, 'Unauthorized']);
  });

  test('takes no new operation once its token has expired', async () => {
    const token = await signWithSecret(SECRET, claims(new Date()));
    await init({ authorization: `Bearer ${token}` });
    expect(await message()).toEqual({ type: 'connection_ack' });
    aheadMs = 61_000;
    const end = closed();
    send('subscribe', SUBSCRIBE);
    expect(await end).toEqual([4401, 'Unauthorized']);
  });

  test('whose credential cannot be checked is closed with a request to retry', async () => {
    await delay(NOTICED_MS);
    await db.database.write('ALTER TABLE api_keys RENAME TO hidden');
    try {
      await init({ authorization: `Bearer rpm_${'0'.repeat(64)}` });
      expect(await closed()).toEqual([1013, 'Try again later']);
    } finally {
      await db.database.write('ALTER TABLE hidden RENAME TO api_keys');
    }
  });
});
