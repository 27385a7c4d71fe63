import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setRefreshPolicy } from '../../src/aggregates/refresh/refresh-policy.js';
import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  type RollingWindow,
} from '../../src/aggregates/registry.js';
import { breakMaterialization, repairMaterialization } from '../helpers/broken-materialization.js';
import { pendingDays } from '../helpers/pending-days.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, insertRows, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { addDays, daysOf, sinceNoonOf } from '../helpers/test-days.js';

/** Has rows to LAST. */
const ID = portfolioId(1);
/** Has only the late rows of a test: they make the windows of all others stale. */
const OTHER = portfolioId(2);
/** Has rows to yesterday, of which the aggregates hold those to two weeks ago. */
const CURRENT = portfolioId(3);
const LAST = '2024-03-31';
const WINDOWS = Object.keys(AGGREGATE_OF_WINDOW) as RollingWindow[];
const TODAY = new Date().toISOString().slice(0, 10);

let db: TestDatabase;
let api: TestApi;
/** What was read before any refresh. */
let neverRefreshed: {
  /** Without asOf, of the last day, and of the day before the first. */
  readonly windows: ReadonlyMap<RollingWindow, readonly Freshness[]>;
  readonly latest: unknown;
  readonly ranking: unknown;
  readonly series: unknown;
};
/** What was read after the first refresh: the day to which an aggregate reaches never goes back. */
const firstRefreshed = new Map<RollingWindow, Freshness>();

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  const rows = daysOf('2024-01-01', LAST).map((day, n) => ({ day, return: n / 1e4, value: 100 }));
  await insertPortfolio(db.database, ID, rows);
  await insertPortfolio(db.database, OTHER);
  const windows = new Map<RollingWindow, Freshness[]>();
  for (const window of WINDOWS) {
    windows.set(window, [
      await freshness(window),
      await freshness(window, LAST),
      await freshness(window, '2023-12-31'),
    ]);
  }
  neverRefreshed = {
    windows,
    latest: await ofPortfolio(ID, 'rolling30d { asOf }'),
    ranking: await readRanking('THIRTY_DAYS'),
    series: await ofPortfolio(
      ID,
      `rollingSeries(window: ONE_YEAR, metrics: [VOLATILITY], from: "2024-03-01", to: "2024-03-02") { days ${FIELDS} }`,
    ),
  };
  await refreshAll();
  for (const window of WINDOWS) firstRefreshed.set(window, await freshness(window));
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

async function readRanking(window: RollingWindow, asked = ''): Promise<Record<string, unknown>> {
  const { ranking } = (await api.data(
    `{ ranking(metric: VOLATILITY, window: ${window}${asked}) { asOf ${FIELDS} } }`,
  )) as { ranking: Record<string, unknown> };
  return ranking;
}

const inside = (result: Record<string, unknown>): Freshness => result['freshness'] as Freshness;

async function refresh(window: RollingWindow): Promise<void> {
  const name = AGGREGATE_OF_WINDOW[window];
  const { state } = await api.refreshes.run({ name, from: null, to: null, origin: 'REQUEST' });
  expect(state).toBe('SUCCEEDED');
}

async function refreshAll(): Promise<void> {
  for (const window of WINDOWS) await refresh(window);
}

let packs = 0;
const insertLate = (day: string): Promise<void> =>
  insertRows(db.database, OTHER, [{ day, pack: `late ${packs++}`, return: 0.5 }]);

describe('of an aggregate that was never refreshed', () => {
  test.each(Object.entries(AGGREGATE_OF_WINDOW) as [RollingWindow, keyof typeof AGGREGATES][])(
    'the window of %s is null, and freshness says that all is pending',
    (window, aggregate) => {
      const [open, last, before] = neverRefreshed.windows.get(window)!;
      expect(open).toEqual({
        aggregate,
        isStale: true,
        // A policy of a long window still reaches them.
        staleReason: expect.stringMatching(
          `^Pending in ${AGGREGATES[aggregate].sqlName}: 2024-01-01 to ${LAST}; its refresh policy will (not reach them, refresh them by hand|reach them)[.]$`,
        ),
        materializedThrough: null,
        lastRefresh: null,
      });
      expect(last!.isStale).toBe(true);
      expect(before!.isStale).toBe(false);
    },
  );

  test('so is a ranking, and a series', () => {
    const { latest, ranking, series } = neverRefreshed;
    expect(latest).toBeNull();
    expect(ranking).toMatchObject({ asOf: null, freshness: { isStale: true } });
    expect(series).toMatchObject({ days: [], freshness: { isStale: true } });
  });
});

describe('after a refresh', () => {
  // A test refreshes the other windows itself: late rows, and their deletion, are pending in all.
  beforeEach(() => refresh('THIRTY_DAYS'));
  afterEach(async () => {
    await repairMaterialization(db.database);
    await db.database.write('DELETE FROM portfolio_metrics WHERE portfolio_id = $1', [OTHER]);
  });

  test('everything is fresh, and says how far it goes and since when', () => {
    for (const [window, aggregate] of Object.entries(AGGREGATE_OF_WINDOW)) {
      expect(firstRefreshed.get(window as RollingWindow)).toEqual({
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
    const ranked = async (asked: string): Promise<boolean> =>
      inside(await readRanking('THIRTY_DAYS', `, minObservations: 2${asked}`)).isStale;
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
    await repairMaterialization(db.database);
    await refresh('THIRTY_DAYS');
    expect((await freshness('THIRTY_DAYS', firstPending)).isStale).toBe(false);
  });
});

describe('with a policy that has been dead for two weeks', () => {
  const name = AGGREGATE_OF_WINDOW.THIRTY_DAYS;
  const HELD = addDays(TODAY, -14);
  const MISSED = `${addDays(TODAY, -13)} to ${addDays(TODAY, -1)}`;

  const rows = daysOf(addDays(TODAY, -70), addDays(TODAY, -1)).map((day) => ({
    day,
    return: 0.01,
  }));

  /** Has the aggregates hold the days to HELD, and those after it pending. */
  async function missDays(): Promise<void> {
    await db.database.write(
      'DELETE FROM portfolio_metrics WHERE portfolio_id = $1 AND asof_date > $2',
      [CURRENT, HELD],
    );
    await refreshAll();
    await insertRows(db.database, CURRENT, rows.slice(-13));
  }

  beforeAll(async () => {
    await insertPortfolio(db.database, CURRENT, rows.slice(0, -13));
    await missDays();
  });
  afterEach(() => setRefreshPolicy(db.database, name, { enabled: true, startOffset: 'P1M' }));
  afterAll(() =>
    db.database.write('DELETE FROM portfolio_metrics WHERE portfolio_id = $1', [CURRENT]),
  );

  test('a window without asOf does not look fresh, and says why, until it is refreshed by hand', async () => {
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
    try {
      await refreshAll();
      expect(await ofPortfolio(CURRENT, `rolling30d { asOf ${FIELDS} }`)).toMatchObject({
        asOf: addDays(TODAY, -1),
        freshness: { isStale: false, staleReason: null },
      });
    } finally {
      await missDays();
    }
  });

  test('nor does a ranking without asOf, nor a series to now', async () => {
    expect(await readRanking('NINETY_DAYS')).toMatchObject({
      asOf: HELD,
      freshness: { isStale: true },
    });
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
});
