import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Access } from '../../../src/access/access.js';
import { ServiceError } from '../../../src/errors.js';
import { createContext } from '../../../src/graphql/context.js';
import { createSchema } from '../../../src/graphql/schema.js';
import { DEFAULT_LIMITS } from '../../../src/limits/limits-config.js';
import type { Services } from '../../../src/services.js';
import { insertPortfolio, insertRows, portfolioId, refreshOne } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { createTestServices } from '../../helpers/test-services.js';
import { sendRaw, type RawResponse } from '../raw-request.js';
import { startTestServer, type TestServer } from '../test-server.js';

const ID = portfolioId(1);
const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const WINDOW = `{ portfolio(id: "${ID}") { name rolling30d { averageReturn freshness { isStale } } } }`;

let db: TestDatabase;
let services: Services;
let server: TestServer;

/** Callers by what they send: each their own tenant, and each looked up. */
const access: Pick<Access, 'authenticate' | 'known'> = {
  known: () => undefined,
  async authenticate(authorization) {
    if (authorization === 'wrong') throw new ServiceError('UNAUTHENTICATED', 'who are you?');
    const tenant = typeof authorization === 'string' ? authorization : 'default';
    return { name: tenant, role: 'reader', tenant };
  },
};

beforeAll(async () => {
  db = await openTestDatabase();
  services = createTestServices(db.database);
  server = await startTestServer({
    schema: await createSchema(),
    database: db.database,
    revisions: services.dailySeries.revisions,
    access,
    // A large response is made of many aliases here.
    operationLimits: { ...DEFAULT_LIMITS.operation, maxAliases: 1000 },
    createContext: (info) => createContext(services, info),
  });
  await insertPortfolio(db.database, ID, [{ day: '2024-01-02', return: 0.01, value: 1 }]);
  await refreshOne(db.database, NAME, '2024-01-02', '2024-01-02');
});
afterAll(async () => {
  await server.close();
  await services.refreshes.close();
  await db.close();
});

function execute(query: string, headers: Record<string, string> = {}): Promise<RawResponse> {
  const url = `${server.url}/graphql?query=${encodeURIComponent(query)}`;
  return sendRaw(url, { headers: { 'apollo-require-preflight': 'true', ...headers } });
}

async function tagOf(query: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, headers: sent } = await execute(query, headers);
  expect(status).toBe(200);
  return sent.etag!;
}

/** The status of the same request with the tag of an earlier response. */
async function again(query: string, tag: string, headers: Record<string, string> = {}) {
  return (await execute(query, { ...headers, 'if-none-match': tag })).status;
}

describe('a GET request', () => {
  test('gets a tag, and a response that only the client may cache', async () => {
    const { headers } = await execute(WINDOW);
    expect(headers).toMatchObject({
      etag: expect.stringMatching(/^W\/"[\w-]{20,}"$/) as unknown,
      'cache-control': 'private, no-cache',
      vary: expect.stringContaining('Authorization') as unknown,
    });
  });

  test('for what the client has gets 304, without reading a row', async () => {
    const tag = await tagOf(WINDOW);
    db.statements.length = 0;
    const { status, body, headers } = await execute(WINDOW, { 'if-none-match': `"other", ${tag}` });
    expect([status, body.length, headers.etag]).toEqual([304, 0, tag]);
    expect(headers['content-type']).toBeUndefined();
    // The snapshot alone.
    expect(db.statements).toHaveLength(1);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a late row', () => insertRows(db.database, ID, [{ day: '2024-01-03', return: 1 }])],
    ['a refresh', () => refreshOne(db.database, NAME, '2024-01-03', '2024-01-03')],
    [
      'another name',
      () => db.database.write(`UPDATE portfolios SET name = 'New' WHERE id = $1`, [ID]),
    ],
  ])('gets a new response after %s', async (_, change) => {
    const tag = await tagOf(WINDOW);
    expect(await again(WINDOW, tag)).toBe(304);
    await change();
    expect(await again(WINDOW, tag)).toBe(200);
  });

  test('gets 304 after a change that does not show in it', async () => {
    const tag = await tagOf(WINDOW);
    await insertPortfolio(db.database, portfolioId(2), [{ day: '2023-01-02', return: 1 }]);
    await refreshOne(db.database, NAME, '2023-01-02', '2023-01-02');
    expect(await again(WINDOW, tag)).toBe(304);
  });

  test('has a tag for each representation', async () => {
    const tag = await tagOf(WINDOW);
    const accept = 'application/graphql-response+json';
    const other = await execute(WINDOW, { accept, 'if-none-match': tag });
    expect(other.status).toBe(200);
    expect(other.headers.vary).toContain('Accept,');
    expect(await again(WINDOW, other.headers.etag!, { accept })).toBe(304);
    expect(await again(WINDOW, other.headers.etag!)).toBe(200);
    const large = `{ portfolio(id: "${ID}") { ${Array.from({ length: 900 }, (_, n) => `b${n}: id`).join(' ')} } }`;
    const plain = await tagOf(large);
    expect(await again(large, plain, { 'accept-encoding': 'gzip' })).toBe(200);
    expect(await again(large, plain)).toBe(304);
  });

  test('of another tenant has another tag, and a wrong credential none', async () => {
    const tag = await tagOf(WINDOW);
    expect(await again(WINDOW, tag, { authorization: 'acme' })).toBe(200);
    expect(await again(WINDOW, tag, { authorization: 'wrong' })).not.toBe(304);
  });

  test('for what no snapshot shows is tagged by its body', async () => {
    const query = '{ aggregateRefreshes(first: 1) { totalCount } }';
    const tag = await tagOf(query);
    expect(await again(query, tag)).toBe(304);
    await refreshOne(db.database, NAME, '2024-01-02', '2024-01-02');
    expect(await again(query, tag)).toBe(200);
    // One such field is enough, also inside a fragment.
    const mixed = `query { ...F ${WINDOW.slice(1)} fragment F on Query { aggregateRefreshes(first: 1) { totalCount } }`;
    const mixedTag = await tagOf(mixed);
    await db.database.write(`DELETE FROM aggregate_refreshes`);
    expect(await again(mixed, mixedTag)).toBe(200);
  });

  test('that fails is tagged by its body, not by a snapshot', async () => {
    const query = '{ portfolios(first: 0) { totalCount } }';
    const { headers, body } = await execute(query);
    expect(String(body)).toContain('BAD_USER_INPUT');
    await insertRows(db.database, ID, [{ day: '2024-01-04', return: 1 }]);
    expect(await tagOf(query)).toBe(headers.etag);
  });

  test('for a large response is compressed for clients that accept it', async () => {
    const query = `{ portfolio(id: "${ID}") { ${Array.from({ length: 900 }, (_, n) => `a${n}: id`).join(' ')} } }`;
    const plain = await execute(query);
    expect(plain.headers['content-encoding']).toBeUndefined();
    const packed = await execute(query, { 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.body)).toEqual(plain.body);
    const small = await execute(WINDOW, { 'accept-encoding': 'gzip' });
    expect(small.headers['content-encoding']).toBeUndefined();
  });

  test('may name a persisted query by its hash', async () => {
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(WINDOW).digest('hex');
    const extensions = encodeURIComponent(
      JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } }),
    );
    const byHash = async (query = ''): Promise<string> => {
      const url = `${server.url}/graphql?extensions=${extensions}${query}`;
      const response = await fetch(url, { headers: { 'apollo-require-preflight': 'true' } });
      return response.text();
    };
    expect(await byHash()).toContain('PERSISTED_QUERY_NOT_FOUND');
    const response = await byHash(`&query=${encodeURIComponent(WINDOW)}`);
    expect(response).toContain('rolling30d');
    expect(await byHash()).toBe(response);
  });

  test('that a browser could send from any page is refused', async () => {
    const url = `${server.url}/graphql?query=${encodeURIComponent(WINDOW)}`;
    expect((await fetch(url)).status).toBe(400);
  });
});
