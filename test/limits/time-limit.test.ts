import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAccessServer, type AccessServer } from '../access/access-server.js';
import { InterceptedDatabase, isSlice } from '../helpers/intercepted-database.js';
import { insertPortfolio, portfolioId, refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { whileHeld } from '../helpers/while-held.js';

const ID = portfolioId(1);
const TIMEOUT_MS = 400;

let db: TestDatabase;
/** Stops operations soon, and not before a test is over. */
let hasty: AccessServer;
let patient: AccessServer;

beforeAll(async () => {
  db = await openTestDatabase({ embedded: 'its one session is held' });
  await insertPortfolio(db.database, ID, [{ day: '2024-01-02', return: 0.01, value: 1 }]);
  await refreshAll(db.database, '2024-01-02', '2024-01-02');
  hasty = await startAccessServer(db.database, { limits: { timeoutMs: TIMEOUT_MS } });
  patient = await startAccessServer(db.database, { limits: { timeoutMs: 20_000 } });
});
afterAll(async () => {
  await hasty.close();
  await patient.close();
  await db.close();
});

describe('an operation that takes too long', () => {
  test.each<[string, string]>([
    ['a window', `{ portfolio(id: "${ID}") { rolling30d { averageReturn } } }`],
    ['a page', '{ portfolios { totalCount edges { node { firstDay } } } }'],
    ['a ranking', '{ ranking(metric: VOLATILITY, window: ONE_YEAR) { total } }'],
    ['status', '{ health { status } aggregateStatus { totalRows } }'],
    ['refreshes', '{ aggregateRefreshes { totalCount } }'],
    ['a mutation', `mutation { upsertPortfolio(input: { id: "${ID}", name: "changed" }) { id } }`],
    [
      'rows',
      `mutation { recordDailyMetrics(rows: [{ portfolioId: "${ID}", asofDate: "2024-01-03", twr1d: 0.5 }]) { inserted } }`,
    ],
  ])('is stopped at once: %s', async (_, query) => {
    // The caller is authenticated by then.
    expect(await hasty.ask('{ __typename }')).toMatchObject({ status: 200 });
    await whileHeld(db.database, async () => {
      const started = performance.now();
      const response = await hasty.ask(query);
      const tookMs = performance.now() - started;
      expect(response).toMatchObject({
        status: 504,
        code: 'QUERY_TIMEOUT',
        message: 'The operation was stopped: it may take 0.4 s. Request less at once.',
      });
      expect(tookMs).toBeGreaterThan(TIMEOUT_MS - 10);
      expect(tookMs).toBeLessThan(TIMEOUT_MS + 2000);
    });
    const [row] = await db.database.read<{ name: string; rows: number }>(
      `SELECT name, (SELECT count(*)::int FROM portfolio_metrics) AS rows FROM portfolios`,
    );
    expect(row).toEqual({ name: expect.not.stringContaining('changed'), rows: 1 });
    expect(await patient.ask('{ portfolios { totalCount } }')).toMatchObject({ status: 200 });
  });

  test('is stopped also while the caller is authenticated', async () => {
    await whileHeld(db.database, async () => {
      expect(await hasty.ask('{ __typename }', 'Bearer rpm_' + 'a'.repeat(64))).toMatchObject({
        status: 504,
        code: 'QUERY_TIMEOUT',
      });
    });
  });

  test('leaves others the read that they wait for, too', async () => {
    const query = `{ portfolio(id: "${ID}") { rolling60d { observations } } }`;
    const waiting = await whileHeld(db.database, async () => {
      const response = patient.ask(query);
      expect(await hasty.ask(query)).toMatchObject({ code: 'QUERY_TIMEOUT' });
      return { response };
    });
    expect(await waiting.response).toMatchObject({
      data: { portfolio: { rolling60d: { observations: 1 } } },
    });
  });
});

test('a client that goes away is noticed, and the queue does not grow by it', async () => {
  await whileHeld(db.database, async () => {
    for (let times = 0; times < 5; times += 1) {
      const gone = new AbortController();
      const query = `mutation { upsertPortfolio(input: { id: "${ID}", name: "gone" }) { id } }`;
      const request = fetch(`${patient.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: gone.signal,
      });
      await delay(50);
      gone.abort();
      await expect(request).rejects.toThrow('aborted');
    }
    await delay(100);
  });
  const [row] = await db.database.read<{ name: string }>('SELECT name FROM portfolios');
  expect(row!.name).not.toBe('gone');
});

test('a refresh goes on, and the response says where it stands', async () => {
  let goOn: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => (goOn = resolve));
  const database = new InterceptedDatabase(db.database, async ({ sql }, next) => {
    if (isSlice(sql)) await wait;
    return next();
  });
  const { ask, close } = await startAccessServer(database, { limits: { timeoutMs: TIMEOUT_MS } });
  const response = await ask(
    'mutation { refreshAggregate(viewName: PORTFOLIO_METRICS_30D_ROLLING, from: "2024-01-02", to: "2024-01-02") { id state error } }',
  );
  expect(response).toMatchObject({
    status: 200,
    data: { refreshAggregate: { state: 'RUNNING', error: null } },
  });
  goOn();
  const { id } = response.data.refreshAggregate;
  for (let state = 'RUNNING'; state !== 'SUCCEEDED'; await delay(50)) {
    ({ state } = (await ask(`{ aggregateRefresh(id: "${id}") { state } }`)).data.aggregateRefresh);
    expect(['RUNNING', 'SUCCEEDED']).toContain(state);
  }
  await close();
});
