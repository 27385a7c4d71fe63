import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse';
import type { ImportResult } from '../../src/ingest/import-files.js';
import { importSampleData } from '../../src/ingest/sample-data.js';
import { dayOf } from '../../src/metrics/calendar.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { agrees, settle } from '../metrics/agreement.js';
import { everythingStored } from './import-folder.js';

let db: TestDatabase;
let api: TestApi;
let first: ImportResult;

const INDEX = '5a3f1c00-0000-4000-8000-000000000001';

const importSample = (): Promise<ImportResult> =>
  importSampleData(db.database, { today: dayOf(new Date()), progress: () => undefined });

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  first = await importSample();
  await refreshAll(db.database, first.daily.from!, first.daily.to!);
});
afterAll(async () => {
  await api.close();
  await db.close();
});

async function daysOf(path: string, column: string): Promise<Set<string>> {
  const days = new Set<string>();
  const records = createReadStream(path).pipe(parse({ columns: true }));
  for await (const record of records as AsyncIterable<Record<string, string>>) {
    days.add(record[column]!);
  }
  return days;
}

test('four portfolios have the days that both files have, and no others', async () => {
  const index = await daysOf(
    fileURLToPath(new URL('../data/sp500-2000.csv', import.meta.resolve('vega-datasets'))),
    'date',
  );
  const stock = await daysOf(
    fileURLToPath(import.meta.resolve('@observablehq/sample-datasets/aapl.csv')),
    'Date',
  );
  const both = [...stock].filter((day) => index.has(day)).toSorted();
  const rows = await db.database.read<{ name: string; days: string[]; returns: number }>(`
    SELECT name, array_agg(asof_date::text ORDER BY asof_date) AS days, count(twr_1d)::int AS returns
    FROM portfolios JOIN portfolio_metrics ON portfolio_id = id GROUP BY id ORDER BY id`);
  expect(rows.map(({ name }) => name)).toEqual([
    'S&P 500',
    'Apple',
    'Half S&P 500, half Apple, rebalanced daily',
    'Half S&P 500, half cash, rebalanced daily',
  ]);
  for (const { days, returns } of rows) {
    expect(days).toEqual(both);
    expect(returns).toBe(both.length - 1);
  }
  expect(first).toMatchObject({
    portfolios: { inserted: 4, updated: 0, unchanged: 0 },
    daily: {
      inserted: 4 * both.length,
      updated: 0,
      unchanged: 0,
      from: '2013-05-13',
      to: '2018-05-11',
    },
  });
});

test('the index is its own benchmark', async () => {
  const { portfolio } = (await api.data(
    `query ($id: UUID!) { portfolio(id: $id) { benchmarkId lastDay rolling1y {
      asOf beta alpha trackingError correlation informationRatio averageBeta averageTrackingError
    } } }`,
    { id: INDEX },
  )) as { portfolio: { rolling1y: Record<string, number> } };
  expect(portfolio).toMatchObject({
    benchmarkId: 'SP500',
    lastDay: '2018-05-11',
    rolling1y: {
      asOf: '2018-05-11',
      trackingError: 0,
      informationRatio: null,
      averageTrackingError: 0,
    },
  });
  const { beta, correlation, averageBeta, alpha } = portfolio.rolling1y;
  for (const one of [beta, correlation, averageBeta]) expect(settle(one!, 1)).toBe(1);
  expect(settle(alpha!, 0)).toBe(0);
});

test('the mixtures are what they are named for', async () => {
  const rows = await db.database.read<{
    index: number;
    stock: number;
    half: number;
    cash: number;
  }>(`
    SELECT index.twr_1d AS index, stock.twr_1d AS stock, half.twr_1d AS half, cash.twr_1d AS cash
    FROM portfolio_metrics AS index
    ${['stock', 'half', 'cash']
      .map(
        (name, i) => `JOIN portfolio_metrics AS ${name} ON ${name}.asof_date = index.asof_date
      AND ${name}.portfolio_id = '5a3f1c00-0000-4000-8000-00000000000${i + 2}'`,
      )
      .join(' ')}
    WHERE index.portfolio_id = '${INDEX}' AND index.twr_1d IS NOT NULL`);
  expect(rows.length).toBeGreaterThan(1200);
  const wrong = rows.filter(
    ({ index, stock, half, cash }) => !agrees(half, (index + stock) / 2) || cash !== index / 2,
  );
  expect(wrong).toEqual([]);
});

test('twice changes nothing', async () => {
  const before = await everythingStored(db.database);
  const again = await importSample();
  expect(again.portfolios).toEqual({ inserted: 0, updated: 0, unchanged: 4 });
  expect(again.daily).toMatchObject({
    inserted: 0,
    updated: 0,
    unchanged: first.daily.inserted,
  });
  expect(await everythingStored(db.database)).toEqual(before);
  const { portfolio } = (await api.data(
    `{ portfolio(id: "${INDEX}") { rolling1y { freshness { isStale } } } }`,
  )) as { portfolio: unknown };
  expect(portfolio).toEqual({ rolling1y: { freshness: { isStale: false } } });
});
