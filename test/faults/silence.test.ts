import { once } from 'node:events';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Pool } from 'pg';
import { connect, type OpenDatabase } from '../../src/database/open-database.js';
import { openFaultyDatabase, type FaultyDatabase } from '../helpers/faulty-database.js';

let db: FaultyDatabase;
let opened: OpenDatabase;
let pool: Pool;

beforeAll(async () => {
  db = await openFaultyDatabase();
  opened = await connect('server', { url: db.proxy.url, replicaUrls: [], poolSize: 6 });
  pool = (opened.database.dataSource.driver as unknown as { readonly master: Pool }).master;
});
afterAll(async () => {
  await opened.close();
  await db.close();
});

test('a connection whose server says no more is given up some time after its statement', async () => {
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
    const reading = opened.database.withSignal(limit.signal).read('SELECT 1 AS lost');
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
  expect(await opened.database.read('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
