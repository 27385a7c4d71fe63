import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Pool } from 'pg';
import { connect } from '../../src/database/open-database.js';
import type { Fault } from '../helpers/fault-proxy.js';
import { openFaultyDatabase, type FaultyDatabase } from '../helpers/faulty-database.js';
import { DAILY_HEADER, dayAfter, lines, PORTFOLIO_HEADER } from '../helpers/import-files.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId, refreshOne } from '../helpers/test-data.js';
import { createImportFolder, type ImportFolder } from '../ingest/import-folder.js';

const ID = portfolioId(1);
const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const READ = `{ portfolio(id: "${ID}") { name lastDay rolling30d { observations } } }`;
const RESULT = {
  portfolio: { name: 'Kept', lastDay: '2024-01-02', rolling30d: { observations: 1 } },
};
const RENAME = `mutation { upsertPortfolio(input: { id: "${ID}", name: "Kept" }) { name } }`;
/** How long after its return the database may count as gone. */
const RECOVERY_MS = 2000;

const isWrite = (sql: string): boolean => /\b(INSERT|UPDATE|DELETE)\b/.test(sql);

let db: FaultyDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await openFaultyDatabase();
  await insertPortfolio(db.direct, ID, [{ day: '2024-01-02', return: 0.01 }], { name: 'Kept' });
  await refreshOne(db.direct, NAME, '2024-01-02', '2024-01-02');
  api = await createTestApi(db.database);
});
afterEach(() => db.proxy.heal());
afterAll(async () => {
  await api.close();
  await db.close();
});

async function codesOf(operation: string): Promise<unknown[]> {
  const { errors = [] } = await api.execute(operation);
  expect(JSON.stringify(errors)).not.toMatch(/injected|ECONN|SELECT|terminated/);
  return [...new Set(errors.map(({ extensions }) => extensions?.['code']))];
}

/** Everything works again, at once, and nothing is left behind. */
async function expectRecovery(): Promise<void> {
  db.proxy.heal();
  const healedAt = performance.now();
  expect(await api.data(READ)).toEqual(RESULT);
  expect(await api.data(RENAME)).toEqual({ upsertPortfolio: { name: 'Kept' } });
  expect(performance.now() - healedAt).toBeLessThan(RECOVERY_MS);
  expect(db.pool.waitingCount).toBe(0);
  expect(db.pool.idleCount).toBe(db.pool.totalCount);
  expect(db.pool.totalCount).toBeLessThanOrEqual(1);
}

describe('a database that goes in the middle of a statement', () => {
  test.each<[string, Fault]>([
    ['whose connection ends', 'cut'],
    ['that does it and cannot say so', 'cut after'],
    ['that is shut down', { sqlState: '57P01', severity: 'FATAL' }],
    ['that crashes', { sqlState: '57P02', severity: 'FATAL' }],
    ['out of memory', { sqlState: '53200' }],
  ])('%s', async (_name, fault) => {
    db.proxy.onStatement(() => fault);
    expect(await codesOf(READ)).toEqual(['DATABASE_UNAVAILABLE']);
    expect(await codesOf(RENAME)).toEqual(['DATABASE_UNAVAILABLE']);
    await expectRecovery();
  });
});

describe('a database that accepts no client', () => {
  test.each([
    ['because no server is there', undefined],
    ['because it starts', '57P03'],
    ['because it has too many connections', '53300'],
  ])('%s', async (_name, sqlState) => {
    db.proxy.refuse(sqlState);
    db.proxy.cut();
    for (const operation of [READ, RENAME, READ]) {
      expect(await codesOf(operation)).toEqual(['DATABASE_UNAVAILABLE']);
    }
    await expectRecovery();
  });
});

test('a database that was restarted between two requests is not noticed', async () => {
  expect(await api.data(READ)).toEqual(RESULT);
  const removed = new Promise((resolve) => db.pool.once('remove', resolve));
  db.proxy.cut();
  // The error of the idle connection goes to the pool alone.
  await removed;
  expect(db.pool.totalCount).toBe(0);
  await expectRecovery();
});

test('with a slow database results are late, and right', async () => {
  db.proxy.onStatement(() => ({ delayMs: 50 }));
  expect(await api.data(READ)).toEqual(RESULT);
  await expectRecovery();
});

test('a read-only database is read, and a write fails with the reason', async () => {
  db.proxy.onStatement((sql) => (isWrite(sql) ? { sqlState: '25006' } : undefined));
  const { errors } = await api.execute(RENAME);
  expect(errors).toMatchObject([
    {
      message:
        'The database takes no writes just now: nothing was changed, try again. Reading goes on.',
      extensions: { code: 'READ_ONLY' },
    },
  ]);
  expect(await api.data(READ)).toEqual(RESULT);
  // After a failover the same connection would lead to the old primary for ever.
  const connected = new Promise((resolve) => db.pool.once('connect', resolve));
  expect(await codesOf(RENAME)).toEqual(['READ_ONLY']);
  await expectRecovery();
  await connected;
});

test('a full disk changes nothing, and reading goes on', async () => {
  db.proxy.onStatement((sql) => (isWrite(sql) ? { sqlState: '53100' } : undefined));
  expect(await codesOf(RENAME.replace('Kept', 'Lost'))).toEqual(['DATABASE_UNAVAILABLE']);
  expect(await api.data(READ)).toEqual(RESULT);
  await expectRecovery();
});

test('many requests at once fail at once and recover at once', async () => {
  db.proxy.stop();
  const failed = await Promise.all(Array.from({ length: 50 }, () => codesOf(READ)));
  expect(failed.flat()).toEqual(Array(50).fill('DATABASE_UNAVAILABLE'));
  db.proxy.heal();
  const results = await Promise.all(Array.from({ length: 50 }, () => api.data(READ)));
  for (const result of results) expect(result).toEqual(RESULT);
  await expectRecovery();
});

test('a refresh that lost its database says so, and the next one does all of it', async () => {
  const refresh = `mutation {
    refreshAggregate(viewName: PORTFOLIO_METRICS_30D_ROLLING, from: "2024-01-01") { state error }
  }`;
  db.proxy.onStatement((sql) =>
    sql.startsWith('CALL refresh_continuous_aggregate') ? 'cut' : undefined,
  );
  expect((await api.data(refresh)).refreshAggregate).toEqual({
    state: 'FAILED',
    error: expect.stringContaining('Connection terminated'),
  });
  db.proxy.heal();
  expect((await api.data(refresh)).refreshAggregate).toEqual({ state: 'SUCCEEDED', error: null });
});

test('a connection whose server says no more is given up some time after its statement', async () => {
  const { database, close } = await connect('server', {
    url: db.proxy.url,
    replicaUrls: [],
    poolSize: 6,
  });
  const pool = (database.dataSource.driver as unknown as { readonly master: Pool }).master;
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] });
  try {
    const limit = new AbortController();
    const sent = new Promise<void>((resolve) => {
      db.proxy.onStatement((sql) => {
        if (!sql.includes('lost')) return undefined;
        resolve();
        return 'swallow';
      });
    });
    const removed = once(pool, 'remove');
    const reading = database.withSignal(limit.signal).read('SELECT 1 AS lost');
    await sent;
    limit.abort(new Error('too late'));
    await expect(reading).rejects.toThrow('too late');
    expect(pool.totalCount - pool.idleCount).toBe(1);
    await jest.advanceTimersByTimeAsync(10_000);
    await removed;
    expect(pool.totalCount - pool.idleCount).toBe(0);
  } finally {
    jest.useRealTimers();
    db.proxy.heal();
  }
  expect(await database.read('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await close();
});

describe('a write', () => {
  const WRITTEN = portfolioId(2);
  const DAYS = 100;
  let folder: ImportFolder;
  let made = 0;

  beforeAll(async () => {
    folder = await createImportFolder(db.database);
  });
  afterAll(() => folder.remove());

  /** Imports rows that differ from all before. */
  function importOther(id = WRITTEN): Promise<unknown> {
    const value = ++made;
    return folder.import({
      portfolios: lines(`${PORTFOLIO_HEADER},periods_per_year`, `${id},Number ${value},USD,,365`),
      daily: lines(
        DAILY_HEADER,
        ...Array.from({ length: DAYS }, (_, n) => `${id},${dayAfter(n)},0.0${value},,,,,`),
      ),
    });
  }

  /** Imports rows of a portfolio that it creates. */
  const importCreated = (): Promise<unknown> => importOther(portfolioId(1000 + made));

  /** Records rows that differ from all before. */
  async function recordOther(): Promise<void> {
    const twr1d = ++made / 100;
    await api.data(
      'mutation ($rows: [DailyMetricsInput!]!) { recordDailyMetrics(rows: $rows, refresh: false) { updated } }',
      {
        rows: Array.from({ length: DAYS }, (_, n) => ({
          portfolioId: WRITTEN,
          asofDate: dayAfter(n),
          twr1d,
        })),
      },
    );
  }

  /** What is stored, as text that differs whenever it does. */
  async function stored(): Promise<string> {
    const [row] = await db.direct.read<{ rows: string }>(`
      SELECT md5((SELECT string_agg(portfolio::text, ',' ORDER BY id) FROM portfolios AS portfolio)
        || (SELECT string_agg(metrics::text, ',' ORDER BY portfolio_id, asof_date) FROM portfolio_metrics AS metrics))
        AS rows`);
    return row!.rows;
  }

  /** Does the work with a fault at one of its statements; gives what has become of it. */
  async function doWithFault(
    work: () => Promise<unknown>,
    fault: Fault,
    atStatement: number,
  ): Promise<{
    readonly isDone: boolean;
    readonly wasCommitted: boolean;
    readonly isOver: boolean;
  }> {
    const { statements } = db.proxy;
    statements.length = 0;
    let wasCommitted = false;
    db.proxy.onStatement((sql) => {
      // What is cut after it was done has been done.
      if (sql === 'COMMIT') wasCommitted = statements.length < atStatement || fault === 'cut after';
      return statements.length === atStatement ? fault : undefined;
    });
    const isDone = await work().then(
      () => true,
      () => false,
    );
    db.proxy.heal();
    return { isDone, wasCommitted, isOver: statements.length < atStatement };
  }

  describe.each([
    ['an import', () => importOther()],
    ['an import of a new portfolio', importCreated],
    ['recordDailyMetrics', recordOther],
  ])('by %s', (_name, work) => {
    beforeAll(() => importOther());

    test.each<[string, Fault]>([
      ['loses its connection before', 'cut'],
      ['loses its connection after', 'cut after'],
      ['finds the disk full at', { sqlState: '53100' }],
      ['finds the database read-only at', { sqlState: '25006' }],
    ])('that %s any of its statements is whole or not at all', async (_fault, fault) => {
      for (let number = 1, isOver = false; !isOver; number++) {
        const before = await stored();
        const outcome = await doWithFault(work, fault, number);
        const isChanged = (await stored()) !== before;
        const { isDone, wasCommitted } = outcome;
        expect({ number, isChanged }).toEqual({ number, isChanged: wasCommitted });
        // What was said to be done is.
        expect(isDone && !wasCommitted).toBe(false);
        ({ isOver } = outcome);
      }
      expect(db.pool.totalCount).toBeLessThanOrEqual(1);
    });
  });
});
