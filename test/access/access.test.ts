import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkConfigured } from '../../src/access/access.js';
import { ApiKeyStore } from '../../src/access/api-key-store.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { sendRaw } from '../http/raw-request.js';
import { openSocket, refusalOf } from '../http/test-sockets.js';
import { KEYED, startAccessServer, type AccessServer } from './access-server.js';
import { AUDIENCE, claims, ISSUER, signWithSecret, startJwksServer } from './jwks-server.js';
import { bearerFor } from './keys.js';

const QUERY = '{ portfolios { totalCount } }';
const SECRET = 'a secret of thirty-two bytes or more';
const JWT = { issuer: ISSUER, audience: AUDIENCE, clockSkewSeconds: 30 };
/** How long a change of the keys may take to be noticed. */
const NOTICED_MS = 1100;

let db: TestDatabase;
const servers: AccessServer[] = [];

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.database.write('DELETE FROM api_keys'));
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Parameters<typeof startAccessServer>[1] = {}): Promise<AccessServer> {
  const server = await startAccessServer(db.database, options);
  servers.push(server);
  return server;
}

describe('without anything configured', () => {
  test('every client is admitted, but not with a wrong credential', async () => {
    const { execute } = await start();
    expect(await execute(QUERY)).toMatchObject({
      status: 200,
      data: { portfolios: { totalCount: 0 } },
    });
    expect(await execute(QUERY, 'Bearer wrong')).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
      data: undefined,
    });
  });

  test('the first key closes it, and the last one that is revoked opens it, within a second', async () => {
    const { execute } = await start();
    expect(await execute(QUERY)).toMatchObject({ status: 200 });
    const key = await bearerFor(db.database, 'reader', '*', 'first');
    await delay(NOTICED_MS);
    expect(await execute(QUERY)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await execute(QUERY, key)).toMatchObject({ status: 200 });
    expect(await new ApiKeyStore(db.database).revoke('first')).toBe(true);
    await delay(NOTICED_MS);
    expect(await execute(QUERY, key)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await execute(QUERY)).toMatchObject({ status: 200 });
  });
});

describe('the Host of a request without a credential', () => {
  const statusAt = async ({ url }: AccessServer, host: string, authorization?: string) => {
    const headers = {
      host,
      'content-type': 'application/json',
      ...(authorization && { authorization }),
    };
    const { status, body } = await sendRaw(
      `${url}/graphql`,
      { method: 'POST', headers },
      JSON.stringify({ query: QUERY }),
    );
    return { status, text: body.toString() };
  };
  const upgradeAt = async ({ webSocketUrl }: AccessServer, host: string) => {
    try {
      (await openSocket(webSocketUrl, { headers: { host } })).terminate();
      return null;
    } catch {
      return refusalOf(webSocketUrl, { headers: { host } });
    }
  };

  test('is a loopback name or an allowed one, against DNS rebinding', async () => {
    const server = await start({ allowedHosts: ['metrics.example'] });
    for (const host of [
      'localhost',
      'LOCALHOST:80',
      '127.0.0.1:4000',
      '127.9.8.7',
      '[::1]:4000',
      'metrics.example:1',
    ]) {
      expect(await statusAt(server, host)).toMatchObject({ status: 200 });
      expect(await upgradeAt(server, host)).toBeNull();
    }
    for (const host of [
      'evil.example',
      'evil.example:4000',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '128.0.0.1',
      '[::2]',
    ]) {
      const { status, text } = await statusAt(server, host);
      expect(status).toBe(403);
      expect(text).toContain(`but Host is \\"${host}\\". Make a key (rolling-metrics keys create`);
      expect(await upgradeAt(server, host)).toEqual({
        status: 403,
        sentence: expect.stringContaining(`but Host is "${host}"`),
      });
    }
    const { status } = await sendRaw(`${server.url}/health/live`, {
      headers: { host: 'evil.example' },
    });
    expect(status).toBe(200);
  });

  test('is any name where a credential is sent or required', async () => {
    const server = await start();
    const key = await bearerFor(db.database, 'reader', '*');
    expect(await statusAt(server, 'metrics.example', key)).toMatchObject({ status: 200 });
    expect(await statusAt(server, 'metrics.example')).toMatchObject({ status: 401 });
    expect(await upgradeAt(server, 'metrics.example')).toBeNull();
  });
});

describe('where a credential is required', () => {
  const config = { ...KEYED, required: 'always' as const };

  test('there is no way in without one, and the response says which', async () => {
    const { execute, url } = await start({ config });
    for (const query of [
      QUERY,
      '{ __typename }',
      'mutation { cancelRefresh(id: "1") { id } }',
      '{',
    ]) {
      const response = await execute(query);
      expect(response).toMatchObject({
        status: 401,
        code: 'UNAUTHENTICATED',
        message: 'A credential is required: Authorization: Bearer KEY_OR_TOKEN.',
      });
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
    }
    const get = await fetch(`${url}/graphql?query=${encodeURIComponent(QUERY)}`, {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect(get.status).toBe(401);
  });

  test('health and metrics stay open', async () => {
    const { url } = await start({ config });
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect((await fetch(url + path)).status).toBe(200);
    }
  });

  test('a credential is the whole header and nothing else', async () => {
    const { execute } = await start({ config });
    const bearer = await bearerFor(db.database, 'reader', '*');
    const key = bearer.slice('Bearer '.length);
    for (const right of [bearer, `bearer ${key}`, `BEARER  ${key}`]) {
      expect(await execute(QUERY, right)).toMatchObject({ status: 200 });
    }
    for (const wrong of [
      '',
      'Bearer',
      'Bearer ',
      key,
      `Basic ${key}`,
      `${bearer}x`,
      bearer.slice(0, -1),
      `${bearer}, ${bearer}`,
      `${bearer} ${key}`,
      `Bearer ${'x'.repeat(10_000)}`,
      `Bearer rpm_${'0'.repeat(64)}`,
      `Bearer ' OR 1=1 --`,
    ]) {
      expect(await execute(QUERY, wrong)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    }
  });

  test('the responses to all wrong credentials are the same', async () => {
    const { execute } = await start({ config });
    const revoked = await bearerFor(db.database, 'reader', '*', 'gone');
    await new ApiKeyStore(db.database).revoke('gone');
    const texts = new Set<string>();
    for (const wrong of [revoked, `Bearer rpm_${'0'.repeat(64)}`, 'Bearer a.b.c', 'Basic x']) {
      texts.add((await execute(QUERY, wrong)).text);
    }
    expect(texts.size).toBe(1);
  });
});

describe('with tokens', () => {
  test('a token is taken, keys beside it', async () => {
    const config = { ...KEYED, required: 'always' as const, jwt: { ...JWT, secret: SECRET } };
    const { execute } = await start({ config });
    const token = await signWithSecret(SECRET, claims(new Date()));
    expect(await execute(QUERY, `Bearer ${token}`)).toMatchObject({ status: 200 });
    expect(await execute(QUERY, await bearerFor(db.database, 'reader', '*'))).toMatchObject({
      status: 200,
    });
    const expired = await signWithSecret(SECRET, claims(new Date(0)));
    expect(await execute(QUERY, `Bearer ${expired}`)).toMatchObject({ code: 'UNAUTHENTICATED' });
    const other = await signWithSecret(`${SECRET}!`, claims(new Date()));
    expect(await execute(QUERY, `Bearer ${other}`)).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('where the keys of the issuer cannot be fetched no token is accepted, and the response says so', async () => {
    const jwks = await startJwksServer();
    jwks.serve({ status: 503 });
    const { execute } = await start({
      config: {
        ...KEYED,
        required: 'always',
        jwt: { ...JWT, jwksUrl: jwks.url, algorithms: ['ES256'] },
      },
      requestsPerMinute: 1,
    });
    const header = Buffer.from('{"alg":"ES256","kid":"x"}').toString('base64url');
    const response = await execute(QUERY, `Bearer ${header}.e30.AAAA`);
    expect(response).toMatchObject({
      status: 503,
      code: 'ISSUER_UNAVAILABLE',
      message: 'Tokens cannot be checked just now, for their issuer cannot be reached: try again.',
      data: undefined,
    });
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await execute(QUERY, `Bearer ${header}.e30.AAAA`)).toMatchObject({
      code: 'RATE_LIMITED',
    });
    await jwks.close();
  });
});

test('while the keys cannot be read from the database no client is admitted', async () => {
  const { execute } = await start();
  await db.database.write('ALTER TABLE api_keys RENAME TO hidden');
  try {
    for (const authorization of [undefined, `Bearer rpm_${'0'.repeat(64)}`]) {
      const response = await execute(QUERY, authorization);
      expect(response).toMatchObject({
        status: 500,
        code: 'INTERNAL_SERVER_ERROR',
        data: undefined,
      });
      expect(response.text).not.toMatch(/api_keys|relation/);
    }
  } finally {
    await db.database.write('ALTER TABLE hidden RENAME TO api_keys');
  }
  expect(await execute(QUERY)).toMatchObject({ status: 200 });
});

test('where it is open, no key closes it, and a wrong credential is still refused', async () => {
  const { execute } = await start({ config: { ...KEYED, required: 'never' } });
  const bearer = await bearerFor(db.database, 'reader', 'acme');
  expect(await execute(QUERY)).toMatchObject({ status: 200 });
  expect(
    await execute('mutation { recordDailyMetrics(rows: []) { inserted } }', bearer),
  ).toMatchObject({
    code: 'FORBIDDEN',
  });
  expect(await execute(QUERY, `${bearer}0`)).toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a server that others can reach does not start while no client could get in', async () => {
  const exposed = { ...KEYED, required: 'always' as const, refuseUnconfigured: true };
  const keys = new ApiKeyStore(db.database);
  await expect(checkConfigured(exposed, '0.0.0.0', keys)).rejects.toThrow(
    /^HOST=0\.0\.0\.0 can be reached .*keys create.*JWT_SECRET.*ACCESS=open/,
  );
  await bearerFor(db.database, 'reader', '*', 'one');
  await checkConfigured(exposed, '0.0.0.0', keys);
  await keys.revoke('one');
  await expect(checkConfigured(exposed, '0.0.0.0', keys)).rejects.toThrow('HOST=0.0.0.0');
  expect(await checkConfigured(KEYED, '127.0.0.1', keys)).toEqual([]);
});

test('a server that only this machine can reach starts, and says that no client can get in', async () => {
  const production = { ...KEYED, required: 'always' as const };
  const keys = new ApiKeyStore(db.database);
  expect(await checkConfigured(production, '127.0.0.1', keys)).toEqual([
    expect.stringMatching(/^No client can get in: .*rolling-metrics keys create --name NAME/),
  ]);
  await bearerFor(db.database, 'reader', '*', 'two');
  expect(await checkConfigured(production, '127.0.0.1', keys)).toEqual([]);
});

describe('stored keys', () => {
  test('have names of their own while they are valid, and are nowhere readable', async () => {
    const keys = new ApiKeyStore(db.database);
    const grant = { name: 'ci', role: 'writer', tenant: 'acme' } as const;
    const key = await keys.create(grant);
    expect(await keys.create(grant)).toBeNull();
    expect(await keys.revoke('ci')).toBe(true);
    expect(await keys.revoke('ci')).toBe(false);
    expect(await keys.create(grant)).not.toBeNull();
    const listed = await keys.list();
    expect(listed.map(({ name, revokedAt }) => [name, revokedAt === null])).toEqual([
      ['ci', true],
      ['ci', false],
    ]);
    const rows = await db.database.read('SELECT api_keys::text FROM api_keys');
    for (const text of [JSON.stringify(listed), JSON.stringify(rows)]) {
      expect(text).not.toContain(key!.slice(4));
    }
  });
});
