import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { toAggregateState, type AggregateState } from '../../src/aggregates/aggregate-state.js';
import { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATES } from '../../src/aggregates/registry.js';
import { noteCompleteChunks } from '../../src/aggregates/revisions/complete-chunks.js';
import { DEFAULT_THRESHOLDS } from '../../src/aggregates/status/health.js';
import { readHealth } from '../../src/aggregates/status/read-health.js';
import { aggregateState, type AggregateStateRow } from '../../src/timescale/aggregate-state.js';
import { pendingDays } from '../helpers/pending-days.js';
import { createTestApi } from '../helpers/test-api.js';
import { insertPortfolio, insertRows, portfolioId, refreshOne } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { daysOf } from '../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_90D_SHARPE';
const { sqlName } = AGGREGATES[NAME];
const ID = portfolioId(1);
const [FIRST, LAST] = ['2014-03-01', '2014-08-31'];
/** The first day of the chunk that stays. */
const KEPT = '2014-05-10';

let db: TestDatabase;
let refreshes: RefreshService;

beforeAll(async () => {
  db = await openTestDatabase();
  refreshes = new RefreshService(db.database);
  const rows = daysOf(FIRST, LAST).map((day, n) => ({ day, return: n / 1e4, value: 1 }));
  await insertPortfolio(db.database, ID, rows);
});
afterAll(async () => {
  await refreshes.close();
  await db.close();
});

beforeEach(async () => {
  await refreshOne(db.database, NAME, FIRST, LAST);
  await db.database.write(`SELECT drop_chunks('${sqlName}', older_than => date '${KEPT}')`);
});

const pending = (): Promise<string[]> => pendingDays(db.database, NAME);

const stateOf = async (): Promise<AggregateState> => {
  const [row] = await db.database.read<{ state: AggregateStateRow }>(aggregateState(sqlName));
  return toAggregateState(row!.state);
};

const held = async (): Promise<number> => {
  const [row] = await db.database.read<{ days: number }>(
    `SELECT count(*)::int AS days FROM ${sqlName} WHERE day < '${KEPT}'`,
  );
  return row!.days;
};

const callRefresh = (from: string | null, to: string | null): Promise<unknown> =>
  db.database.write('CALL refresh_continuous_aggregate($1::regclass, $2::date, $3::date)', [
    sqlName,
    from,
    to,
  ]);

describe('days whose chunk was dropped from a materialization', () => {
  test('are pending, by hand, since no ordinary refresh restores them', async () => {
    expect(await held()).toBe(0);
    await callRefresh(null, null);
    expect(await held()).toBe(0);
    expect(await pending()).toEqual([`${FIRST} to 2014-05-09, by hand`]);
  });

  test('make health say so', async () => {
    const { aggregates } = await readHealth(
      db.database,
      'application',
      new Date(),
      DEFAULT_THRESHOLDS,
      async () => [],
    );
    const health = aggregates.find(({ name }) => name === NAME)!;
    expect(health.status).not.toBe('HEALTHY');
    expect([...health.issues, ...health.warnings].join(' ')).toContain(FIRST);
  });

  test('are restored by a refresh', async () => {
    const done = await refreshes.run({ name: NAME, from: null, to: null, origin: 'REQUEST' });
    expect(done).toMatchObject({ state: 'SUCCEEDED', pendingAfter: [], error: null });
    expect(await held()).toBe(70);
    expect(await pending()).toEqual([]);
  });

  test('stay pending when an ordinary refresh of a late row makes the chunk again', async () => {
    await insertRows(db.database, ID, [{ day: '2014-04-01', pack: 'late', return: 1 }]);
    await callRefresh('2014-04-01', '2014-04-02');
    expect(await held()).toBe(1);
    const left = [`${FIRST} to 2014-03-31, by hand`, '2014-04-02 to 2014-05-09, by hand'];
    expect(await pending()).toEqual(left);
    await refreshes.run({ name: NAME, from: null, to: null, origin: 'REQUEST' });
    expect(await pending()).toEqual([]);
  });

  test('leave the other chunks to be noted as complete', async () => {
    const noted = async (): Promise<unknown> =>
      db.database.read('SELECT slice_id FROM complete_chunks');
    await db.database.write('DELETE FROM complete_chunks');
    const { isUnnoted, missing } = await stateOf();
    expect({ isUnnoted, missing }).toMatchObject({ isUnnoted: true, missing: [{}] });
    await noteCompleteChunks(db.database);
    expect((await stateOf()).isUnnoted).toBe(false);
    expect(await noted()).not.toEqual([]);
  });

  test('make windows and series stale until a refresh restores them', async () => {
    const api = await createTestApi(db.database);
    const read = async (): Promise<unknown> => {
      const { portfolio } = await api.data(`{ portfolio(id: "${ID}") {
        rolling90d(asOf: "2014-06-30") { observations freshness { isStale } }
        rollingSeries(window: NINETY_DAYS, metrics: [VOLATILITY], from: "2014-06-30", to: "2014-06-30") {
          observations freshness { isStale }
        }
      } }`);
      return portfolio;
    };
    const response = (observations: number, isStale: boolean): unknown => ({
      rolling90d: { observations, freshness: { isStale } },
      rollingSeries: { observations: [observations], freshness: { isStale } },
    });
    expect(await read()).toEqual(response(52, true));
    await refreshes.run({ name: NAME, from: null, to: null, origin: 'REQUEST' });
    expect(await read()).toEqual(response(90, false));
    await api.close();
  });

  test('are pending also where their rows are compressed', async () => {
    await db.database.write(`SELECT compress_chunk(show_chunks('portfolio_metrics'))`);
    expect(await pending()).toEqual([`${FIRST} to 2014-05-09, by hand`]);
    // An ordinary refresh of one of them makes the chunk again.
    await db.database.write(
      `UPDATE portfolio_metrics SET twr_1d = 1 WHERE asof_date = '2014-04-01'`,
    );
    await db.database.write(`SELECT compress_chunk(show_chunks('portfolio_metrics'), true)`);
    await callRefresh('2014-04-01', '2014-04-02');
    const left = [`${FIRST} to 2014-03-31, by hand`, '2014-04-02 to 2014-05-09, by hand'];
    expect(await pending()).toEqual(left);
  });
});

test('days that a retention policy removed from a materialization are pending', async () => {
  await refreshes.run({ name: NAME, from: null, to: null, origin: 'REQUEST' });
  expect(await pending()).toEqual([]);
  const [job] = await db.database.write<{ id: number }>(
    `SELECT add_retention_policy('${sqlName}', (current_date - date '${KEPT}') * interval '1 day') AS id`,
  );
  await db.database.write('CALL run_job($1)', [job!.id]);
  expect(await held()).toBe(0);
  expect(await pending()).toEqual([`${FIRST} to 2014-05-09, by hand`]);
  await db.database.write(`SELECT remove_retention_policy('${sqlName}')`);
});
