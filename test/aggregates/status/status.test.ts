import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LOCAL_CALLER } from '../../../src/access/caller.js';
import {
  AGGREGATE_NAMES,
  AGGREGATES,
  type AggregateName,
} from '../../../src/aggregates/registry.js';
import { breakMaterialization, mendMaterialization } from '../../helpers/broken-materialization.js';
import { createTestApi, type TestApi } from '../../helpers/test-api.js';
import { insertPortfolio, insertRows, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysFrom } from '../../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const INSTANT = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as unknown;

let db: TestDatabase;
let api: TestApi;
/** The clock of the API: so long after the real one. */
let aheadMs = 0;

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database, { now: () => new Date(Date.now() + aheadMs) });
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

async function statuses(argumentsText = ''): Promise<Status[]> {
  const data = (await api.data(`{ aggregateStatus${argumentsText} {
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

async function performances(argumentsText = ''): Promise<Performance[]> {
  const data = (await api.data(`{ aggregatePerformance${argumentsText} {
    viewName sequentialScans indexScans liveRows deadRows lastAnalyze lastVacuum
    lastRunDurationSeconds lastSuccessfulFinish totalRuns totalSuccesses totalFailures
  } }`)) as { aggregatePerformance: Performance[] };
  return data.aggregatePerformance;
}

/** How the planner may read a table; the first two are tried. */
const WAYS = ['seqscan', 'indexscan', 'indexonlyscan', 'bitmapscan'];

const run = (origin: 'REQUEST' | 'POLICY') =>
  api.refreshes.run({ name: NAME, from: null, to: null, origin });

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
    const all = await statuses();
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

  test('aggregatePerformance has nothing', async () => {
    const all = await performances();
    expect(all).toEqual(
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

  test('viewName gives one alone', async () => {
    expect((await statuses(`(viewName: ${NAME})`)).map(({ viewName }) => viewName)).toEqual([NAME]);
    expect((await performances(`(viewName: ${NAME})`)).map(({ viewName }) => viewName)).toEqual([
      NAME,
    ]);
  });
});

describe('after refreshes', () => {
  let emptySize: number;

  beforeAll(async () => {
    emptySize = (await statusOf(NAME)).sizeBytes;
    // Two chunks of the source, two portfolios, restatements.
    const days = [...daysFrom('2023-01-01', 10), ...daysFrom('2024-03-01', 31)];
    const rows = days.map((day, n) => ({ day, return: n / 1000, value: 100 + n }));
    await insertPortfolio(db.database, portfolioId(1), rows);
    await insertPortfolio(db.database, portfolioId(2), rows.slice(0, 20));
    await insertRows(db.database, portfolioId(1), [{ day: '2024-03-02', pack: 'late', return: 0 }]);
  });

  test('by hand, status counts the days of portfolios, restatements in them, and no run', async () => {
    const before = await statusOf(NAME);
    expect(await run('REQUEST')).toMatchObject({ state: 'SUCCEEDED' });
    const status = await statusOf(NAME);
    expect(status).toMatchObject({
      lastRefresh: INSTANT,
      lastRunStatus: before.lastRunStatus,
      totalRuns: before.totalRuns,
      totalRows: 41 + 20,
      materializedThrough: '2024-03-31',
      newestSourceDay: '2024-03-31',
      pendingInvalidations: [],
      health: { status: 'WARNING', issues: [] },
    });
    expect(status.sizeBytes).toBeGreaterThan(emptySize);
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
    const done = await run('POLICY');
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
    expect(await run('REQUEST')).toMatchObject({ state: 'SUCCEEDED' });
    const { totalRuns, totalFailures } = await statusOf(NAME);
    await insertRows(db.database, portfolioId(1), [{ day: '2024-03-30', pack: 'late', return: 0 }]);
    await breakMaterialization(db.database, NAME, { from: '2024-03-01' });
    expect(await run('POLICY')).toMatchObject({ state: 'FAILED' });
    expect(await statusOf(NAME)).toMatchObject({
      lastRunStatus: 'Failed',
      lastError: 'the disk is full',
      totalRuns: totalRuns + 1,
      totalFailures: totalFailures + 1,
      pendingInvalidations: [{ from: '2024-03-30', to: '2024-03-30', coveredByPolicy: false }],
      health: { status: 'DEGRADED' },
    });
    await mendMaterialization(db.database);
    expect(await run('REQUEST')).toMatchObject({ state: 'SUCCEEDED' });
    const [performance] = await performances(`(viewName: ${NAME})`);
    expect(performance).toMatchObject({
      totalRuns: totalRuns + 1,
      totalSuccesses: totalRuns - totalFailures,
      totalFailures: totalFailures + 1,
    });
  });

  test('performance sums the use over the chunks of the materialization', async () => {
    expect(await run('REQUEST')).toMatchObject({ state: 'SUCCEEDED' });
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

  test('of which the first failed half-way, status counts the rows that it has left', async () => {
    const name = 'PORTFOLIO_METRICS_90D_SHARPE';
    await breakMaterialization(db.database, name, { from: '2024-03-01' });
    const failed = await api.refreshes.run({ name, from: null, to: null, origin: 'REQUEST' });
    await mendMaterialization(db.database);
    expect(failed.state).toBe('FAILED');
    expect(await statusOf(name)).toMatchObject({ lastRefresh: null, totalRows: 20 });
  });

  test('of one aggregate the others know nothing', async () => {
    expect(await statusOf('PORTFOLIO_METRICS_1Y_BETA')).toMatchObject({
      lastRefresh: null,
      totalRuns: 0,
      totalRows: 0,
      materializedThrough: null,
      newestSourceDay: '2024-03-31',
      pendingInvalidations: [{ from: '2023-01-01', to: '2024-03-31', coveredByPolicy: false }],
    });
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

test('health is that of the aggregates, at the time of the clock', async () => {
  const before = Date.now();
  const { health } = (await api.data(
    '{ health { status checkedAt issues warnings aggregates { viewName status issues warnings } } }',
  )) as {
    health: {
      status: string;
      checkedAt: string;
      issues: string[];
      aggregates: { viewName: string; issues: string[] }[];
    };
  };
  expect(health.status).toBe('DEGRADED');
  expect(Date.parse(health.checkedAt)).toBeGreaterThanOrEqual(before);
  expect(health.aggregates.map(({ viewName }) => viewName)).toEqual(AGGREGATE_NAMES);
  expect(health.issues).toEqual([
    health.aggregates[0]!.issues[0],
    expect.stringContaining('portfolio_metrics_60d_rolling, portfolio_metrics_1y_beta'),
  ]);
});

describe('a row far outside of what can be recorded', () => {
  const id = portfolioId(77);
  const far = '20000-01-01';

  beforeAll(async () => {
    const { database } = db;
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
    for (const name of AGGREGATE_NAMES) {
      await database.write(
        `CALL refresh_continuous_aggregate('${AGGREGATES[name].sqlName}', NULL, NULL)`,
      );
    }
  });
  afterAll(() => db.database.write(`DELETE FROM portfolio_metrics WHERE portfolio_id = $1`, [id]));

  test('is no first or last day, and fails no query', async () => {
    const fresh = await createTestApi(db.database);
    const { portfolio, ranking, aggregateStatus } = await fresh.data(`{
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
    await fresh.close();
  });

  test('is reported by health until it is gone', async () => {
    const warnings = async (): Promise<string[]> =>
      (await api.data('{ health { warnings } }')).health.warnings as string[];
    const ours = (warning: string): boolean => warning.includes('portfolio_metrics_out_of_bounds');
    expect((await warnings()).filter(ours)).toEqual([
      expect.stringContaining(`such as portfolio ${id} on ${far}: correct or delete them`),
    ]);
    const caller = { ...LOCAL_CALLER, tenant: 'another' };
    const elsewhere = await createTestApi(db.database, { caller });
    const { health } = await elsewhere.data('{ health { warnings } }');
    expect((health.warnings as string[]).filter(ours)).toEqual([]);
    await elsewhere.close();
    await db.database.write('DELETE FROM portfolio_metrics WHERE asof_date = $1', [far]);
    expect((await warnings()).filter(ours)).toEqual([]);
  });
});

test('an aggregate without a policy has none of its fields, one that is gone is left out', async () => {
  await db.database.write(
    `SELECT remove_continuous_aggregate_policy('portfolio_metrics_60d_rolling')`,
  );
  expect(await statusOf('PORTFOLIO_METRICS_60D_ROLLING')).toMatchObject({
    refreshPolicyEnabled: false,
    scheduleInterval: null,
    startOffset: null,
    endOffset: null,
    nextRefresh: null,
    lastRunStatus: null,
    totalRuns: 0,
  });
  await db.database.write('DROP MATERIALIZED VIEW portfolio_metrics_60d_rolling');
  expect((await statuses()).map(({ viewName }) => viewName)).toEqual(
    AGGREGATE_NAMES.filter((name) => name !== 'PORTFOLIO_METRICS_60D_ROLLING'),
  );
  expect(await performances()).toHaveLength(AGGREGATE_NAMES.length - 1);
});
