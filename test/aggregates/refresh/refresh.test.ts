import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import {
  refreshAllAndWait,
  RefreshService,
} from '../../../src/aggregates/refresh/refresh-service.js';
import type { Refresh } from '../../../src/aggregates/refresh/refresh.js';
import { AGGREGATE_NAMES, type AggregateName } from '../../../src/aggregates/registry.js';
import { formatDay, toDay } from '../../../src/metrics/calendar.js';
import type { Progress } from '../../../src/progress.js';
import { pendingDays } from '../../helpers/pending-days.js';
import { recordedChanges } from '../../helpers/recorded-changes.js';
import { slicesOf, type TestSlice } from '../../helpers/slices-of.js';
import { insertPortfolio, insertRows, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { addDays, daysFrom } from '../../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const ID = portfolioId(1);
/** 250 days with a row each. */
const FIRST = '2024-01-01';
const LAST = '2024-09-06';
const WHOLE = { name: NAME, from: null, to: null, origin: 'REQUEST' } as const;

let db: TestDatabase;
/** The service under test, over a database that lets the test in before and after each slice. */
let refreshes: RefreshService;
let slices: TestSlice[];
let changes: readonly Refresh[];
/** A refresh before there was any row. */
let withoutRows: { readonly refresh: Refresh; readonly slices: readonly TestSlice[] };
let before: (number: number) => unknown;
let after: (number: number) => unknown;

function start(): void {
  before = after = () => undefined;
  const sliced = slicesOf(db.database, {
    before: (number) => before(number),
    after: (number) => after(number),
  });
  slices = sliced.slices;
  refreshes = new RefreshService(sliced.database);
  changes = recordedChanges(refreshes);
}

beforeAll(async () => {
  db = await openTestDatabase();
  start();
  withoutRows = { refresh: await refreshes.run(WHOLE), slices };
  await refreshes.close();
  const rows = daysFrom(FIRST, 250).map((day, n) => ({ day, return: n / 1e4, value: 100 + n }));
  await insertPortfolio(db.database, ID, rows);
});
/** Nothing is pending at the start of each test. */
beforeEach(async () => {
  start();
  await refreshes.run(WHOLE);
  await refreshes.close();
  start();
});
afterEach(async () => {
  await refreshes.close();
  jest.restoreAllMocks();
});
afterAll(() => db.close());

/** Makes all days pending again. */
const touch = (): Promise<unknown> =>
  db.database.write('UPDATE portfolio_metrics SET twr_1d = twr_1d + 0.001');
const pending = (name: AggregateName = NAME): Promise<string[]> => pendingDays(db.database, name);
const range = (from: string, to: string) => ({ ...WHOLE, from: toDay(from), to: toDay(to) });
const dayText = (day: number | null): string | null => (day === null ? null : formatDay(day));
const lengthsOf = (list: readonly TestSlice[]): number[] =>
  list.map(({ from, to }) => toDay(to) - toDay(from) + 1);

test('without any row a refresh succeeds at once', () => {
  expect(withoutRows.refresh).toMatchObject({ state: 'SUCCEEDED', progress: 1 });
  expect(withoutRows.slices).toEqual([]);
});

describe('requested days without a row', () => {
  const [SOON, LATE] = ['2024-10-01', '2024-12-01'];
  /** One statement writes two days: all between them are pending. */
  const writeTwo = (): Promise<unknown> =>
    insertRows(db.database, ID, [
      { day: SOON, pack: 'two', return: 0.1 },
      { day: LATE, pack: 'two', return: 0.1 },
    ]);
  beforeEach(async () => {
    await writeTwo();
    await refreshes.run(WHOLE);
    await db.database.write(
      'UPDATE portfolio_metrics SET twr_1d = 0.2 WHERE asof_date IN ($1, $2)',
      [SOON, LATE],
    );
  });
  afterEach(() => db.database.write(`DELETE FROM portfolio_metrics WHERE pricing_pack_id = 'two'`));

  test('are refreshed where they are pending', async () => {
    expect(await pending()).toEqual([`${SOON} to ${LATE}, by hand`]);
    const done = await refreshes.run(range('2024-10-10', '2024-10-20'));
    expect(done).toMatchObject({ state: 'SUCCEEDED', pendingAfter: [] });
    expect(await pending()).toEqual([`${SOON}, by hand`, `${LATE}, by hand`]);
  });

  test('are refreshed with a row that comes meanwhile, or named', async () => {
    let hasCome = false;
    after = async () => {
      if (hasCome) return;
      hasCome = true;
      await insertRows(db.database, ID, [{ day: '2024-09-20', pack: 'two', return: 0.1 }]);
    };
    const done = await refreshes.run(range('2024-09-15', LATE));
    expect(done.state).toBe('SUCCEEDED');
    const day = toDay('2024-09-20');
    expect(done.pendingAfter).toMatchObject([{ from: day, to: day }]);
  });
});

test('a snapshot is read for subscribers, and none for callers that read one themselves', async () => {
  let snapshots = 0;
  const revisions = {
    catchUp: async () => {
      snapshots += 1;
    },
  };
  const service = new RefreshService(db.database, undefined, revisions);
  await refreshAllAndWait(service, WHOLE);
  expect(snapshots).toBe(0);
  const subscription = service.events.subscribe();
  await service.run(WHOLE);
  expect(snapshots).toBe(1);
  await subscription.return!();
  await service.close();
});

test('a refresh is QUEUED, then RUNNING with more and more progress, then SUCCEEDED', async () => {
  const shown: Parameters<Progress>[] = [];
  await touch();
  const done = await refreshes.run(WHOLE, (...step) => shown.push(step));
  expect(changes.map(({ state }) => state)).toEqual([
    'QUEUED',
    'RUNNING',
    // After each slice but the last one.
    ...slices.slice(1).map(() => 'RUNNING'),
    'SUCCEEDED',
  ]);
  const steps = changes.map(({ progress }) => progress);
  expect(steps.slice(0, 2)).toEqual([0, 0]);
  expect(steps.at(-1)).toBe(1);
  const moving = steps.slice(1, -1);
  expect(moving).toEqual([...new Set(moving)].toSorted((a, b) => a - b));
  expect(new Set(changes.map(({ id }) => id)).size).toBe(1);

  expect(done).toEqual(changes.at(-1));
  expect(changes[0]).toMatchObject({ startedAt: null, finishedAt: null });
  expect(done).toMatchObject({ name: NAME, error: null, pendingAfter: [], from: null, to: null });
  expect(done.startedAt!.getTime()).toBeGreaterThanOrEqual(done.requestedAt.getTime());
  expect(done.finishedAt!.getTime()).toBeGreaterThanOrEqual(done.startedAt!.getTime());
  expect(await pending()).toEqual([]);
  expect(shown.at(-1)).toEqual(['Refreshing portfolio_metrics_30d_rolling', 1, 1]);
});

describe('the slices of a refresh', () => {
  test('are as long as the time of the one before lets expect, and cover the days once', async () => {
    await touch();
    let nowMs = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    const tookMs = [100, 100, 100, 1200, 5000, 100, 100, 100, 100, 100];
    after = (number) => (nowMs += tookMs[number - 1]!);
    expect(await refreshes.run(WHOLE)).toMatchObject({ state: 'SUCCEEDED' });
    // 40 days in 1.2 s are 33 a second, 33 in 5 s are 6; never more than twice as many.
    expect(lengthsOf(slices)).toEqual([5, 10, 20, 40, 33, 6, 12, 24, 48, 52]);
    expect(slices[0]!.from).toBe(FIRST);
    for (const [index, { from }] of slices.slice(1).entries()) {
      expect(from).toBe(addDays(slices[index]!.to, 1));
    }
    expect(slices.at(-1)!.to).toBe(LAST);
    const running = changes.filter(({ state }) => state === 'RUNNING');
    expect(running.slice(1).map(({ progress }) => progress * 250)).toEqual(
      [5, 15, 35, 75, 108, 114, 126, 150, 198].map((days) => expect.closeTo(days, 9) as unknown),
    );
  });

  test('do not count days that are fresh', async () => {
    await refreshes.run(WHOLE);
    expect(lengthsOf(slices)).toEqual([250]);
    slices.length = 0;
    await insertRows(db.database, ID, [{ day: '2024-03-01', pack: 'late', return: 0.5 }]);
    await refreshes.run(WHOLE);
    expect(lengthsOf(slices)).toEqual([250]);
    expect(await pending()).toEqual([]);
  });

  test('stay inside the requested range, and end with the last row', async () => {
    await touch();
    await refreshes.run(range('2024-02-10', '2024-02-20'));
    expect(slices).toEqual([
      { from: '2024-02-10', to: '2024-02-14' },
      { from: '2024-02-15', to: '2024-02-20' },
    ]);
    expect(await pending()).toEqual([
      `${FIRST} to 2024-02-09, by hand`,
      `2024-02-21 to ${LAST}, by hand`,
    ]);
    slices.length = 0;
    await refreshes.run(range('1990-01-01', '2024-01-05'));
    expect(slices).toEqual([{ from: '1990-01-01', to: '2024-01-05' }]);
    slices.length = 0;
    await refreshes.run({ ...WHOLE, from: toDay('2024-09-02') });
    expect(slices).toEqual([{ from: '2024-09-02', to: LAST }]);
    slices.length = 0;
    await refreshes.run(range('2030-01-01', '2030-12-31'));
    expect(slices).toEqual([]);
  });

  test('leave the database to others in between', async () => {
    await touch();
    const results: unknown[] = [];
    before = async () => results.push(await db.database.read('SELECT 1 AS one'));
    await refreshes.run(WHOLE);
    expect(results.length).toBeGreaterThan(1);
    expect(results).toHaveLength(slices.length);
  });
});

describe('a request while a refresh runs', () => {
  test('joins the one that waits, which is widened, and never the running one', async () => {
    const joined: Refresh[] = [];
    before = async (number) => {
      if (number !== 1) return;
      joined.push(await refreshes.request(range('2024-03-01', '2024-03-10')));
      joined.push(await refreshes.request(range('2024-02-01', '2024-02-05')));
      joined.push(await refreshes.request(range('2024-02-03', '2024-03-04')));
      joined.push(await refreshes.request({ ...WHOLE, from: toDay('2024-03-09') }));
      joined.push(await refreshes.request(range('2024-01-20', '2024-01-21')));
      joined.push(await refreshes.request({ ...WHOLE, to: toDay('2024-01-10') }));
    };
    await touch();
    const running = await refreshes.run(range('2024-01-01', '2024-01-10'));
    expect(joined.map(({ from, to }) => [dayText(from), dayText(to)])).toEqual([
      ['2024-03-01', '2024-03-10'],
      ['2024-02-01', '2024-03-10'],
      ['2024-02-01', '2024-03-10'],
      ['2024-02-01', null],
      ['2024-01-20', null],
      [null, null],
    ]);
    expect(new Set(joined.map(({ id }) => id)).size).toBe(1);
    expect(joined[0]!.id).not.toBe(running.id);
    expect(joined.every(({ state }) => state === 'QUEUED')).toBe(true);
    const second = await refreshes.wait(joined[0]!);
    expect(second).toMatchObject({ state: 'SUCCEEDED', from: null, to: null });
    expect(second.startedAt!.getTime()).toBeGreaterThanOrEqual(running.finishedAt!.getTime());
    expect(await pending()).toEqual([]);
  });

  test('brings in the row that the running one has passed', async () => {
    let request: Promise<Refresh> | undefined;
    after = async (number) => {
      if (number !== 1) return;
      await insertRows(db.database, ID, [{ day: FIRST, pack: 'passed', return: 0.25 }]);
      request = refreshes.request(WHOLE);
      await request;
    };
    await touch();
    const running = await refreshes.run(WHOLE);
    expect(running.state).toBe('SUCCEEDED');
    const second = await refreshes.wait(await request!);
    expect(second).toMatchObject({ state: 'SUCCEEDED', pendingAfter: [] });
    expect(second.id).not.toBe(running.id);
    const rows = await db.database.read(
      'SELECT daily_return FROM portfolio_metrics_30d_rolling WHERE day = $1',
      [FIRST],
    );
    expect(rows).toEqual([{ daily_return: 0.25 }]);
  });

  test('of another aggregate is another refresh', async () => {
    const others: Refresh[] = [];
    before = async (number) => {
      if (number !== 1) return;
      const name = 'PORTFOLIO_METRICS_60D_ROLLING';
      others.push(await refreshes.request({ ...range(FIRST, '2024-01-02'), name }));
    };
    await refreshes.run(range(FIRST, FIRST));
    const [other] = others;
    expect(await refreshes.wait(other!)).toMatchObject({
      name: 'PORTFOLIO_METRICS_60D_ROLLING',
      state: 'SUCCEEDED',
    });
  });

  test('of a policy makes the one that waits a run of the policy', async () => {
    const originOf = async ({ id }: Refresh): Promise<unknown> =>
      (await db.database.read('SELECT origin FROM aggregate_refreshes WHERE id = $1', [id]))[0];
    const origins: unknown[] = [];
    before = async (number) => {
      if (number !== 1) return;
      for (const origin of ['REQUEST', 'POLICY', 'REQUEST'] as const) {
        origins.push(await originOf(await refreshes.request({ ...WHOLE, origin })));
      }
    };
    await refreshes.run(range(FIRST, FIRST));
    expect(origins).toEqual(['REQUEST', 'POLICY', 'POLICY'].map((origin) => ({ origin })));
  });
});

test('waiting may end before the refresh does, which goes on', async () => {
  await touch();
  const waiting = new AbortController();
  after = (number) => {
    if (number === 1) waiting.abort();
  };
  const seen = await refreshes.run(WHOLE, undefined, waiting.signal);
  expect(seen.state).toBe('RUNNING');
  expect(await refreshes.wait(seen)).toMatchObject({ id: seen.id, state: 'SUCCEEDED' });
});

describe('cancelling', () => {
  test('a refresh that waits ends it at once', async () => {
    const cancelled: (Refresh | undefined)[] = [];
    before = async (number) => {
      if (number !== 1) return;
      const { id } = await refreshes.request(WHOLE);
      cancelled.push(await refreshes.store.cancel(id));
    };
    await touch();
    await refreshes.run(range(FIRST, '2024-01-05'));
    expect(cancelled).toEqual([
      expect.objectContaining({ state: 'CANCELLED', startedAt: null, error: null }),
    ]);
    expect(cancelled[0]!.finishedAt).toBeInstanceOf(Date);
    await refreshes.close();
    expect(await refreshes.store.find(cancelled[0]!.id)).toEqual(cancelled[0]);
    expect(lengthsOf(slices)).toEqual([5]);
  });

  test('one that runs ends it between two slices; what is done is kept', async () => {
    await touch();
    after = async (number) => {
      if (number === 2) await refreshes.store.cancel(changes[0]!.id);
    };
    const done = await refreshes.run(WHOLE);
    expect(done).toMatchObject({ state: 'CANCELLED', error: null, cancelRequested: true });
    expect(done.progress).toBeGreaterThan(0);
    expect(done.progress).toBeLessThan(1);
    expect(slices).toHaveLength(2);
    expect(await pending()).toEqual([`${addDays(slices[1]!.to, 1)} to ${LAST}, by hand`]);
  });

  test('one that has done its last slice comes too late', async () => {
    await touch();
    after = () => refreshes.store.cancel(changes[0]!.id);
    expect(await refreshes.run(range(FIRST, '2024-01-05'))).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('one that is over leaves it as it is', async () => {
    const done = await refreshes.run(range(FIRST, FIRST));
    expect(await refreshes.store.cancel(done.id)).toEqual(done);
    expect(changes.at(-1)).toEqual(done);
  });
});

test('of one late day all aggregates are requested in one statement, and each is written only at its start and end', async () => {
  await insertRows(db.database, ID, [{ day: FIRST, pack: 'late', return: 0.02 }]);
  db.statements.length = 0;
  const done = await refreshAllAndWait(refreshes, { from: toDay(FIRST), to: toDay(FIRST) });
  await refreshes.close();
  expect(done.map(({ name, state }) => [name, state])).toEqual(
    AGGREGATE_NAMES.map((name) => [name, 'SUCCEEDED']),
  );
  const written = (pattern: RegExp): number =>
    db.statements.filter((sql) => pattern.test(sql)).length;
  expect(written(/INSERT INTO aggregate_refreshes/)).toBe(1);
  expect(written(/SET progress/)).toBe(0);
  expect(written(/SET state = 'RUNNING'.*started_at/s)).toBe(2 * AGGREGATE_NAMES.length);
});
