import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CacheMemory } from '../../../src/aggregates/cache-memory.js';
import { dailyColumns } from '../../../src/aggregates/registry.js';
import { Revisions } from '../../../src/aggregates/revisions/revisions.js';
import type { DailySeriesRange } from '../../../src/aggregates/series/daily-series-reader.js';
import {
  DailySeriesStore,
  type LoadedSeries,
} from '../../../src/aggregates/series/daily-series-store.js';
import { SeriesCache } from '../../../src/aggregates/series/series-cache.js';
import { toDay } from '../../../src/metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../../../src/metrics/daily-series.js';
import { InterceptedDatabase } from '../../helpers/intercepted-database.js';
import { insertPortfolio, insertRows, portfolioId, refreshOne } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysOf } from '../../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const ID = portfolioId(1);
const OTHER = portfolioId(2);

let db: TestDatabase;
let beforeRead: () => Promise<void>;
let store: DailySeriesStore;

beforeAll(async () => {
  db = await openTestDatabase();
  const rows = daysOf('2024-01-01', '2024-06-30').map((day) => ({ day, return: 0.01, value: 1 }));
  await insertPortfolio(db.database, ID, rows);
  await insertPortfolio(db.database, OTHER, rows.slice(0, 60));
  await refreshOne(db.database, NAME, '2024-01-01', '2024-06-30');
});
afterAll(() => db.close());

beforeEach(() => {
  beforeRead = async () => undefined;
  store = storeWith({});
  db.statements.length = 0;
});

/** A store whose reads of series are preceded by what a test wants to happen just then. */
function storeWith({ maxBytes = 1_000_000, maxAge = 0 }): DailySeriesStore {
  const database = new InterceptedDatabase(db.database, async ({ sql }, next) => {
    if (isRead(sql)) await beforeRead();
    return next();
  });
  const revisions = new Revisions(database, maxAge);
  const cache = new SeriesCache(new CacheMemory(maxBytes), 3_600_000);
  return new DailySeriesStore(database, revisions, cache);
}

function isRead(sql: string): boolean {
  return sql.includes('AS packed');
}

/** Holds up reads until they are released. */
function holdReads(): { isUnderWay: Promise<void>; release: () => void } {
  let arrived = (): void => undefined;
  const isUnderWay = new Promise<void>((resolve) => (arrived = resolve));
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  beforeRead = () => {
    arrived();
    return released;
  };
  return { isUnderWay, release };
}

function reads(): number {
  return db.statements.filter(isRead).length;
}

function range(from: string, to: string, id = ID): DailySeriesRange {
  return { portfolioId: id, from: toDay(from), to: toDay(to), latest: false };
}

function latest(id = ID): DailySeriesRange {
  return { portfolioId: id, from: Infinity, to: -Infinity, latest: true };
}

/** All columns of a portfolio. */
async function load(wanted: DailySeriesRange): Promise<LoadedSeries> {
  return store.load(NAME, wanted, dailyColumns(NAME));
}

async function returnOn(day: string): Promise<{ value: number; pending: number }> {
  const { series, state } = await load(range(day, day));
  const index = series.days.indexOf(toDay(day));
  return { value: series.returns[index]!, pending: state.pending.length };
}

describe('the daily series in memory', () => {
  test('are read once a revision', async () => {
    for (let n = 0; n < 3; n++) await load(range('2024-03-01', '2024-03-31'));
    await load(range('2024-03-10', '2024-03-20'));
    expect(reads()).toBe(1);
  });

  test('are read further where more is wanted, and stay known', async () => {
    await load(range('2024-03-01', '2024-03-31'));
    const wider = await load(range('2024-02-01', '2024-03-15'));
    expect(wider.series.days[0]).toBe(toDay('2024-02-01'));
    const all = await load(range('2024-02-01', '2024-03-31'));
    expect(all.series.days).toHaveLength(60);
    expect(reads()).toBe(2);
  });

  test('to the last day serve every later day and the latest window', async () => {
    await load(range('2024-05-01', '2024-07-31'));
    await load(range('2024-06-01', '2025-12-31'));
    const { series } = await load(latest());
    expect(series.days.at(-1)).toBe(toDay('2024-06-30'));
    expect(reads()).toBe(1);
  });

  test('of a portfolio that ended earlier are read to its own last day', async () => {
    await load(range('2024-05-01', '2024-07-31', OTHER));
    const { series } = await load(latest(OTHER));
    expect(series.days.at(-1)).toBe(toDay('2024-02-29'));
    expect(reads()).toBe(2);
  });

  test('of a portfolio without rows are known to be empty', async () => {
    for (let n = 0; n < 2; n++) {
      const { series } = await load(latest(portfolioId(3)));
      expect(series.days).toHaveLength(0);
    }
    await load(range('2000-01-01', '2030-01-01', portfolioId(3)));
    expect(reads()).toBe(1);
  });

  test('that are being read are waited for, not read again', async () => {
    store = storeWith({ maxAge: 3_600_000 });
    await store.revisions.current();
    const { isUnderWay, release } = holdReads();
    const first = load(range('2024-03-01', '2024-06-30'));
    await isUnderWay;
    const second = load(range('2024-03-05', '2024-12-31'));
    // Its batch is made in a later tick; a statement of its own would have come by then.
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect((await second).series).toBe((await first).series);
    expect(reads()).toBe(1);
  });

  test('that are being read are not taken for the days of others that are wanted', async () => {
    store = storeWith({ maxAge: 3_600_000 });
    await store.revisions.current();
    const { isUnderWay, release } = holdReads();
    const wide = [range('2024-01-01', '2024-06-30'), latest(OTHER)].map(load);
    await isUnderWay;
    const old = [ID, OTHER].map((id) => load(range('2024-01-01', '2024-01-10', id)));
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await Promise.all(wide);
    for (const { series } of await Promise.all(old)) {
      expect(series.days[0]).toBe(toDay('2024-01-01'));
    }
    expect(reads()).toBe(2);
  });

  test('come in one statement for all that is requested in one tick', async () => {
    await Promise.all([
      load(range('2024-03-01', '2024-03-31')),
      load(range('2024-01-01', '2024-01-31')),
      load(latest()),
      load(latest(OTHER)),
    ]);
    expect(reads()).toBe(1);
  });

  test('with some columns do not stand for all of them', async () => {
    await store.loadAll([
      { name: NAME, ranges: [range('2024-03-01', '2024-03-31')], columns: ['returns'] },
    ]);
    const { series } = await load(range('2024-03-01', '2024-03-31'));
    expect(series.values).toHaveLength(31);
    expect(reads()).toBe(2);
  });

  test('are cached with the columns of earlier reads of the same days', async () => {
    const days = range('2024-03-01', '2024-03-31');
    const read = async (column: DailyColumn): Promise<DailySeries> => {
      const [loaded] = await store.loadAll([{ name: NAME, ranges: [days], columns: [column] }]);
      return loaded!.series[0]!;
    };
    const returns = (await read('returns')).returns;
    const values = (await read('values')).values;
    expect(reads()).toBe(2);
    const both = await load(days);
    expect(both.series).toMatchObject({ returns, values });
    expect((await read('returns')).returns).toEqual(returns);
    expect(reads()).toBe(2);
  });

  test('are left when they are too many', async () => {
    store = storeWith({ maxBytes: 8000 });
    for (const id of [ID, OTHER, ID]) await load(range('2024-01-01', '2024-06-30', id));
    expect(reads()).toBe(3);
    expect(store.bytes).toBeGreaterThan(4000);
    expect(store.bytes).toBeLessThanOrEqual(8000);
  });

  test('are not cached at all with a bound of 0', async () => {
    store = storeWith({ maxBytes: 0 });
    for (let n = 0; n < 2; n++) await load(range('2024-03-01', '2024-03-31'));
    expect(reads()).toBe(2);
    expect(store.bytes).toBe(0);
  });
});

describe('a change', () => {
  const DAY = '2024-03-10';
  const LATER = '2024-03-20';

  let packs = 0;
  async function restate(day: string, value: number): Promise<void> {
    await insertRows(db.database, ID, [{ day, return: value, value: 1, pack: `late ${++packs}` }]);
  }

  test('shows after the refresh that took it, and not before', async () => {
    const { value } = await returnOn(DAY);
    await restate(DAY, value + 1);
    expect(await returnOn(DAY)).toEqual({ value, pending: 1 });
    expect(reads()).toBe(1);
    await refreshOne(db.database, NAME, DAY, DAY);
    expect(await returnOn(DAY)).toEqual({ value: value + 1, pending: 0 });
    expect(reads()).toBe(2);
  });

  test('that is refreshed by hand shows too', async () => {
    await returnOn(DAY);
    await restate(DAY, 5);
    await db.database.write(
      `CALL refresh_continuous_aggregate('portfolio_metrics_30d_rolling', '${DAY}', '${LATER}')`,
    );
    expect(await returnOn(DAY)).toEqual({ value: 5, pending: 0 });
  });

  test('between the request and the read is seen by both or by neither', async () => {
    beforeRead = async () => {
      beforeRead = async () => undefined;
      await restate(DAY, 6);
      await restate(LATER, 6);
      await refreshOne(db.database, NAME, DAY, DAY);
      await restate(DAY, 7);
    };
    expect(await returnOn(DAY)).toEqual({ value: 6, pending: 2 });
    expect(await returnOn(DAY)).toEqual({ value: 6, pending: 2 });
    await refreshOne(db.database, NAME, DAY, LATER);
    expect(await returnOn(DAY)).toEqual({ value: 7, pending: 0 });
  });

  test('of another portfolio does not hide behind an unchanged log', async () => {
    await returnOn(DAY);
    // Written and refreshed between two snapshots: the log looks the same before and after.
    await insertRows(db.database, OTHER, [{ day: DAY, return: 0.5 }]);
    await refreshOne(db.database, NAME, DAY, DAY);
    const { series } = await load(range(DAY, DAY, OTHER));
    expect(series.returns[0]).toBe(0.5);
    await db.database.write(
      'DELETE FROM portfolio_metrics WHERE portfolio_id = $1 AND asof_date = $2',
      [OTHER, DAY],
    );
    await refreshOne(db.database, NAME, DAY, DAY);
  });

  test('by dropping chunks shows', async () => {
    await db.database.write(
      `INSERT INTO portfolio_metrics (portfolio_id, asof_date, twr_1d) VALUES ($1, '1990-01-01', 1)`,
      [ID],
    );
    await refreshOne(db.database, NAME, '1990-01-01', '1990-01-01');
    expect((await returnOn('1990-01-01')).value).toBe(1);
    await db.database.write(
      `SELECT drop_chunks('portfolio_metrics_30d_rolling', older_than => date '2000-01-01')`,
    );
    expect((await load(range('1990-01-01', '1990-01-01'))).series.days).toHaveLength(0);
  });
});
