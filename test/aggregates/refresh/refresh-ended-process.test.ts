import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RefreshService } from '../../../src/aggregates/refresh/refresh-service.js';
import { RefreshStore } from '../../../src/aggregates/refresh/refresh-store.js';
import type { Refresh } from '../../../src/aggregates/refresh/refresh.js';
import type { Database } from '../../../src/database/database.js';
import { InterceptedDatabase, isSlice } from '../../helpers/intercepted-database.js';
import { pendingDays } from '../../helpers/pending-days.js';
import { recordedChanges } from '../../helpers/recorded-changes.js';
import { slicesOf } from '../../helpers/slices-of.js';
import { insertPortfolio, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { addDays, daysFrom } from '../../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const WHOLE = { name: NAME, from: null, to: null, origin: 'REQUEST' } as const;

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
  const rows = daysFrom('2024-01-01', 120).map((day, n) => ({ day, return: n / 1e4, value: n }));
  await insertPortfolio(db.database, portfolioId(1), rows);
  await refreshWhole(new RefreshService(db.database));
});
afterAll(() => db.close());

async function refreshWhole(service: RefreshService): Promise<void> {
  expect(await service.run(WHOLE)).toMatchObject({ state: 'SUCCEEDED' });
  await service.close();
}

/** Makes all days pending again. */
const touch = (): Promise<unknown> =>
  db.database.write('UPDATE portfolio_metrics SET twr_1d = twr_1d + 0.001');
const pending = (): Promise<string[]> => pendingDays(db.database, NAME);

/**
 * The database as a process has it that ends right after its n-th slice: that one is done, but no
 * reply comes back any more. (The embedded engine cannot be killed without its database in memory.)
 */
function endingAfterSlice(n: number): {
  readonly database: Database;
  readonly ended: Promise<void>;
} {
  let slices = 0;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const never = new Promise<never>(() => undefined);
  let hasEnded = false;
  const database = new InterceptedDatabase(db.database, async ({ sql }, next) => {
    if (hasEnded) return never;
    if (isSlice(sql) && n === 0) hasEnded = true;
    const rows = hasEnded ? [] : await next();
    if (isSlice(sql) && ++slices >= n) hasEnded = true;
    if (!hasEnded) return rows;
    end();
    return never;
  });
  return { database, ended };
}

/** The next refresh that is requested. */
async function nextRequested(service: RefreshService): Promise<Refresh> {
  for await (const [change] of service.events.subscribe()) {
    if (change.state === 'QUEUED') return change;
  }
  throw new Error('the events ended');
}

test('a process that ends after any slice leaves what the next one finishes', async () => {
  let n = 0;
  let over: Refresh | void = undefined;
  for (; ; n++) {
    await touch();
    const { database, ended } = endingAfterSlice(n);
    const old = new RefreshService(database);
    const left = await old.request(WHOLE);
    over = await Promise.race([old.wait(left), ended]);
    if (over) break;

    const next = new RefreshService(db.database);
    expect(await next.store.find(left.id)).toMatchObject({ state: 'RUNNING', error: null });
    const requested = nextRequested(next);
    await next.resume();
    const failed = await next.wait(left);
    expect(failed).toMatchObject({
      state: 'FAILED',
      error: 'The process that ran it ended; what it had done is kept.',
    });
    expect(failed.finishedAt).toBeInstanceOf(Date);
    // What it was to do is requested again.
    const again = await requested;
    expect(again).toMatchObject({ from: null, to: null, resumes: 1 });
    expect(await next.wait(again)).toMatchObject({ state: 'SUCCEEDED' });
    await next.close();
    expect(await pending()).toEqual([]);
  }
  // It ended before the first slice and after each of at least three, and then no more.
  expect(over).toMatchObject({ state: 'SUCCEEDED' });
  expect(n).toBeGreaterThan(3);

  const all = (sqlName: string): Promise<unknown[]> =>
    db.database.read(`SELECT * FROM ${sqlName} ORDER BY portfolio_id, day`);
  await db.database.write(
    `CALL refresh_continuous_aggregate('portfolio_metrics_60d_rolling', NULL, NULL)`,
  );
  const resumed = await all('portfolio_metrics_30d_rolling');
  expect(resumed).toHaveLength(120);
  expect(resumed).toEqual(await all('portfolio_metrics_60d_rolling'));
});

test('a refresh that waited in a process that ended runs in the next', async () => {
  await touch();
  const left = await new RefreshStore(db.database, () => undefined).request(WHOLE);
  const next = new RefreshService(db.database);
  await next.resume();
  expect(await next.wait(left)).toMatchObject({ id: left.id, state: 'SUCCEEDED' });
  await next.close();
  expect(await pending()).toEqual([]);
});

test('resume finds nothing to do where nothing was left', async () => {
  const next = new RefreshService(db.database);
  const changes = recordedChanges(next);
  await next.resume();
  await next.close();
  expect(changes).toEqual([]);
});

test('a process that is closed ends between two slices and leaves the rest to the next', async () => {
  await touch();
  const closing: Promise<void>[] = [];
  const waiting: Refresh[] = [];
  const sliced = slicesOf(db.database, {
    async after() {
      waiting.push(await service.request(WHOLE));
      closing.push(service.close());
    },
  });
  const service = new RefreshService(sliced.database);
  const seen = await service.run(WHOLE);
  expect(seen.state).toBe('RUNNING');
  await Promise.all(closing);
  expect(sliced.slices).toHaveLength(1);
  expect(await service.store.find(seen.id)).toMatchObject({
    state: 'FAILED',
    error: 'The process that ran it was stopped; what it had done is kept.',
  });
  const { to } = sliced.slices[0]!;
  expect(await pending()).toEqual([`${addDays(to, 1)} to 2024-04-29, by hand`]);
  expect(await service.store.find(waiting[0]!.id)).toMatchObject({ state: 'QUEUED' });

  const next = new RefreshService(db.database);
  await next.resume();
  expect(await next.wait(waiting[0]!)).toMatchObject({ state: 'SUCCEEDED' });
  await next.close();
});
