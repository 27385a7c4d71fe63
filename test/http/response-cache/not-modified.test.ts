import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createAccess } from '../../../src/access/access.js';
import { ApiKeyStore } from '../../../src/access/api-key-store.js';
import type { Revisions } from '../../../src/aggregates/revisions/revisions.js';
import { createContext } from '../../../src/graphql/context.js';
import { createSchema } from '../../../src/graphql/schema.js';
import type { Services } from '../../../src/services.js';
import { KEYED } from '../../access/access-server.js';
import { bearerFor } from '../../access/keys.js';
import { insertPortfolio, portfolioId, refreshOne } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { createTestServices } from '../../helpers/test-services.js';
import { startTestServer, type TestServer, type TestServerOptions } from '../test-server.js';

const ID = portfolioId(1);
const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const DAY = '2024-01-02';
const WINDOW = `{ portfolio(id: "${ID}") { name rolling30d { averageReturn } } }`;
const APP = 'https://app.example';
/** Only responses of the framework have this. */
const BY_THE_FRAMEWORK = 'x-content-type-options';

let db: TestDatabase;
let services: Services;
let acme: string;
/** Known for as long as the test does not say otherwise. */
let revisions: Revisions;
let time: number;
const servers: TestServer[] = [];

beforeAll(async () => {
  db = await openTestDatabase();
  await insertPortfolio(db.database, ID, [{ day: DAY, return: 0.01, value: 1 }]);
  await db.database.write(`UPDATE portfolios SET tenant = 'acme' WHERE id = $1`, [ID]);
  await refreshOne(db.database, NAME, DAY, DAY);
  acme = await bearerFor(db.database, 'reader', 'acme');
});
beforeEach(async () => {
  time = 0;
  services = createTestServices(db.database, { snapshotMaxAge: Infinity });
  ({ revisions } = services.dailySeries);
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await services.refreshes.close();
});
afterAll(async () => {
  await db.close();
});

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const server = await startTestServer({
    schema: await createSchema(),
    database: db.database,
    revisions,
    access: createAccess({
      config: KEYED,
      keys: new ApiKeyStore(db.database),
      now: () => new Date(),
      clock: () => time,
      log: pino({ level: 'silent' }),
    }),
    createContext: (info) => createContext(services, info),
    ...options,
  });
  servers.push(server);
  return server;
}

/** Sends a GET, as acme unless the headers say otherwise. */
function execute(
  { url }: TestServer,
  headers: Record<string, string> = {},
  query = WINDOW,
): Promise<Response> {
  return fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { 'apollo-require-preflight': '1', authorization: acme, ...headers },
  });
}

/** The headers of a second request for what the client has. */
async function tagged(server: TestServer): Promise<{ 'if-none-match': string }> {
  return { 'if-none-match': (await execute(server)).headers.get('etag')! };
}

describe('a GET for what the client has', () => {
  test('gets 304 from memory, with the headers that a cached response needs', async () => {
    const server = await start();
    const headers = await tagged(server);
    db.statements.length = 0;
    const response = await execute(server, headers);
    expect([response.status, db.statements]).toEqual([304, []]);
    expect(response.headers.get(BY_THE_FRAMEWORK)).toBeNull();
    revisions.expire();
    const found = await execute(server, headers);
    expect([found.status, db.statements.length]).toEqual([304, 1]);
    expect(found.headers.get(BY_THE_FRAMEWORK)).not.toBeNull();
    for (const name of ['etag', 'cache-control', 'vary']) {
      expect([name, response.headers.get(name)]).toEqual([name, found.headers.get(name)]);
    }
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('_count{route="/graphql",status="304"} 2');
  });

  test('gets a new response after a change, for another query and with another tag', async () => {
    const server = await start();
    const headers = await tagged(server);
    expect(
      (await execute(server, headers, WINDOW.replace('averageReturn', 'volatility'))).status,
    ).toBe(200);
    expect((await execute(server, { 'if-none-match': 'W/"other"' })).status).toBe(200);
    await db.database.write(`UPDATE portfolios SET name = name || '!' WHERE id = $1`, [ID]);
    revisions.expire();
    expect((await execute(server, headers)).status).toBe(200);
  });

  test('gets no 304 as another tenant, or where the caller is not admitted, or not any more', async () => {
    const server = await start();
    const leaving = await bearerFor(db.database, 'reader', 'acme', 'leaving');
    const other = await bearerFor(db.database, 'reader', 'other');
    const lastDigit = acme.at(-1) === '0' ? '1' : '0';
    const headers = await tagged(server);
    // The keys are known from here on, for a second of this test's clock.
    time += 1000;
    await execute(server);
    const own = await execute(server, { ...headers, authorization: leaving });
    expect([own.status, own.headers.get(BY_THE_FRAMEWORK)]).toEqual([304, null]);
    expect((await execute(server, { ...headers, authorization: other })).status).toBe(200);
    const wrong = ['Bearer wrong', acme.slice(0, -1) + lastDigit, acme.replace('Bearer', 'Basic')];
    for (const authorization of wrong) {
      expect((await execute(server, { ...headers, authorization })).status).toBe(401);
    }
    const anonymous = await fetch(`${server.url}/graphql?query=${encodeURIComponent(WINDOW)}`, {
      headers: { 'apollo-require-preflight': '1', ...headers },
    });
    expect(anonymous.status).toBe(401);
    await new ApiKeyStore(db.database).revoke('leaving');
    time += 1000;
    expect((await execute(server, { ...headers, authorization: leaving })).status).toBe(401);
    expect((await execute(server, { ...headers, authorization: leaving })).status).toBe(401);
  });

  test('counts among the requests of its caller', async () => {
    const server = await start({ requestsPerMinute: 3 });
    const headers = await tagged(server);
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await execute(server, headers)).status);
    expect(statuses).toEqual([304, 304, 429]);
    expect((await execute(server, headers)).headers.get('retry-after')).toMatch(/^\d+$/);
  });

  test('has the headers that the browser of a page of another site requires', async () => {
    const server = await start({ corsOrigins: [APP] });
    const headers = await tagged(server);
    const response = await execute(server, { ...headers, origin: APP });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      304,
      APP,
    ]);
    const own = await execute(server, headers);
    expect([own.status, own.headers.get('vary')]).toEqual([304, response.headers.get('vary')]);
    expect(own.headers.get(BY_THE_FRAMEWORK)).toBeNull();
  });
});
