import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EVERY_TENANT } from '../../../src/access/tenant.js';
import { setRefreshPolicy } from '../../../src/aggregates/refresh/refresh-policy.js';
import { RefreshService } from '../../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATE_NAMES, type AggregateName } from '../../../src/aggregates/registry.js';
import { DEFAULT_THRESHOLDS, type ServiceHealth } from '../../../src/aggregates/status/health.js';
import { PeriodsCheck } from '../../../src/aggregates/status/periods-check.js';
import { readHealth } from '../../../src/aggregates/status/read-health.js';
import type { Database } from '../../../src/database/database.js';
import { InterceptedDatabase } from '../../helpers/intercepted-database.js';
import { rolledBack } from '../../helpers/rolled-back.js';
import { insertPortfolio, insertRows, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { addDays, daysOf } from '../../helpers/test-days.js';

const TODAY = new Date().toISOString().slice(0, 10);
const YESTERDAY = addDays(TODAY, -1);
const HOUR_MS = 3_600_000;

let db: TestDatabase;
const periods = new PeriodsCheck();
/** Before there was any row. */
let withoutRows: ServiceHealth;

beforeAll(async () => {
  db = await openTestDatabase();
  withoutRows = await read();
  const rows = daysOf(addDays(TODAY, -5), addDays(TODAY, -2)).map((day) => ({ day, return: 0.01 }));
  await insertPortfolio(db.database, portfolioId(1), rows);
  await runPolicies();
});
afterAll(() => db.close());

async function runPolicies(): Promise<void> {
  const refreshes = new RefreshService(db.database);
  for (const name of AGGREGATE_NAMES) {
    await refreshes.run({ name, from: null, to: null, origin: 'POLICY' });
  }
  await refreshes.close();
}

/** The health so many hours from now. */
const read = (
  hours = 0,
  { thresholds = DEFAULT_THRESHOLDS, database = db.database } = {},
): Promise<ServiceHealth> =>
  readHealth(database, 'application', new Date(Date.now() + hours * HOUR_MS), thresholds, () =>
    periods.warnings(database, EVERY_TENANT),
  );

/** Of the aggregates that are refreshed every hour, every six hours, and twice every day. */
const statusesOf = ({ aggregates }: ServiceHealth): string[] =>
  aggregates.slice(0, 4).map(({ status }) => status);

test('without rows and runs everything is DEGRADED, and says why', () => {
  const health = withoutRows;
  expect(health.status).toBe('DEGRADED');
  expect(health.aggregates.map(({ name }) => name)).toEqual(AGGREGATE_NAMES);
  for (const { issues, warnings } of health.aggregates) {
    expect(issues).toEqual([expect.stringContaining('holds no rows: import data')]);
    expect(warnings).toEqual([expect.stringContaining('has not run yet')]);
  }
  // Of all of them once.
  expect(health.issues).toHaveLength(1);
  expect(health.warnings).toHaveLength(1);
});

describe('after a run of every policy', () => {
  test('everything is HEALTHY', async () => {
    expect(await read()).toEqual({
      status: 'HEALTHY',
      issues: [],
      warnings: [],
      aggregates: AGGREGATE_NAMES.map((name) => ({
        name,
        status: 'HEALTHY',
        issues: [],
        warnings: [],
      })),
    });
  });

  test('a portfolio whose rows a year are far from its periodsPerYear is named', () =>
    rolledBack(db.database, async (inside) => {
      const id = portfolioId(7);
      const rows = daysOf(addDays(TODAY, -30), YESTERDAY).map((day, n) => ({
        day,
        return: n / 1000,
      }));
      await insertPortfolio(inside, id, rows, { name: 'Crypto' });
      const warnings = async (tenant: string): Promise<string[]> =>
        new PeriodsCheck().warnings(inside, tenant);
      const sentence = `Portfolio ${id} (Crypto) has about 365 rows a year, but its metrics are annualised by periodsPerYear 252: set it (the mutation upsertPortfolio(input: { id: "${id}", periodsPerYear: 365 })).`;
      expect((await read(0, { database: inside })).warnings).toContain(sentence);
      expect(await warnings('default')).toEqual([sentence]);
      expect(await warnings('other')).toEqual([]);
      await inside.write('UPDATE portfolios SET periods_per_year = 365 WHERE id = $1', [id]);
      expect((await read(0, { database: inside })).warnings).not.toContain(sentence);
    }));

  test('the portfolios of one tenant do not crowd out those of another', () =>
    rolledBack(db.database, async (inside) => {
      const monthly = [1, 2, 3, 4, 5, 6].map((month) => ({
        day: `2024-0${month}-28`,
        return: 0.01,
      }));
      for (const [n, tenant] of ['many', 'many', 'many', 'one', 'none'].entries()) {
        const id = portfolioId(70 + n);
        await insertPortfolio(inside, id, tenant === 'none' ? [] : monthly);
        await inside.write('UPDATE portfolios SET tenant = $2 WHERE id = $1', [id, tenant]);
      }
      const check = new PeriodsCheck(2);
      for (const tenant of ['many', 'one']) {
        // Also at later looks, at which what is known comes first.
        for (let looks = 0; looks < 2; looks++) {
          expect(await check.warnings(inside, tenant)).toEqual([
            expect.stringContaining('has about 12 rows a year'),
          ]);
        }
      }
      expect(await check.warnings(inside, 'none')).toEqual([]);
    }));

  test('each aggregate gets late by its own schedule', async () => {
    expect(statusesOf(await read(5.9))).toEqual(['HEALTHY', 'HEALTHY', 'HEALTHY', 'HEALTHY']);
    // Every hour, every six hours, and twice every day: 1.25 schedules are 7.5 and 30 hours.
    expect(statusesOf(await read(7))).toEqual(['WARNING', 'HEALTHY', 'HEALTHY', 'HEALTHY']);
    expect(statusesOf(await read(8))).toEqual(['WARNING', 'WARNING', 'HEALTHY', 'HEALTHY']);
    expect(statusesOf(await read(25))).toEqual(['DEGRADED', 'DEGRADED', 'HEALTHY', 'HEALTHY']);
    expect(statusesOf(await read(31))).toEqual(['DEGRADED', 'DEGRADED', 'WARNING', 'WARNING']);
    expect(statusesOf(await read(49))).toEqual(Array(4).fill('DEGRADED'));
    expect((await read(25)).status).toBe('DEGRADED');
  });

  test('a feed that stopped is named, once, whatever the aggregates are', async () => {
    const isNamed = async (days: number): Promise<number> => {
      const { warnings } = await read(24 * days);
      return warnings.filter((warning) => warning.startsWith('The newest day of')).length;
    };
    // The newest is of two days ago.
    expect([await isNamed(3), await isNamed(4)]).toEqual([0, 1]);
  });

  test('thresholds can be others', async () => {
    const thresholds = { ...DEFAULT_THRESHOLDS, degradedLagSeconds: 3600, degradedLagSchedules: 1 };
    expect(statusesOf(await read(2, { thresholds }))[0]).toBe('DEGRADED');
  });

  test('a daily aggregate is not behind with a day that its last run left to the next', () =>
    rolledBack(db.database, async (inside) => {
      const daily: AggregateName = 'PORTFOLIO_METRICS_90D_SHARPE';
      const warningsAfterRun = async (ago: string): Promise<readonly string[]> => {
        await inside.write(`UPDATE aggregate_refreshes SET finished_at = ${ago}`);
        const { aggregates } = await read(0, { database: inside });
        return aggregates.find(({ name }) => name === daily)!.warnings;
      };
      await insertRows(inside, portfolioId(1), [{ day: YESTERDAY, return: 0.02 }]);
      // With the end offset of an hour, a run then took the days before yesterday.
      const yesterdayAt23 = `date_trunc('day', now()) - interval '1 hour'`;
      expect(await warningsAfterRun(yesterdayAt23)).toEqual([]);
      // A run of now, had there been one, would have taken yesterday.
      await setRefreshPolicy(inside, daily, { endOffset: 'PT0S' });
      expect(await warningsAfterRun('now()')).toEqual([
        `portfolio_metrics_90d_sharpe holds days to ${addDays(TODAY, -2)}, but the source has ${YESTERDAY}, which the policy should have reached: refresh (rolling-metrics refresh --aggregate portfolio_metrics_90d_sharpe --from ${YESTERDAY} --to ${YESTERDAY}, or the mutation refreshAggregate).`,
      ]);
    }));

  test('a policy that is removed is missed', () =>
    rolledBack(db.database, async (inside) => {
      const sqlName = 'portfolio_metrics_60d_rolling';
      await inside.write('SELECT remove_continuous_aggregate_policy($1::regclass)', [sqlName]);
      const health = await read(0, { database: inside });
      expect(health.status).toBe('DEGRADED');
      expect(health.issues).toEqual([
        `There is no refresh policy for ${sqlName}: add one (the mutation setRefreshPolicy).`,
      ]);
    }));

  test('an aggregate that is dropped is missed, and the others are judged all the same', async () => {
    await rolledBack(db.database, async (inside) => {
      await inside.write('DROP MATERIALIZED VIEW portfolio_metrics_1y_beta');
      const health = await read(7, { database: inside });
      expect(statusesOf(health)).toEqual(['WARNING', 'HEALTHY', 'HEALTHY', 'DEGRADED']);
      expect(health.issues).toContain(
        'There is no continuous aggregate portfolio_metrics_1y_beta: run the migrations (rolling-metrics migrate).',
      );
    });
  });
});

// A stand-in: the embedded engine has TimescaleDB with its full licence, and no other.
describe('TimescaleDB', () => {
  const withEngine = (engine: { version: string | null; license: string | null }): Database =>
    new InterceptedDatabase(db.database, async ({ sql }, next) =>
      sql.includes('timescaledb.license') ? [engine] : next(),
    );

  test('with the Apache licence has no continuous aggregates', async () => {
    const database = withEngine({ version: '2.23.0', license: 'apache' });
    const health = await readHealth(
      database,
      'application',
      new Date(),
      DEFAULT_THRESHOLDS,
      async () => [],
    );
    expect(health.status).toBe('DEGRADED');
    expect(health.issues[0]).toBe(
      `TimescaleDB runs with the licence "apache", which has no continuous aggregates: set timescaledb.license = 'timescale'.`,
    );
  });

  test('may be missing', async () => {
    const database = withEngine({ version: null, license: null });
    const health = await readHealth(
      database,
      'application',
      new Date(),
      DEFAULT_THRESHOLDS,
      async () => [],
    );
    expect(health.status).toBe('DEGRADED');
    expect(health.issues[0]).toBe(
      'The database does not have TimescaleDB: create the extension again.',
    );
  });
});
