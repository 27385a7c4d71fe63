import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setRefreshPolicy } from '../../src/aggregates/refresh/refresh-policy.js';
import {
  AGGREGATE_NAMES,
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  type RollingWindow,
} from '../../src/aggregates/registry.js';
import { breakMaterialization, mendMaterialization } from '../helpers/broken-materialization.js';
import { pendingDays } from '../helpers/pending-days.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, insertRows, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { addDays, daysOf, sinceNoonOf } from '../helpers/test-days.js';

/** Has rows to LAST. */
const ID = portfolioId(1);
/** Has only the late rows: they make the windows of all others stale. */
const OTHER = portfolioId(2);
/** Has rows to two weeks ago. */
const CURRENT = portfolioId(3);
const LAST = '2024-03-31';
const TODAY = new Date().toISOString().slice(0, 10);

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  const rows = daysOf('2024-01-01', LAST).map((day, n) => ({ day, return: n / 1e4, value: 100 }));
  await insertPortfolio(db.database, ID, rows);
  await insertPortfolio(db.database, OTHER);
});
afterAll(async () => {
  await api.close();
  await db.close();
});

interface Freshness {
  readonly isStale: boolean;
  readonly staleReason: string | null;
}

const FIELDS = 'freshness { aggregate isStale staleReason materializedThrough lastRefresh }';

async function ofPortfolio(id: string, text: string): Promise<Record<string, unknown>> {
  const data = (await api.data(`{ portfolio(id: "${id}") { result: ${text} } }`)) as {
    portfolio: { result: Record<string, unknown> };
  };
  return data.portfolio.result;
}

async function freshness(window: RollingWindow, asOf?: string, id = ID): Promise<Freshness> {
  const asked = asOf ? `, asOf: "${asOf}"` : '';
  const result = await ofPortfolio(
    id,
    `freshness(window: ${window}${asked}) { aggregate isStale staleReason materializedThrough lastRefresh }`,
  );
  return result as unknown as Freshness;
}

const inside = (result: Record<string, unknown>): Freshness => result['freshness'] as Freshness;

async function refresh(window: RollingWindow): Promise<void> {
  const name = AGGREGATE_OF_WINDOW[window];
  const { state } = await api.refreshes.run({ name, from: null, to: null, origin: 'REQUEST' });
  expect(state).toBe('SUCCEEDED');
}

let packs = 0;
const insertLate = (day: string): Promise<void> =>
  insertRows(db.database, OTHER, [{ day, pack: `late ${packs++}`, return: 0.5 }]);

describe('of an aggregate that was never refreshed', () => {
  test.each(Object.entries(AGGREGATE_OF_WINDOW) as [RollingWindow, keyof typeof AGGREGATES][])(
    'the window of %s is null, and freshness says that all is pending',
    async (window, aggregate) => {
      expect(await freshness(window)).toEqual({
        aggregate,
        isStale: true,
        // A policy of a long window still reaches them.
        staleReason: expect.stringMatching(
          `^Pending in ${AGGREGATES[aggregate].sqlName}: 2024-01-01 to ${LAST}; its refresh policy will (not reach them, refresh them by hand|reach them)[.]$`,
        ),
        materializedThrough: null,
        lastRefresh: null,
      });
      expect((await freshness(window, LAST)).isStale).toBe(true);
      expect((await freshness(window, '2023-12-31')).isStale).toBe(false);
    },
  );

  test('so is a ranking, and a series', async () => {
    expect(await ofPortfolio(ID, 'rolling30d { asOf }')).toBeNull();
    const { ranking } = (await api.data(
      `{ ranking(metric: VOLATILITY, window: THIRTY_DAYS) { asOf ${FIELDS} } }`,
    )) as { ranking: Record<string, unknown> };
    expect(ranking).toMatchObject({ asOf: null, freshness: { isStale: true } });
    const series = await ofPortfolio(
      ID,
      `rollingSeries(window: ONE_YEAR, metrics: [VOLATILITY], from: "2024-03-01", to: "2024-03-02") { days ${FIELDS} }`,
    );
    expect(series).toMatchObject({ days: [], freshness: { isStale: true } });
  });
});

describe('after a refresh', () => {
  beforeAll(async () => {
    for (const window of Object.keys(AGGREGATE_OF_WINDOW)) await refresh(window as RollingWindow);
  });
  // Late rows of a test are pending in the other aggregates, too.
  beforeEach(() => refresh('THIRTY_DAYS'));
  afterEach(() => mendMaterialization(db.database));

  test('everything is fresh, and says how far it goes and since when', async () => {
    for (const [window, aggregate] of Object.entries(AGGREGATE_OF_WINDOW)) {
      expect(await freshness(window as RollingWindow)).toEqual({
        aggregate,
        isStale: false,
        staleReason: null,
        materializedThrough: LAST,
        lastRefresh: expect.stringMatching(/Z$/) as unknown,
      });
    }
  });

  // The first day inside (asOf − W, asOf] of asOf 2024-03-15, counted on a calendar.
  test.each<[RollingWindow, string]>([
    ['THIRTY_DAYS', '2024-02-15'],
    ['SIXTY_DAYS', '2024-01-16'],
    ['NINETY_DAYS', '2023-12-17'],
    ['ONE_YEAR', '2023-03-16'],
  ])('%s is stale for a late day from the first to the last inside', async (window, first) => {
    const asOf = '2024-03-15';
    await refresh(window);
    for (const [day, isStale] of [
      [addDays(first, -1), false],
      [first, true],
      [asOf, true],
      [addDays(asOf, 1), false],
    ] as const) {
      await insertLate(day);
      const found = await freshness(window, asOf);
      const isNamed = found.staleReason?.includes(`: ${day}; `) ?? false;
      expect([day, found.isStale, isNamed]).toEqual([day, isStale, isStale]);
      await refresh(window);
    }
  });

  test('without asOf it is stale for any late day after the window begins', async () => {
    // The last day of the portfolio is 2024-03-31, so its window begins on 2024-03-02.
    for (const [day, isStale] of [
      ['2024-03-01', false],
      ['2024-03-02', true],
      [LAST, true],
      ['2024-04-01', true],
      ['2024-09-30', true],
    ] as const) {
      await insertLate(day);
      expect([day, (await freshness('THIRTY_DAYS')).isStale]).toEqual([day, isStale]);
      expect(inside(await ofPortfolio(ID, `rolling30d { ${FIELDS} }`)).isStale).toBe(isStale);
      await refresh('THIRTY_DAYS');
    }
  });

  test('a series is stale for the days that its windows reach', async () => {
    const series = `rollingSeries(window: THIRTY_DAYS, metrics: [VOLATILITY], from: "2024-03-10", to: "2024-03-15") { ${FIELDS} }`;
    for (const [day, isStale] of [
      ['2024-02-09', false],
      ['2024-02-10', true],
      ['2024-03-15', true],
      ['2024-03-16', false],
    ] as const) {
      await insertLate(day);
      expect([day, inside(await ofPortfolio(ID, series)).isStale]).toEqual([day, isStale]);
      await refresh('THIRTY_DAYS');
    }
  });

  test('a ranking is stale as its window is', async () => {
    const ranked = async (asked: string): Promise<boolean> => {
      const { ranking } = (await api.data(
        `{ ranking(metric: VOLATILITY, window: THIRTY_DAYS, minObservations: 2${asked}) { ${FIELDS} } }`,
      )) as { ranking: Record<string, unknown> };
      return inside(ranking).isStale;
    };
    await insertLate('2024-09-30');
    await refresh('THIRTY_DAYS');
    // The last day of all is that one, so its window begins on 2024-09-01.
    for (const [day, given, open] of [
      ['2024-02-14', false, false],
      ['2024-02-15', true, false],
      ['2024-03-16', false, false],
      ['2024-08-31', false, false],
      ['2024-09-01', false, true],
    ] as const) {
      await insertLate(day);
      expect([day, await ranked(', asOf: "2024-03-15"'), await ranked('')]).toEqual([
        day,
        given,
        open,
      ]);
      await refresh('THIRTY_DAYS');
    }
    await insertLate('2024-10-01');
    expect(await ranked('')).toBe(true);
    await refresh('THIRTY_DAYS');
  });

  test('that failed half-way, what was not done is stale, and not what was', async () => {
    await db.database.write(
      `UPDATE portfolio_metrics SET twr_1d = 0.01 WHERE asof_date BETWEEN '2024-01-01' AND '${LAST}'`,
    );
    const name = AGGREGATE_OF_WINDOW.THIRTY_DAYS;
    await breakMaterialization(db.database, name, { from: '2024-03-20' });
    const failed = await api.refreshes.run({ name, from: null, to: null, origin: 'REQUEST' });
    expect(failed.state).toBe('FAILED');
    const [pending] = await pendingDays(db.database, name);
    const firstPending = pending!.slice(0, 10);
    expect(firstPending > '2024-01-15').toBe(true);

    expect((await freshness('THIRTY_DAYS', addDays(firstPending, -1))).isStale).toBe(false);
    const stale = await freshness('THIRTY_DAYS', firstPending);
    expect(stale.staleReason).toBe(
      `Pending in portfolio_metrics_30d_rolling: ${firstPending}; its refresh policy will not reach them, refresh them by hand.`,
    );
    await mendMaterialization(db.database);
    await refresh('THIRTY_DAYS');
    expect((await freshness('THIRTY_DAYS', firstPending)).isStale).toBe(false);
  });
});

describe('with a policy that has been dead for two weeks', () => {
  const HELD = addDays(TODAY, -14);
  const MISSED = `${addDays(TODAY, -13)} to ${addDays(TODAY, -1)}`;

  beforeAll(async () => {
    const rows = daysOf(addDays(TODAY, -70), addDays(TODAY, -1)).map((day) => ({
      day,
      return: 0.01,
    }));
    await insertPortfolio(db.database, CURRENT, rows.slice(0, -13));
    for (const window of Object.keys(AGGREGATE_OF_WINDOW)) await refresh(window as RollingWindow);
    await insertRows(db.database, CURRENT, rows.slice(-13));
  });

  test('a window without asOf does not look fresh, and says why', async () => {
    for (const [field, aggregate] of [
      ['rolling30d', 'portfolio_metrics_30d_rolling'],
      ['rolling60d', 'portfolio_metrics_60d_rolling'],
      ['rolling90d', 'portfolio_metrics_90d_sharpe'],
      ['rolling1y', 'portfolio_metrics_1y_beta'],
    ]) {
      expect(await ofPortfolio(CURRENT, `${field} { asOf ${FIELDS} }`)).toMatchObject({
        asOf: HELD,
        freshness: {
          isStale: true,
          staleReason: `Pending in ${aggregate}: ${MISSED}; its refresh policy will reach them.`,
          materializedThrough: HELD,
        },
      });
    }
  });

  test('nor does a ranking without asOf, nor a series to now', async () => {
    const { ranking } = (await api.data(
      `{ ranking(metric: VOLATILITY, window: NINETY_DAYS) { asOf ${FIELDS} } }`,
    )) as { ranking: Record<string, unknown> };
    expect(ranking).toMatchObject({ asOf: HELD, freshness: { isStale: true } });
    const series = await ofPortfolio(
      CURRENT,
      `rollingSeries(window: NINETY_DAYS, metrics: [VOLATILITY], from: "${HELD}", to: "${TODAY}") { days ${FIELDS} }`,
    );
    expect(series).toMatchObject({ days: [HELD], freshness: { isStale: true } });
  });

  test('a window as of a day that is held is fresh', async () => {
    expect((await freshness('SIXTY_DAYS', HELD, CURRENT)).isStale).toBe(false);
    expect((await freshness('SIXTY_DAYS', addDays(HELD, 1), CURRENT)).isStale).toBe(true);
  });

  test('the reason distinguishes what the policy will reach from what it will not', async () => {
    const name = AGGREGATE_OF_WINDOW.THIRTY_DAYS;
    await setRefreshPolicy(db.database, name, { startOffset: sinceNoonOf(addDays(TODAY, -5)) });
    const inPart = await freshness('THIRTY_DAYS', undefined, CURRENT);
    expect(inPart.staleReason).toBe(
      `Pending in portfolio_metrics_30d_rolling: ${addDays(TODAY, -5)} to ${addDays(TODAY, -1)}; its refresh policy will reach them. ` +
        `Pending in portfolio_metrics_30d_rolling: ${addDays(TODAY, -13)} to ${addDays(TODAY, -6)}; its refresh policy will not reach them, refresh them by hand.`,
    );
    // Only the requested days.
    const asked = await freshness('THIRTY_DAYS', addDays(TODAY, -10), CURRENT);
    expect(asked.staleReason).toBe(
      `Pending in portfolio_metrics_30d_rolling: ${addDays(TODAY, -13)} to ${addDays(TODAY, -10)}; its refresh policy will not reach them, refresh them by hand.`,
    );
    await setRefreshPolicy(db.database, name, { enabled: false });
    const none = await freshness('THIRTY_DAYS', undefined, CURRENT);
    expect(none.staleReason).toBe(
      `Pending in portfolio_metrics_30d_rolling: ${MISSED}; its refresh policy will not reach them, refresh them by hand.`,
    );
  });

  test('a refresh by hand makes it fresh', async () => {
    for (const name of AGGREGATE_NAMES) await refresh(AGGREGATES[name].window);
    expect(await ofPortfolio(CURRENT, `rolling30d { asOf ${FIELDS} }`)).toMatchObject({
      asOf: addDays(TODAY, -1),
      freshness: { isStale: false, staleReason: null },
    });
  });
});
