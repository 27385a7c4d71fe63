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
import { setRefreshPolicy } from '../../../src/aggregates/refresh/refresh-policy.js';
import { RefreshService } from '../../../src/aggregates/refresh/refresh-service.js';
import type { Refresh } from '../../../src/aggregates/refresh/refresh.js';
import { Scheduler } from '../../../src/aggregates/refresh/scheduler.js';
import { AGGREGATE_NAMES, type AggregateName } from '../../../src/aggregates/registry.js';
import {
  readAggregateStatuses,
  type AggregateStatus,
} from '../../../src/aggregates/status/aggregate-status.js';
import { healthOf } from '../../../src/aggregates/status/health.js';
import { formatDay } from '../../../src/metrics/calendar.js';
import {
  breakMaterialization,
  repairMaterialization,
} from '../../helpers/broken-materialization.js';
import { nextChange, recordedChanges } from '../../helpers/recorded-changes.js';
import { insertPortfolio, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysFrom } from '../../helpers/test-days.js';

const HOURLY: AggregateName = 'PORTFOLIO_METRICS_30D_ROLLING';
const SIX_HOURLY: AggregateName = 'PORTFOLIO_METRICS_60D_ROLLING';
const DAILY: AggregateName[] = ['PORTFOLIO_METRICS_90D_SHARPE', 'PORTFOLIO_METRICS_1Y_BETA'];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START = Date.parse('2024-06-15T12:00:00Z');
const CHECK_MS = 30_000;

let db: TestDatabase;
let refreshes: RefreshService;
let changes: readonly Refresh[];
let scheduler: Scheduler;
let errors: unknown[];
let nowMs: number;

beforeAll(async () => {
  db = await openTestDatabase();
  const days = [...daysFrom('2019-02-01', 3), ...daysFrom('2024-06-01', 14)];
  await insertPortfolio(
    db.database,
    portfolioId(1),
    days.map((day) => ({ day, return: 0.01 })),
  );
});
beforeEach(() => {
  nowMs = START;
  errors = [];
  refreshes = new RefreshService(db.database);
  changes = recordedChanges(refreshes);
  scheduler = newScheduler();
});
afterEach(async () => {
  await scheduler.close();
  await refreshes.close();
  jest.restoreAllMocks();
  await db.database.write('DELETE FROM scheduled_jobs');
  await db.database.write('DELETE FROM aggregate_refreshes');
});
afterAll(() => db.close());

function newScheduler(): Scheduler {
  return new Scheduler(
    db.database,
    refreshes,
    () => new Date(nowMs),
    (error) => errors.push(error),
  );
}

/** Lets the clock go on to so long after the start, and gives the aggregates whose jobs ran then. */
async function ranAfter(passedMs: number): Promise<AggregateName[]> {
  nowMs = START + passedMs;
  const before = changes.length;
  await scheduler.runDueJobs();
  return changes
    .slice(before)
    .flatMap(({ state, name }) => (state === 'RUNNING' ? name : []))
    .filter((name, index, names) => names.indexOf(name) === index);
}

async function statusOf(name: AggregateName): Promise<AggregateStatus> {
  const [status] = await readAggregateStatuses(db.database, 'application', [name]);
  return status!;
}

async function compressedChunks(): Promise<number> {
  const rows = await db.database.read(
    `SELECT FROM timescaledb_information.chunks
    WHERE hypertable_name = 'portfolio_metrics' AND is_compressed`,
  );
  return rows.length;
}

describe('the scheduler', () => {
  test('runs every job at the start: policies over their days, and compression', async () => {
    await db.database.write(`SELECT decompress_chunk(show_chunks('portfolio_metrics'), true)`);
    expect(await compressedChunks()).toBe(0);
    const last = nextChange(
      refreshes,
      ({ name, state }) => name === 'PORTFOLIO_METRICS_1Y_BETA' && state === 'SUCCEEDED',
    );
    scheduler.start();
    await last;
    await scheduler.close();
    expect(errors).toEqual([]);
    // By the clock of the database, all rows are older than two years.
    expect(await compressedChunks()).toBe(2);
    const done = changes.filter(({ state }) => state === 'SUCCEEDED');
    // The end offset of an hour leaves out the day of the run.
    expect(done.map(({ name, from, to }) => [name, formatDay(from!), formatDay(to!)])).toEqual([
      ['PORTFOLIO_METRICS_30D_ROLLING', '2024-05-15', '2024-06-14'],
      ['PORTFOLIO_METRICS_60D_ROLLING', '2024-04-15', '2024-06-14'],
      ['PORTFOLIO_METRICS_90D_SHARPE', '2024-03-15', '2024-06-14'],
      ['PORTFOLIO_METRICS_1Y_BETA', '2023-06-15', '2024-06-14'],
    ]);
    const origins = await db.database.read('SELECT DISTINCT origin FROM aggregate_refreshes');
    expect(origins).toEqual([{ origin: 'POLICY' }]);
  });

  test('runs a job again when its schedule has passed, and not before', async () => {
    expect(await ranAfter(0)).toEqual(AGGREGATE_NAMES);
    expect(await ranAfter(0)).toEqual([]);
    expect(await ranAfter(59 * MINUTE_MS)).toEqual([]);
    expect(await ranAfter(HOUR_MS)).toEqual([HOURLY]);
    expect(await ranAfter(2 * HOUR_MS - 1)).toEqual([]);
    expect(await ranAfter(6 * HOUR_MS)).toEqual([HOURLY, SIX_HOURLY]);
    expect(await ranAfter(DAY_MS)).toEqual(AGGREGATE_NAMES);
  });

  test('runs each job once after a sleep of days', async () => {
    await ranAfter(0);
    expect(await ranAfter(5 * DAY_MS + 7 * MINUTE_MS)).toEqual(AGGREGATE_NAMES);
    expect(await ranAfter(5 * DAY_MS + 8 * MINUTE_MS)).toEqual([]);
    const runs = changes.filter(({ name, state }) => name === HOURLY && state === 'SUCCEEDED');
    expect(runs.map(({ to }) => formatDay(to!))).toEqual(['2024-06-14', '2024-06-19']);
  });

  test('knows after a restart what ran before it', async () => {
    await ranAfter(0);
    await scheduler.close();
    scheduler = newScheduler();
    expect(await ranAfter(30 * MINUTE_MS)).toEqual([]);
    expect(await ranAfter(HOUR_MS)).toEqual([HOURLY]);
  });

  test('is not held up by a run in the future, when the clock was wrong', async () => {
    await ranAfter(400 * DAY_MS);
    expect(await ranAfter(0)).toEqual(AGGREGATE_NAMES);
    expect(await ranAfter(30 * MINUTE_MS)).toEqual([]);
  });

  test('does not run again what an instance has run whose clock is ahead', async () => {
    await ranAfter(20_000);
    expect(await ranAfter(0)).toEqual([]);
  });

  test('leaves the jobs of other tables of the database alone', async () => {
    for (const statement of [
      'CREATE TABLE other (day date NOT NULL)',
      `SELECT create_hypertable('other', by_range('day'))`,
      'ALTER TABLE other SET (timescaledb.compress)',
      `SELECT add_compression_policy('other', INTERVAL '1 day')`,
    ]) {
      await db.database.write(statement);
    }
    await ranAfter(0);
    // Compression of portfolio_metrics, and the policies.
    expect(await db.database.read('SELECT FROM scheduled_jobs')).toHaveLength(
      1 + AGGREGATE_NAMES.length,
    );
    await db.database.write('DROP TABLE other');
  });

  test('does not run a disabled policy, until it is enabled', async () => {
    await ranAfter(0);
    await setRefreshPolicy(db.database, HOURLY, { enabled: false });
    expect(await ranAfter(7 * HOUR_MS)).toEqual([SIX_HOURLY]);
    await setRefreshPolicy(db.database, HOURLY, { enabled: true });
    expect(await ranAfter(7 * HOUR_MS + MINUTE_MS)).toEqual([HOURLY]);
  });

  test('runs a policy without offsets over everything', async () => {
    await setRefreshPolicy(db.database, HOURLY, { startOffset: null, endOffset: null });
    await ranAfter(0);
    expect(changes[0]).toMatchObject({ name: HOURLY, from: null, to: null });
    await setRefreshPolicy(db.database, HOURLY, { startOffset: 'P1M', endOffset: 'PT1H' });
  });

  test('looks again every while, and not after it is closed', async () => {
    const timers: (() => void)[] = [];
    const real = globalThis.setTimeout;
    let hasSet = (): void => undefined;
    jest.spyOn(globalThis, 'setTimeout').mockImplementation((work: () => void, ms?: number) => {
      if (ms !== CHECK_MS) return real(work, ms);
      timers.push(work);
      hasSet();
      return real(() => undefined, 0);
    });
    const nextTimer = (): Promise<void> => new Promise((resolve) => (hasSet = resolve));

    let set = nextTimer();
    scheduler.start();
    await set;
    const succeeded = () => changes.filter(({ state }) => state === 'SUCCEEDED');
    expect(succeeded()).toHaveLength(AGGREGATE_NAMES.length);
    nowMs += HOUR_MS;
    set = nextTimer();
    timers[0]!();
    await set;
    expect(succeeded()).toHaveLength(AGGREGATE_NAMES.length + 1);

    nowMs += DAY_MS;
    timers[1]!();
    await scheduler.close();
    expect(timers).toHaveLength(2);
    const before = changes.length;
    expect(await ranAfter(9 * DAY_MS)).toEqual([]);
    expect(changes).toHaveLength(before);
  });

  test('that is closed ends after the job that runs', async () => {
    const running = nextChange(refreshes, ({ state }) => state === 'RUNNING');
    scheduler.start();
    await running;
    await scheduler.close();
    await refreshes.close();
    expect(new Set(changes.map(({ name }) => name))).toEqual(new Set([HOURLY]));
    const started = await db.database.read('SELECT FROM scheduled_jobs');
    // Compression and the first policy.
    expect(started).toHaveLength(2);
  });
});

describe('a job that fails', () => {
  test('does not stop the others, and status and health report it', async () => {
    await db.database.write(
      `UPDATE portfolio_metrics SET twr_1d = 0.02 WHERE asof_date >= '2024-06-01'`,
    );
    await breakMaterialization(db.database, SIX_HOURLY, { from: '2024-06-10' });
    expect(await ranAfter(0)).toEqual(AGGREGATE_NAMES);
    expect(await ranAfter(6 * HOUR_MS)).toEqual([HOURLY, SIX_HOURLY]);
    const { policy, ...failed } = await statusOf(SIX_HOURLY);
    expect(policy).toMatchObject({
      lastRunStatus: 'Failed',
      lastError: 'the disk is full',
      totalRuns: 2,
      totalFailures: 2,
      totalSuccesses: 0,
      recentFailures: 2,
      lastSuccess: null,
    });
    expect(healthOf(SIX_HOURLY, { ...failed, policy }, new Date()).issues).toContain(
      'The last run of the refresh policy of portfolio_metrics_60d_rolling failed: the disk is full. Fix that, then refresh (rolling-metrics refresh --aggregate portfolio_metrics_60d_rolling, or the mutation refreshAggregate).',
    );

    await repairMaterialization(db.database);
    await ranAfter(12 * HOUR_MS);
    expect((await statusOf(SIX_HOURLY)).policy).toMatchObject({
      lastRunStatus: 'Success',
      totalRuns: 3,
      totalFailures: 2,
      totalSuccesses: 1,
      recentFailures: 2,
      lastSuccess: expect.any(Date) as unknown,
    });
  });

  test('and is no refresh: the caller of the scheduler receives it, and the others run', async () => {
    const point = (hypertable: string): Promise<unknown> =>
      db.database.write(
        `UPDATE _timescaledb_config.bgw_job
        SET config = jsonb_set(config, '{hypertable_id}', '${hypertable}')
        WHERE proc_name = 'policy_compression'`,
      );
    const [row] = await db.database.read<{ id: string }>(
      `SELECT config ->> 'hypertable_id' AS id FROM timescaledb_information.jobs
      WHERE proc_name = 'policy_compression'`,
    );
    await point('9999');
    expect(await ranAfter(0)).toEqual(AGGREGATE_NAMES);
    expect(errors).toHaveLength(1);
    await point(row!.id);
  });
});

test('status speaks of the runs of the scheduler', async () => {
  const before = (await statusOf(HOURLY)).policy!;
  expect(before).toMatchObject({ totalRuns: 0, lastRunStatus: null, lastSuccess: null });
  // Never run: it is due.
  expect(Math.abs(before.nextRun!.getTime() - Date.now())).toBeLessThan(MINUTE_MS);
  await ranAfter(0);
  await ranAfter(HOUR_MS);
  const hourly = await statusOf(HOURLY);
  expect(hourly.policy).toMatchObject({
    enabled: true,
    nextRun: new Date(START + 2 * HOUR_MS),
    lastRunStatus: 'Success',
    lastError: null,
    totalRuns: 2,
    totalSuccesses: 2,
    totalFailures: 0,
  });
  expect(hourly.lastRefresh).toEqual(hourly.policy!.lastSuccess);
  for (const name of DAILY) {
    expect((await statusOf(name)).policy).toMatchObject({
      nextRun: new Date(START + DAY_MS),
      totalRuns: 1,
    });
  }
});
