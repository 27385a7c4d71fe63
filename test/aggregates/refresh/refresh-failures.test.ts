import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { RefreshService } from '../../../src/aggregates/refresh/refresh-service.js';
import { RefreshStore } from '../../../src/aggregates/refresh/refresh-store.js';
import type { Refresh } from '../../../src/aggregates/refresh/refresh.js';
import { readAggregateStatuses } from '../../../src/aggregates/status/aggregate-status.js';
import type { Database } from '../../../src/database/database.js';
import { toDay } from '../../../src/metrics/calendar.js';
import {
  breakMaterialization,
  repairMaterialization,
} from '../../helpers/broken-materialization.js';
import { InterceptedDatabase, isSlice } from '../../helpers/intercepted-database.js';
import { describeRanges, pendingDays } from '../../helpers/pending-days.js';
import { recordedChanges } from '../../helpers/recorded-changes.js';
import { slicesOf, type SlicedDatabase } from '../../helpers/slices-of.js';
import { insertPortfolio, insertRows, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { addDays, daysFrom } from '../../helpers/test-days.js';
import { withoutWaiting } from '../../helpers/without-waiting.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const ID = portfolioId(1);
/** 120 days with a row each. */
const FIRST = '2024-01-01';
const LAST = '2024-04-29';
const WHOLE = { name: NAME, from: null, to: null, origin: 'REQUEST' } as const;

let db: TestDatabase;
const services: RefreshService[] = [];

/** A service over a database, closed after the test. */
function serviceOver(database: SlicedDatabase | InterceptedDatabase): RefreshService {
  const service = new RefreshService('slices' in database ? database.database : database);
  services.push(service);
  return service;
}

beforeAll(async () => {
  db = await openTestDatabase();
  const rows = daysFrom(FIRST, 120).map((day, n) => ({ day, return: n / 1e4, value: 100 + n }));
  await insertPortfolio(db.database, ID, rows);
  await serviceOver(slicesOf(db.database)).run(WHOLE);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(services.splice(0).map((service) => service.close()));
  await repairMaterialization(db.database);
});
afterAll(() => db.close());

/** Makes all days pending again. */
const touch = (): Promise<unknown> =>
  db.database.write('UPDATE portfolio_metrics SET twr_1d = twr_1d + 0.001');
const pending = (): Promise<string[]> => pendingDays(db.database, NAME);

test('old refreshes are deleted, but not what freshness and counts of runs need', async () => {
  const sqlName = 'portfolio_metrics_60d_rolling';
  const insert = (origin: string, state: string, count: number): Promise<unknown> =>
    db.database.write(
      `INSERT INTO aggregate_refreshes (view_name, origin, state, started_at, finished_at)
      SELECT $1, $2, $3, now(), now() FROM generate_series(1, $4)`,
      [sqlName, origin, state, count],
    );
  await insert('POLICY', 'SUCCEEDED', 3);
  await insert('POLICY', 'FAILED', 5);
  await insert('REQUEST', 'CANCELLED', 1100);
  const name = 'PORTFOLIO_METRICS_60D_ROLLING';
  await serviceOver(slicesOf(db.database)).run({ ...WHOLE, name });
  const counts = await db.database.read(
    `SELECT origin, state, count(*)::int AS count FROM aggregate_refreshes
    WHERE view_name = $1 GROUP BY origin, state ORDER BY origin, state`,
    [sqlName],
  );
  expect(counts).toEqual([
    { origin: 'POLICY', state: 'SUCCEEDED', count: 1 },
    // The refresh that ran was waiting then, and is one of the newest.
    { origin: 'REQUEST', state: 'CANCELLED', count: 999 },
    { origin: 'REQUEST', state: 'SUCCEEDED', count: 1 },
  ]);
  const [status] = await readAggregateStatuses(db.database, 'application', [name]);
  expect(status!.policy).toMatchObject({ totalRuns: 8, totalFailures: 5 });
});

describe('a refresh that the database fails half-way', () => {
  test('is FAILED with the reason, and what it has not done stays pending until one succeeds', async () => {
    await touch();
    await breakMaterialization(db.database, NAME, { from: '2024-03-01' });
    const sliced = slicesOf(db.database);
    const refreshes = serviceOver(sliced);
    const failed = await refreshes.run(WHOLE);
    expect(failed).toMatchObject({ state: 'FAILED', error: 'the disk is full', pendingAfter: [] });
    expect(failed.finishedAt).toBeInstanceOf(Date);
    expect(failed.progress).toBeGreaterThan(0);
    expect(failed.progress).toBeLessThan(1);
    // The slice that failed is undone as a whole; those before it stay done.
    const last = sliced.slices.at(-1)!;
    expect(sliced.slices.length).toBeGreaterThan(1);
    expect(last.from <= '2024-03-01' && last.to >= '2024-03-01').toBe(true);
    expect(await pending()).toEqual([`${last.from} to ${LAST}, by hand`]);

    await repairMaterialization(db.database);
    expect(await refreshes.run(WHOLE)).toMatchObject({ state: 'SUCCEEDED', error: null });
    expect(await pending()).toEqual([]);
  });

  test('leaves exactly its days pending, not the fresh ones beside them', async () => {
    await db.database.write(
      `UPDATE portfolio_metrics SET twr_1d = 0.5 WHERE asof_date BETWEEN '2024-03-05' AND '2024-03-10'`,
    );
    await breakMaterialization(db.database, NAME, { from: '2024-03-07' });
    const range = { ...WHOLE, from: toDay('2024-03-05'), to: toDay('2024-03-10') };
    const refreshes = serviceOver(slicesOf(db.database));
    expect(await refreshes.run(range)).toMatchObject({ state: 'FAILED' });
    expect(await pending()).toEqual(['2024-03-05 to 2024-03-10, by hand']);
    await repairMaterialization(db.database);
    await refreshes.run(range);
    expect(await pending()).toEqual([]);
  });

  test('does not hinder the one that waits', async () => {
    await touch();
    await breakMaterialization(db.database, NAME, { from: FIRST, times: 1 });
    const waiting: string[] = [];
    const refreshes = serviceOver(
      slicesOf(db.database, {
        async before(number) {
          if (number === 1) waiting.push((await refreshes.request(WHOLE)).id);
        },
      }),
    );
    expect(await refreshes.run(WHOLE)).toMatchObject({ state: 'FAILED' });
    const second = await refreshes.store.find(waiting[0]!);
    expect(await refreshes.wait(second!)).toMatchObject({ state: 'SUCCEEDED' });
  });
});

describe('a slice that fails', () => {
  test.each(['40001', '40P01', '55P03'])(
    'for a reason that passes, %s, is tried again',
    async (sqlState) => {
      await touch();
      withoutWaiting();
      await breakMaterialization(db.database, NAME, { from: FIRST, sqlState, times: 2 });
      const sliced = slicesOf(db.database);
      expect(await serviceOver(sliced).run(WHOLE)).toMatchObject({
        state: 'SUCCEEDED',
        error: null,
      });
      const tries = sliced.slices.filter(({ from }) => from === FIRST);
      expect(tries).toHaveLength(3);
      expect(await pending()).toEqual([]);
    },
  );

  test('with a deadlock every time fails the refresh after five tries', async () => {
    await touch();
    withoutWaiting();
    await breakMaterialization(db.database, NAME, {
      from: FIRST,
      sqlState: '40P01',
      message: 'deadlock detected',
    });
    const sliced = slicesOf(db.database);
    const failed = await serviceOver(sliced).run(WHOLE);
    expect(failed).toMatchObject({ state: 'FAILED', error: 'deadlock detected', progress: 0 });
    expect(sliced.slices).toHaveLength(5);
  });

  test('because another refresh runs is tried as long as that takes, or until it is cancelled', async () => {
    await touch();
    withoutWaiting();
    await breakMaterialization(db.database, NAME, { from: FIRST, sqlState: '55P03' });
    const sliced = slicesOf(db.database, {
      async before(number) {
        if (number === 12) await refreshes.store.cancel(refresh.id);
      },
    });
    const refreshes = serviceOver(sliced);
    const refresh = await refreshes.request(WHOLE);
    expect(await refreshes.wait(refresh)).toMatchObject({ state: 'CANCELLED', error: null });
    expect(sliced.slices).toHaveLength(12);
  });

  test('because another refresh runs waits again, and counts from when it really begins', async () => {
    await touch();
    await breakMaterialization(db.database, NAME, { from: FIRST, sqlState: '55P03', times: 2 });
    const refreshes = serviceOver(slicesOf(db.database));
    const seen = recordedChanges(refreshes);
    const done = await refreshes.run(WHOLE);
    expect(done).toMatchObject({ state: 'SUCCEEDED', error: null });
    const states = seen.map(({ state }) => state);
    expect(states.slice(0, 6)).toEqual([
      'QUEUED',
      'RUNNING',
      'QUEUED',
      'RUNNING',
      'QUEUED',
      'RUNNING',
    ]);
    expect(seen[2]).toMatchObject({ startedAt: null, progress: 0 });
    expect(done.startedAt).toEqual(seen[5]!.startedAt);
    expect(await pending()).toEqual([]);
  });

  test('because another refresh runs goes on where one waits behind it', async () => {
    await touch();
    withoutWaiting();
    await breakMaterialization(db.database, NAME, { from: FIRST, sqlState: '55P03', times: 2 });
    const waiting: string[] = [];
    const refreshes = serviceOver(
      slicesOf(db.database, {
        async before(number) {
          if (number === 1) waiting.push((await refreshes.store.request(WHOLE)).id);
        },
      }),
    );
    const first = await refreshes.run(WHOLE);
    expect(first).toMatchObject({ state: 'SUCCEEDED' });
    const [second] = waiting;
    expect(second).not.toBe(first.id);
    expect(await refreshes.wait((await refreshes.store.find(second!))!)).toMatchObject({
      state: 'SUCCEEDED',
    });
  });

  test('for any other reason is not tried again', async () => {
    await touch();
    const message = 'invalid input syntax';
    await breakMaterialization(db.database, NAME, { from: FIRST, sqlState: '22P02', message });
    const sliced = slicesOf(db.database);
    const failed = await serviceOver(sliced).run(WHOLE);
    expect(failed).toMatchObject({ state: 'FAILED', error: message });
    expect(sliced.slices).toHaveLength(1);
  });
});

describe('rows written while a refresh runs', () => {
  test('to days it has passed are named in pendingAfter of its success', async () => {
    await touch();
    const refreshes = serviceOver(
      slicesOf(db.database, {
        async after(number) {
          if (number !== 1) return;
          await insertRows(db.database, ID, [
            { day: '2024-01-02', pack: 'late', return: 0.5 },
            { day: '2024-01-03', pack: 'late', return: 0.5 },
          ]);
        },
      }),
    );
    const done = await refreshes.run(WHOLE);
    expect(done).toMatchObject({ state: 'SUCCEEDED', progress: 1, error: null });
    expect(describeRanges(done.pendingAfter)).toEqual(['2024-01-02 to 2024-01-03, by hand']);
    expect(await pending()).toEqual(['2024-01-02 to 2024-01-03, by hand']);
    expect((await refreshes.run(WHOLE)).pendingAfter).toEqual([]);
    expect(await pending()).toEqual([]);
  });

  test('to days it has still to come to are in it, and those outside its range are not its concern', async () => {
    await touch();
    const range = { ...WHOLE, from: toDay('2024-01-05'), to: toDay('2024-04-20') };
    const refreshes = serviceOver(
      slicesOf(db.database, {
        async after(number) {
          if (number !== 1) return;
          await insertRows(db.database, ID, [{ day: '2024-04-20', pack: 'to come', return: 0.5 }]);
          await insertRows(db.database, ID, [{ day: '2024-01-04', pack: 'outside', return: 0.5 }]);
        },
      }),
    );
    expect(await refreshes.run(range)).toMatchObject({ state: 'SUCCEEDED', pendingAfter: [] });
    const rows = await db.database.read(
      `SELECT daily_return FROM portfolio_metrics_30d_rolling WHERE day = '2024-04-20'`,
    );
    expect(rows).toEqual([{ daily_return: 0.5 }]);
  });
});

// A stand-in, because TimescaleDB cannot be brought to report a success and leave days out at
// will; that it happened to others is why a refresh verifies what it did.
describe('slices that succeed and do nothing', () => {
  /** A database that reports some of the slices as done without doing them. */
  const swallowing = (isSwallowed: (number: number) => boolean): SlicedDatabase => {
    let number = 0;
    return slicesOf(
      new InterceptedDatabase(db.database, async ({ sql }, next) =>
        isSlice(sql) && isSwallowed(++number) ? [] : next(),
      ),
    );
  };

  test('are done again, then the refresh is FAILED and names the days', async () => {
    await touch();
    const sliced = swallowing(() => true);
    expect(await serviceOver(sliced).run(WHOLE)).toMatchObject({
      state: 'FAILED',
      error: expect.stringContaining(`no later write explains it: ${FIRST} to ${LAST}.`) as unknown,
    });
    expect(sliced.slices.filter(({ from }) => from === FIRST)).toHaveLength(2);
    expect(sliced.slices.filter(({ to }) => to === LAST)).toHaveLength(2);
  });

  test('are FAILED, too, when other days are written meanwhile', async () => {
    await touch();
    let written = 0;
    const sliced = slicesOf(
      new InterceptedDatabase(db.database, async ({ sql }, next) => {
        if (!isSlice(sql)) return next();
        const row = { day: '2024-01-05', pack: `meanwhile ${++written}`, return: 0.1 };
        await insertRows(db.database, ID, [row]);
        return [];
      }),
    );
    expect(await serviceOver(sliced).run(WHOLE)).toMatchObject({
      state: 'FAILED',
      error: expect.stringContaining(`${FIRST} to 2024-01-04, 2024-01-06 to ${LAST}.`) as unknown,
    });
  });

  test('are done again, and it succeeds where that is enough', async () => {
    await touch();
    const sliced = swallowing((number) => number === 2);
    expect(await serviceOver(sliced).run(WHOLE)).toMatchObject({
      state: 'SUCCEEDED',
      pendingAfter: [],
    });
    expect(sliced.slices.filter(({ to }) => to === LAST)).toHaveLength(2);
    expect(await pending()).toEqual([]);
  });
});

test('a failure to run anything is reported, and the next request runs all the same', async () => {
  const errors: unknown[] = [];
  let failures = 1;
  const database = new InterceptedDatabase(db.database, async ({ sql }, next) => {
    if (sql.includes(`SET state = 'RUNNING'`) && failures-- > 0) throw new Error('connection lost');
    return next();
  });
  const reported = new Promise<void>((resolve) => {
    services.push(
      new RefreshService(database, (error) => {
        errors.push(error);
        resolve();
      }),
    );
  });
  const [refreshes] = services;
  const first = await refreshes!.request(WHOLE);
  await reported;
  expect(errors).toEqual([new Error('connection lost')]);
  expect(await refreshes!.run(WHOLE)).toMatchObject({ id: first.id, state: 'SUCCEEDED' });
});

describe('a process that ends', () => {
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

  test('after any slice leaves what the next one finishes', async () => {
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

  test('while a refresh waits leaves it to the next', async () => {
    await touch();
    const left = await new RefreshStore(db.database, () => undefined).request(WHOLE);
    const next = new RefreshService(db.database);
    await next.resume();
    expect(await next.wait(left)).toMatchObject({ id: left.id, state: 'SUCCEEDED' });
    await next.close();
    expect(await pending()).toEqual([]);
  });

  test('leaves nothing to resume where nothing was left', async () => {
    const next = new RefreshService(db.database);
    const changes = recordedChanges(next);
    await next.resume();
    await next.close();
    expect(changes).toEqual([]);
  });

  test('because it is closed ends between two slices and leaves the rest to the next', async () => {
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
    expect(await pending()).toEqual([`${addDays(to, 1)} to ${LAST}, by hand`]);
    expect(await service.store.find(waiting[0]!.id)).toMatchObject({ state: 'QUEUED' });

    const next = new RefreshService(db.database);
    await next.resume();
    expect(await next.wait(waiting[0]!)).toMatchObject({ state: 'SUCCEEDED' });
    await next.close();
  });
});
