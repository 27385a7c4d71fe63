import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LOCAL_CALLER } from '../../../src/access/caller.js';
import type { Refresh } from '../../../src/aggregates/refresh/refresh.js';
import {
  AGGREGATE_NAMES,
  AGGREGATES,
  type AggregateName,
} from '../../../src/aggregates/registry.js';
import {
  breakMaterialization,
  repairMaterialization,
} from '../../helpers/broken-materialization.js';
import { rolledBack } from '../../helpers/rolled-back.js';
import { createTestApi, type TestApi } from '../../helpers/test-api.js';
import { insertPortfolio, insertRows, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysFrom } from '../../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
/** Its first refresh failed half-way. */
const HALF = 'PORTFOLIO_METRICS_90D_SHARPE';
const INSTANT = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as unknown;

let db: TestDatabase;
let api: TestApi;
/** The clock of the API: so long after the real one. */
let aheadMs = 0;

/** What was read before the first row. */
let withoutRows: { readonly statuses: Status[]; readonly performances: Performance[] };
/** What was read once two of the aggregates had been refreshed, and the others never. */
let halfRefreshed: { readonly statuses: Status[]; readonly health: Health; readonly at: number };

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database, { now: () => new Date(Date.now() + aheadMs) });
  withoutRows = { statuses: await statuses(), performances: await performances() };
  // Two chunks of the source, two portfolios.
  const days = [...daysFrom('2023-01-01', 10), ...daysFrom('2024-03-01', 31)];
  const rows = days.map((day, n) => ({ day, return: n / 1000, value: 100 + n }));
  await insertPortfolio(db.database, portfolioId(1), rows);
  await insertPortfolio(db.database, portfolioId(2), rows.slice(0, 20));
  for (const [name, origin] of [
    [NAME, 'POLICY'],
    [HALF, 'REQUEST'],
  ] as const) {
    await breakMaterialization(db.database, name, { from: '2024-03-01' });
    await run(origin, 'FAILED', name);
  }
  await repairMaterialization(db.database);
  await run('REQUEST', 'SUCCEEDED');
  const at = Date.now();
  halfRefreshed = { at, statuses: await statuses(), health: await readHealth() };
});
afterAll(async () => {
  await api.close();
  await db.close();
});

interface Status {
  readonly viewName: AggregateName;
  readonly materializationHypertable: string;
  readonly lastRefresh: string | null;
  readonly refreshLagSeconds: number | null;
  readonly nextRefresh: string | null;
  readonly lastRunStatus: string | null;
  readonly totalRuns: number;
  readonly totalFailures: number;
  readonly totalRows: number;
  readonly sizeBytes: number;
}

async function statuses(argumentsText = '', from = api): Promise<Status[]> {
  const data = (await from.data(`{ aggregateStatus${argumentsText} {
    viewName sqlName materializationHypertable lastRefresh refreshLagSeconds refreshPolicyEnabled
    scheduleInterval startOffset endOffset nextRefresh lastRunStatus lastError totalRuns
    totalFailures totalRows sizeBytes materializedThrough newestSourceDay
    pendingInvalidations { from to coveredByPolicy }
    health { viewName status issues warnings }
  } }`)) as { aggregateStatus: Status[] };
  return data.aggregateStatus;
}

async function statusOf(name: AggregateName): Promise<Status> {
  const [status] = await statuses(`(viewName: ${name})`);
  return status!;
}

/** The schedule of each policy, and how far back it reaches. */
const POLICIES: Readonly<Record<AggregateName, readonly [string, string]>> = {
  PORTFOLIO_METRICS_30D_ROLLING: ['PT1H', 'P1M'],
  PORTFOLIO_METRICS_60D_ROLLING: ['PT6H', 'P2M'],
  PORTFOLIO_METRICS_90D_SHARPE: ['P1D', 'P3M'],
  PORTFOLIO_METRICS_1Y_BETA: ['P1D', 'P1Y'],
};

interface Performance {
  readonly viewName: AggregateName;
  readonly sequentialScans: number;
  readonly indexScans: number;
  readonly liveRows: number;
}

async function performances(argumentsText = '', from = api): Promise<Performance[]> {
  const data = (await from.data(`{ aggregatePerformance${argumentsText} {
    viewName sequentialScans indexScans liveRows deadRows lastAnalyze lastVacuum
    lastRunDurationSeconds lastSuccessfulFinish totalRuns totalSuccesses totalFailures
  } }`)) as { aggregatePerformance: Performance[] };
  return data.aggregatePerformance;
}

/** How the planner may read a table; the first two are tried. */
const WAYS = ['seqscan', 'indexscan', 'indexonlyscan', 'bitmapscan'];

interface Health {
  readonly status: string;
  readonly checkedAt: string;
  readonly issues: string[];
  readonly aggregates: { readonly viewName: string; readonly issues: string[] }[];
}

async function readHealth(): Promise<Health> {
  const data = (await api.data(
    '{ health { status checkedAt issues warnings aggregates { viewName status issues warnings } } }',
  )) as { health: Health };
  return data.health;
}

/** Refreshes all days; the refresh must end so. */
async function run(
  origin: 'REQUEST' | 'POLICY',
  state: 'SUCCEEDED' | 'FAILED',
  name: AggregateName = NAME,
): Promise<Refresh> {
  const done = await api.refreshes.run({ name, from: null, to: null, origin });
  expect(done).toMatchObject({ state });
  return done;
}

const NEVER_RUN = {
  lastRefresh: null,
  refreshLagSeconds: null,
  refreshPolicyEnabled: true,
  endOffset: 'PT1H',
  nextRefresh: INSTANT,
  lastRunStatus: null,
  lastError: null,
  totalRuns: 0,
  totalFailures: 0,
  totalRows: 0,
  sizeBytes: expect.any(Number) as unknown,
  materializedThrough: null,
  newestSourceDay: null,
  pendingInvalidations: [],
};

describe('before the first row', () => {
  test('aggregateStatus has the policies, and nothing else', async () => {
    const all = withoutRows.statuses;
    expect(all.map(({ viewName }) => viewName)).toEqual(AGGREGATE_NAMES);
    for (const status of all) {
      const [scheduleInterval, startOffset] = POLICIES[status.viewName];
      expect(status).toEqual({
        ...NEVER_RUN,
        viewName: status.viewName,
        sqlName: AGGREGATES[status.viewName].sqlName,
        materializationHypertable: status.materializationHypertable,
        scheduleInterval,
        startOffset,
        health: expect.objectContaining({
          viewName: status.viewName,
          status: 'DEGRADED',
        }) as unknown,
      });
      const { materializationHypertable } = status;
      expect(
        await db.database.read('SELECT to_regclass($1) IS NOT NULL AS found', [
          materializationHypertable,
        ]),
      ).toEqual([{ found: true }]);
    }
    expect(new Set(all.map((status) => status.materializationHypertable)).size).toBe(
      AGGREGATE_NAMES.length,
    );
  });

  test('aggregatePerformance has nothing', () => {
    expect(withoutRows.performances).toEqual(
      AGGREGATE_NAMES.map((viewName) => ({
        viewName,
        sequentialScans: 0,
        indexScans: 0,
        liveRows: 0,
        deadRows: 0,
        lastAnalyze: null,
        lastVacuum: null,
        lastRunDurationSeconds: null,
        lastSuccessfulFinish: null,
        totalRuns: 0,
        totalSuccesses: 0,
        totalFailures: 0,
      })),
    );
  });
});

test('viewName gives one alone', async () => {
  expect((await statuses(`(viewName: ${NAME})`)).map(({ viewName }) => viewName)).toEqual([NAME]);
  expect((await performances(`(viewName: ${NAME})`)).map(({ viewName }) => viewName)).toEqual([
    NAME,
  ]);
});

describe('after refreshes', () => {
  // As if none had run.
  beforeEach(() => db.database.write('DELETE FROM aggregate_refreshes'));
  afterEach(() => repairMaterialization(db.database));

  test('by hand, status counts the days of portfolios, restatements in them, and no run', async () => {
    await insertRows(db.database, portfolioId(1), [{ day: '2024-03-02', pack: 'late', return: 0 }]);
    const before = await statusOf(NAME);
    await run('REQUEST', 'SUCCEEDED');
    const status = await statusOf(NAME);
    expect(status).toMatchObject({
      lastRefresh: INSTANT,
      lastRunStatus: before.lastRunStatus,
      totalRuns: before.totalRuns,
      totalRows: 41 + 20,
      newestSourceDay: '2024-03-31',
      pendingInvalidations: [],
      health: { status: 'WARNING', issues: [] },
    });
    expect(status.sizeBytes).toBeGreaterThan(withoutRows.statuses[0]!.sizeBytes);
    const [size] = await db.database.read<{ bytes: string }>(
      'SELECT hypertable_size($1::regclass) AS bytes',
      [status.materializationHypertable],
    );
    expect(status.sizeBytes).toBe(Number(size!.bytes));
    expect(status.refreshLagSeconds).toBeGreaterThanOrEqual(0);
    expect(status.refreshLagSeconds).toBeLessThan(60);
    aheadMs = 3_600_000;
    const later = await statusOf(NAME);
    aheadMs = 0;
    expect(later.lastRefresh).toBe(status.lastRefresh);
    expect(later.refreshLagSeconds! - status.refreshLagSeconds!).toBeGreaterThanOrEqual(3600);
  });

  test('by the policy, status and performance count its runs', async () => {
    const { totalRuns, totalFailures } = await statusOf(NAME);
    const done = await run('POLICY', 'SUCCEEDED');
    expect(await statusOf(NAME)).toMatchObject({
      lastRefresh: done.finishedAt!.toISOString(),
      lastRunStatus: 'Success',
      totalRuns: totalRuns + 1,
      totalFailures,
    });
    const [performance] = await performances(`(viewName: ${NAME})`);
    expect(performance).toMatchObject({
      lastRunDurationSeconds: expect.closeTo(
        (done.finishedAt!.getTime() - done.startedAt!.getTime()) / 1000,
        2,
      ) as unknown,
      lastSuccessfulFinish: done.finishedAt!.toISOString(),
      totalRuns: totalRuns + 1,
      totalSuccesses: totalRuns - totalFailures + 1,
      totalFailures,
    });
  });

  test('that failed, both say so with the reason', async () => {
    await run('REQUEST', 'SUCCEEDED');
    const { totalRuns, totalFailures } = await statusOf(NAME);
    await insertRows(db.database, portfolioId(1), [{ day: '2024-03-30', pack: 'late', return: 0 }]);
    await breakMaterialization(db.database, NAME, { from: '2024-03-01' });
    await run('POLICY', 'FAILED');
    expect(await statusOf(NAME)).toMatchObject({
      lastRunStatus: 'Failed',
      lastError: 'the disk is full',
      totalRuns: totalRuns + 1,
      totalFailures: totalFailures + 1,
      pendingInvalidations: [{ from: '2024-03-30', to: '2024-03-30', coveredByPolicy: false }],
      health: { status: 'DEGRADED' },
    });
    await repairMaterialization(db.database);
    await run('REQUEST', 'SUCCEEDED');
    const [performance] = await performances(`(viewName: ${NAME})`);
    expect(performance).toMatchObject({
      totalRuns: totalRuns + 1,
      totalSuccesses: totalRuns - totalFailures,
      totalFailures: totalFailures + 1,
    });
  });

  test('performance sums the use over the chunks of the materialization', async () => {
    await run('REQUEST', 'SUCCEEDED');
    const before = (await performances(`(viewName: ${NAME})`))[0]!;
    expect(before).toMatchObject({ lastAnalyze: INSTANT, liveRows: 41 + 20 });
    await db.database.transaction(async (session) => {
      for (const enabled of WAYS.slice(0, 2)) {
        for (const way of WAYS) {
          await session.query(`SET LOCAL enable_${way} = ${way === enabled ? 'on' : 'off'}`);
        }
        await session.query('SELECT FROM portfolio_metrics_30d_rolling WHERE day >= $1', [
          '2023-01-01',
        ]);
      }
    });
    const after = (await performances(`(viewName: ${NAME})`))[0]!;
    const chunks = await db.database.read(`SELECT show_chunks('portfolio_metrics_30d_rolling')`);
    // One for each of its chunks; the planner, too, looks into indexes.
    expect(after.sequentialScans).toBe(before.sequentialScans + chunks.length);
    expect(after.indexScans).toBeGreaterThanOrEqual(before.indexScans + chunks.length);
  });
});

describe('after refreshes of two aggregates only', () => {
  const read = (name: AggregateName): Status =>
    halfRefreshed.statuses.find(({ viewName }) => viewName === name)!;

  test('status has the last day of what was refreshed', () => {
    expect(read(NAME)).toMatchObject({
      totalRows: 41 + 20,
      materializedThrough: '2024-03-31',
      newestSourceDay: '2024-03-31',
    });
  });

  test('of which the first failed half-way, status counts the rows that it has left', () => {
    expect(read(HALF)).toMatchObject({ lastRefresh: null, totalRows: 20 });
  });

  test('the others know nothing of them', () => {
    expect(read('PORTFOLIO_METRICS_1Y_BETA')).toMatchObject({
      lastRefresh: null,
      totalRuns: 0,
      totalRows: 0,
      materializedThrough: null,
      newestSourceDay: '2024-03-31',
      pendingInvalidations: [{ from: '2023-01-01', to: '2024-03-31', coveredByPolicy: false }],
    });
  });

  test('health is that of the aggregates, at the time of the clock', () => {
    const { health, at } = halfRefreshed;
    expect(health.status).toBe('DEGRADED');
    expect(Date.parse(health.checkedAt)).toBeGreaterThanOrEqual(at);
    expect(health.aggregates.map(({ viewName }) => viewName)).toEqual(AGGREGATE_NAMES);
    expect(health.issues).toEqual([
      health.aggregates[0]!.issues[0],
      expect.stringContaining(
        'portfolio_metrics_60d_rolling, portfolio_metrics_1y_beta hold no rows',
      ),
    ]);
  });
});

test('all aggregates together take few statements', async () => {
  db.statements.length = 0;
  await statuses();
  expect(db.statements.length).toBeLessThanOrEqual(3);
  db.statements.length = 0;
  await performances();
  expect(db.statements).toHaveLength(1);
  db.statements.length = 0;
  await api.data('{ health { status } }');
  expect(db.statements.length).toBeLessThanOrEqual(5);
});

/** Refreshes all days, also those that can no longer be recorded. */
async function refreshEveryDay(): Promise<void> {
  for (const { sqlName } of Object.values(AGGREGATES)) {
    await db.database.write(`CALL refresh_continuous_aggregate('${sqlName}', NULL, NULL)`);
  }
}

test('a row far outside of what can be recorded is no first or last day, fails no query, and is reported by health until it is gone', async () => {
  const { database } = db;
  const id = portfolioId(77);
  const far = '20000-01-01';
  const [rule] = await database.read<{ rule: string }>(
    `SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE conrelid = 'portfolio_metrics'::regclass AND conname = 'portfolio_metrics_asof_date_bounds'`,
  );
  const constraint = 'CONSTRAINT portfolio_metrics_asof_date_bounds';
  await database.write(`ALTER TABLE portfolio_metrics DROP ${constraint}`);
  await insertPortfolio(database, id, [
    { day: '2020-01-02', return: 0.01 },
    { day: far, return: 0.02 },
  ]);
  await database.write(`ALTER TABLE portfolio_metrics ADD ${constraint} ${rule!.rule} NOT VALID`);
  await database.write(`INSERT INTO portfolio_metrics_out_of_bounds VALUES ($1, $2, 'default')`, [
    id,
    far,
  ]);
  await refreshEveryDay();

  const { portfolio, ranking, aggregateStatus } = await api.data(`{
    portfolio(id: "${id}") {
      firstDay lastDay rolling30d { asOf observations } freshness(window: ONE_YEAR) { staleReason }
    }
    ranking(metric: AVERAGE_RETURN, window: THIRTY_DAYS, minObservations: 1) { asOf }
    aggregateStatus { newestSourceDay materializedThrough }
    freshnessReport
    aggregatePerformance { liveRows }
  }`);
  expect(portfolio).toMatchObject({
    firstDay: '2020-01-02',
    lastDay: '2020-01-02',
    rolling30d: { asOf: '2020-01-02', observations: 1 },
  });
  const near = /^20[0-2]\d-\d\d-\d\d$/;
  expect(ranking.asOf).toMatch(near);
  for (const { newestSourceDay } of aggregateStatus) expect(newestSourceDay).toMatch(near);

  const warnings = async (of: TestApi): Promise<string[]> => {
    const { health } = await of.data('{ health { warnings } }');
    const all = health.warnings as string[];
    return all.filter((warning) => warning.includes('portfolio_metrics_out_of_bounds'));
  };
  expect(await warnings(api)).toEqual([
    expect.stringContaining(`such as portfolio ${id} on ${far}: correct or delete them`),
  ]);
  const caller = { ...LOCAL_CALLER, tenant: 'another' };
  const elsewhere = await createTestApi(database, { caller });
  expect(await warnings(elsewhere)).toEqual([]);
  await elsewhere.close();
  await database.write('DELETE FROM portfolio_metrics WHERE asof_date = $1', [far]);
  expect(await warnings(api)).toEqual([]);
  await database.write('DELETE FROM portfolio_metrics WHERE portfolio_id = $1', [id]);
  await refreshEveryDay();
});

test('an aggregate without a policy has none of its fields, one that is gone is left out', () =>
  rolledBack(db.database, async (inside) => {
    const inTransaction = await createTestApi(inside);
    await inside.write(
      `SELECT remove_continuous_aggregate_policy('portfolio_metrics_60d_rolling')`,
    );
    const [status] = await statuses('(viewName: PORTFOLIO_METRICS_60D_ROLLING)', inTransaction);
    expect(status).toMatchObject({
      refreshPolicyEnabled: false,
      scheduleInterval: null,
      startOffset: null,
      endOffset: null,
      nextRefresh: null,
      lastRunStatus: null,
      totalRuns: 0,
    });
    await inside.write('DROP MATERIALIZED VIEW portfolio_metrics_60d_rolling');
    expect((await statuses('', inTransaction)).map(({ viewName }) => viewName)).toEqual(
      AGGREGATE_NAMES.filter((name) => name !== 'PORTFOLIO_METRICS_60D_ROLLING'),
    );
    expect(await performances('', inTransaction)).toHaveLength(AGGREGATE_NAMES.length - 1);
    await inTransaction.close();
  }));
