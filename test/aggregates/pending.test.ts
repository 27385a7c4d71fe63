import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { toAggregateState } from '../../src/aggregates/aggregate-state.js';
import { setRefreshPolicy } from '../../src/aggregates/refresh/refresh-policy.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../../src/aggregates/registry.js';
import { noteCompleteChunks } from '../../src/aggregates/revisions/complete-chunks.js';
import { aggregateState } from '../../src/timescale/aggregate-state.js';
import { describeRanges, pendingDays } from '../helpers/pending-days.js';
import { insertPortfolio, insertRows, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { addDays, daysFrom, daysOf, sinceNoonOf } from '../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const ID = portfolioId(1);
const TODAY = new Date().toISOString().slice(0, 10);
/** The first day that the policy reaches, and the first that it leaves to a later run. */
const REACH = addDays(TODAY, -20);
const END = addDays(TODAY, -5);

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
  await insertPortfolio(db.database, ID);
});
afterAll(() => db.close());

async function insert(...days: string[]): Promise<void> {
  const rows = days.map((day) => ({ day, return: 0.01, value: 100 }));
  await insertRows(db.database, ID, rows);
}

async function refresh(from: string | null, to: string | null, name: AggregateName = NAME) {
  await db.database.write('CALL refresh_continuous_aggregate($1::regclass, $2::date, $3::date)', [
    AGGREGATES[name].sqlName,
    from,
    to && addDays(to, 1),
  ]);
}

async function jobOf(name: AggregateName): Promise<number> {
  const [job] = await db.database.read<{ job_id: number }>(
    `SELECT job.job_id FROM timescaledb_information.jobs AS job
    JOIN _timescaledb_catalog.continuous_agg AS view
      ON view.mat_hypertable_id = (job.config ->> 'mat_hypertable_id')::int
    WHERE view.user_view_name = $1`,
    [AGGREGATES[name].sqlName],
  );
  return job!.job_id;
}

const pending = (name: AggregateName = NAME): Promise<string[]> => pendingDays(db.database, name);

describe('an aggregate that was never refreshed', () => {
  test('has nothing pending without rows', async () => {
    for (const name of AGGREGATE_NAMES) expect(await pending(name)).toEqual([]);
  });

  test('has everything pending from the first to the last row, split where its policy begins', async () => {
    await insert('2018-01-01', '2018-01-03', '2024-03-01', '2024-03-05', TODAY);
    const name = 'PORTFOLIO_METRICS_90D_SHARPE';
    await setRefreshPolicy(db.database, name, { startOffset: sinceNoonOf(REACH) });
    expect(await pending(name)).toEqual([
      `2018-01-01 to ${addDays(REACH, -1)}, by hand`,
      `${REACH} to ${TODAY}, by policy`,
    ]);
  });

  test('has nothing pending once both of two far ranges are refreshed: nothing is between', async () => {
    const name = 'PORTFOLIO_METRICS_60D_ROLLING';
    await db.database.write('DELETE FROM portfolio_metrics');
    await insert('2018-01-01', '2018-01-03', '2024-03-01', '2024-03-05');
    await refresh('2018-01-01', '2018-01-31', name);
    expect(await pending(name)).toEqual(['2024-03-01 to 2024-03-05, by hand']);
    await refresh('2024-03-01', '2024-03-31', name);
    expect(await pending(name)).toEqual([]);
    await insert('2021-06-15');
    expect(await pending(name)).toEqual(['2021-06-15, by hand']);
  });
});

test('the default policy of one month reaches back to the same day of the month before', async () => {
  const expected = (): string[] => {
    const now = new Date();
    const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
    const lastOfMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const bound = new Date(Date.UTC(year, month - 1, Math.min(now.getUTCDate(), lastOfMonth)));
    const first = bound.toISOString().slice(0, 10);
    return [`2018-01-01 to ${addDays(first, -1)}, by hand`, `${first} to ${TODAY}, by policy`];
  };
  await db.database.write('TRUNCATE portfolio_metrics');
  await insert('2018-01-01', TODAY);
  // Two, in case midnight passes in between.
  const before = expected();
  const found = await pending();
  expect([before, expected()]).toContainEqual(found);
});

describe('a day that changes after a refresh', () => {
  beforeEach(async () => {
    await db.database.write('TRUNCATE portfolio_metrics, scheduled_jobs');
    await setRefreshPolicy(db.database, NAME, {
      enabled: true,
      scheduleInterval: 'P1D',
      startOffset: sinceNoonOf(REACH),
      endOffset: sinceNoonOf(END),
    });
    await insert(...daysFrom('2024-01-01', 31), ...daysOf(addDays(REACH, -5), TODAY));
    await refresh(null, null);
  });

  test('is none at first', async () => {
    expect(await pending()).toEqual([]);
  });

  const late = (day: string, pack = 'late'): Promise<void> =>
    insertRows(db.database, ID, [{ day, pack, return: 0.5 }]);

  test.each([
    ['before its reach', -30, 'hand'],
    ['the day before its reach', -21, 'hand'],
    ['on the first day of its reach', -20, 'policy'],
    ['inside its reach', -10, 'policy'],
    ['on its last day', -6, 'policy'],
    ['after its end, which a later run will reach', -5, 'policy'],
    ['today', 0, 'policy'],
    ['tomorrow', 1, 'policy'],
  ])('%s', async (_where, days, by) => {
    const day = addDays(TODAY, days);
    await late(day);
    expect(await pending()).toEqual([`${day}, by ${by}`]);
  });

  test('by a change over the edge of the reach is split there', async () => {
    await db.database.write(
      'UPDATE portfolio_metrics SET twr_1d = 0.7 WHERE asof_date BETWEEN $1 AND $2',
      [addDays(REACH, -3), addDays(REACH, 2)],
    );
    expect(await pending()).toEqual([
      `${addDays(REACH, -3)} to ${addDays(REACH, -1)}, by hand`,
      `${REACH} to ${addDays(REACH, 2)}, by policy`,
    ]);
  });

  test('is reached by a run of TimescaleDB exactly where the split says so', async () => {
    await db.database.write('UPDATE portfolio_metrics SET twr_1d = 0.8 WHERE asof_date >= $1', [
      addDays(REACH, -2),
    ]);
    await db.database.write('CALL run_job($1)', [await jobOf(NAME)]);
    expect(await pending()).toEqual([
      `${addDays(REACH, -2)} to ${addDays(REACH, -1)}, by hand`,
      `${END} to ${TODAY}, by policy`,
    ]);
  });

  test('is reached only if the next run, not one now, reaches it', async () => {
    await late(REACH);
    await late(addDays(REACH, 2));
    const ranAgo = (hours: number): Promise<unknown> =>
      db.database.write(
        `INSERT INTO scheduled_jobs VALUES ($1, now() - make_interval(hours => $2))
        ON CONFLICT (job_id) DO UPDATE SET last_started_at = excluded.last_started_at`,
        [jobId, hours],
      );
    const jobId = await jobOf(NAME);
    await ranAgo(0);
    expect(await pending()).toEqual([`${REACH}, by hand`, `${addDays(REACH, 2)}, by policy`]);
    // A run that is overdue happens now.
    await ranAgo(24 * 3);
    expect(await pending()).toEqual([`${REACH}, by policy`, `${addDays(REACH, 2)}, by policy`]);
  });

  test('is reached by no run of a policy that comes seldom and takes little', async () => {
    await setRefreshPolicy(db.database, NAME, {
      scheduleInterval: 'P10D',
      startOffset: sinceNoonOf(addDays(TODAY, -12)),
      endOffset: sinceNoonOf(addDays(TODAY, -8)),
    });
    await db.database.write('UPDATE portfolio_metrics SET twr_1d = 0.6 WHERE asof_date >= $1', [
      addDays(TODAY, -14),
    ]);
    expect(await pending()).toEqual([
      `${addDays(TODAY, -14)} to ${addDays(TODAY, -13)}, by hand`,
      `${addDays(TODAY, -12)} to ${addDays(TODAY, -9)}, by policy`,
      `${addDays(TODAY, -8)} to ${addDays(TODAY, -3)}, by hand`,
      `${addDays(TODAY, -2)} to ${TODAY}, by policy`,
    ]);
  });

  test('is reached by no run of a disabled policy', async () => {
    await late(TODAY);
    await setRefreshPolicy(db.database, NAME, { enabled: false });
    expect(await pending()).toEqual([`${TODAY}, by hand`]);
    await setRefreshPolicy(db.database, NAME, { enabled: true });
    expect(await pending()).toEqual([`${TODAY}, by policy`]);
  });

  test('is reached always by a policy without a start', async () => {
    await late('2024-01-02');
    expect(await pending()).toEqual(['2024-01-02, by hand']);
    await setRefreshPolicy(db.database, NAME, { startOffset: null });
    expect(await pending()).toEqual(['2024-01-02, by policy']);
  });

  test('by a restatement', async () => {
    await insertRows(db.database, ID, [{ day: '2024-01-05', pack: 'restated', return: null }]);
    expect(await pending()).toEqual(['2024-01-05, by hand']);
  });

  test('by an update', async () => {
    await db.database.write(
      `UPDATE portfolio_metrics SET portfolio_value_base = 7 WHERE asof_date = '2024-01-09'`,
    );
    expect(await pending()).toEqual(['2024-01-09, by hand']);
  });

  test('by a delete', async () => {
    await db.database.write(`DELETE FROM portfolio_metrics WHERE asof_date = '2024-01-09'`);
    expect(await pending()).toEqual(['2024-01-09, by hand']);
  });

  test.each([
    ['first', '2024-01-01', 'hand'],
    ['last', TODAY, 'policy'],
  ])(
    'by a delete of the last row of the %s day: it is in the aggregate still',
    async (_which, day, by) => {
      await db.database.write('DELETE FROM portfolio_metrics WHERE asof_date = $1', [day]);
      expect(await pending()).toEqual([`${day}, by ${by}`]);
      await refresh(day, day);
      expect(await pending()).toEqual([]);
      const held = await db.database.read(
        'SELECT FROM portfolio_metrics_30d_rolling WHERE day = $1',
        [day],
      );
      expect(held).toHaveLength(0);
    },
  );

  test('by a delete of everything', async () => {
    await db.database.write('DELETE FROM portfolio_metrics');
    const found = await pending();
    expect(found.at(0)).toMatch(/^2024-01-01 to /);
    expect(found.at(-1)).toBe(`${REACH} to ${TODAY}, by policy`);
    await refresh(null, null);
    expect(await pending()).toEqual([]);
  });

  test('together with others is split by a refresh over a part of them', async () => {
    await db.database.write(
      `UPDATE portfolio_metrics SET twr_1d = 0.9 WHERE asof_date BETWEEN '2024-01-02' AND '2024-01-30'`,
    );
    expect(await pending()).toEqual(['2024-01-02 to 2024-01-30, by hand']);
    await refresh('2024-01-10', '2024-01-20');
    expect(await pending()).toEqual([
      '2024-01-02 to 2024-01-09, by hand',
      '2024-01-21 to 2024-01-30, by hand',
    ]);
  });

  test('comes merged with its neighbours and in order, whichever log it is in', async () => {
    for (const day of ['2024-01-20', '2024-01-05', '2024-01-03']) await late(day);
    // Moves the changes so far from the log of the source to that of the aggregate.
    await refresh('2023-01-01', '2023-01-02');
    for (const day of ['2024-01-10', '2024-01-04', '2024-01-05', '2024-01-21'])
      await late(day, 'later');
    expect(await pending()).toEqual([
      '2024-01-03 to 2024-01-05, by hand',
      '2024-01-10, by hand',
      '2024-01-20 to 2024-01-21, by hand',
    ]);
  });
});

test('thousands of small transactions in the log cost one cheap statement', async () => {
  await db.database.write('TRUNCATE portfolio_metrics');
  await refresh(null, null);
  // Every other day of 500, over and over, each in a transaction of its own.
  await db.database.write(`
    DO $$ BEGIN
      FOR n IN 0..4999 LOOP
        INSERT INTO portfolio_metrics (portfolio_id, asof_date, pricing_pack_id)
        VALUES ('${ID}', date '2019-01-01' + 2 * (n % 250), 'pack ' || n / 250);
        COMMIT;
      END LOOP;
    END $$`);
  const [log] = await db.database.read<{ entries: number }>(`
    SELECT count(*)::int AS entries
    FROM _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log`);
  expect(log!.entries).toBeGreaterThanOrEqual(5000);
  db.statements.length = 0;
  const startedMs = performance.now();
  const found = await pending();
  // About 0.3 s; the rest is for a machine that is busy.
  expect(performance.now() - startedMs).toBeLessThan(3000);
  expect(db.statements).toHaveLength(2);
  expect(found).toHaveLength(250);
  expect(found.slice(0, 2)).toEqual(['2019-01-01, by hand', '2019-01-03, by hand']);
});

// By the pages that are looked at: they do not depend on how busy the machine is.
test('what is pending costs no more where the source has hundreds of chunks', async () => {
  const pagesWith = async (chunks: number): Promise<number> => {
    await db.database.write('TRUNCATE portfolio_metrics');
    await insert(...Array.from({ length: chunks }, (_, n) => addDays('2024-01-01', -180 * n)));
    await refresh(null, null);
    await insert('2024-01-02', '2024-01-04');
    await noteCompleteChunks(db.database);
    expect(await pending()).toEqual(['2024-01-02 to 2024-01-04, by hand']);
    const state = aggregateState(AGGREGATES[NAME].sqlName);
    const [row] = await db.database.write<{
      'QUERY PLAN': Record<'Plan' | 'Planning', Record<string, number>>[];
    }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${state}`);
    const { Plan: executed, Planning: planned } = row!['QUERY PLAN'][0]!;
    return [executed, planned].reduce(
      (sum, each) => sum + each['Shared Hit Blocks']! + each['Shared Read Blocks']!,
      0,
    );
  };
  const few = await pagesWith(10);
  expect(await pagesWith(250)).toBeLessThan(2 * few);
});

describe('toAggregateState', () => {
  const row = { materializedThrough: null, lastRefreshSeconds: null };

  test('merges what touches or overlaps and splits where the policy begins', () => {
    const { pending: ranges } = toAggregateState({
      ...row,
      missing: [],
      isUnnoted: false,
      withoutSource: [],
      policyRuns: [[15, null]],
      pending: [
        [20, 20],
        [10, 12],
        [13, 16],
        [11, 11],
        [18, 18],
      ],
    });
    expect(ranges).toEqual([
      { from: 10, to: 14, coveredByPolicy: false },
      { from: 15, to: 16, coveredByPolicy: true },
      { from: 18, to: 18, coveredByPolicy: true },
      { from: 20, to: 20, coveredByPolicy: true },
    ]);
    expect(describeRanges(ranges)[0]).toBe('1970-01-11 to 1970-01-15, by hand');
  });

  test('splits between runs that leave days out, and not between those that touch', () => {
    const { pending: ranges } = toAggregateState({
      ...row,
      missing: [],
      isUnnoted: false,
      withoutSource: [],
      policyRuns: [
        [2, 3],
        [4, 5],
        [8, 9],
      ],
      pending: [[1, 10]],
    });
    expect(ranges.map(({ from, to, coveredByPolicy }) => [from, to, coveredByPolicy])).toEqual([
      [1, 1, false],
      [2, 5, true],
      [6, 7, false],
      [8, 9, true],
      [10, 10, false],
    ]);
  });
});
