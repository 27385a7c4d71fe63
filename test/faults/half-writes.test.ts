import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../helpers/fault-proxy.js';
import { openFaultyDatabase, type FaultyDatabase } from '../helpers/faulty-database.js';
import { DAILY_HEADER, dayAfter, lines, PORTFOLIO_HEADER } from '../helpers/import-files.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { portfolioId } from '../helpers/test-data.js';
import { createImportFolder, type ImportFolder } from '../ingest/import-folder.js';

const ID = portfolioId(1);
const DAYS = 100;

let db: FaultyDatabase;
let api: TestApi;
let folder: ImportFolder;
let made = 0;

beforeAll(async () => {
  db = await openFaultyDatabase();
  api = await createTestApi(db.database);
  folder = await createImportFolder(db.database);
});
afterAll(async () => {
  await folder.remove();
  await api.close();
  await db.close();
});

/** Imports rows that were not imported before. */
function importAnew(): Promise<unknown> {
  const value = ++made;
  return folder.import({
    portfolios: lines(`${PORTFOLIO_HEADER},periods_per_year`, `${ID},Number ${value},USD,,365`),
    daily: lines(
      DAILY_HEADER,
      ...Array.from({ length: DAYS }, (_, n) => `${ID},${dayAfter(n)},0.0${value},,,,,`),
    ),
  });
}

/** Records rows that were not recorded before. */
async function recordAnew(): Promise<void> {
  const twr1d = ++made / 100;
  await api.data(
    'mutation ($rows: [DailyMetricsInput!]!) { recordDailyMetrics(rows: $rows, refresh: false) { updated } }',
    {
      rows: Array.from({ length: DAYS }, (_, n) => ({
        portfolioId: ID,
        asofDate: dayAfter(n),
        twr1d,
      })),
    },
  );
}

/** What is stored, as text that differs whenever it does. */
async function stored(): Promise<string> {
  const [row] = await db.direct.read<{ rows: string }>(`
    SELECT md5((SELECT string_agg(portfolio::text, ',' ORDER BY id) FROM portfolios AS portfolio)
      || (SELECT string_agg(metrics::text, ',' ORDER BY asof_date) FROM portfolio_metrics AS metrics))
      AS rows`);
  return row!.rows;
}

/** Does the work with a fault at one of its statements; gives what has become of it. */
async function doWithFault(
  work: () => Promise<unknown>,
  fault: Fault,
  atStatement: number,
): Promise<{ readonly isDone: boolean; readonly wasCommitted: boolean; readonly isOver: boolean }> {
  const { statements } = db.proxy;
  statements.length = 0;
  let wasCommitted = false;
  db.proxy.onStatement((sql) => {
    // What is cut after it was done has been done.
    if (sql === 'COMMIT') wasCommitted = statements.length < atStatement || fault === 'cut after';
    return statements.length === atStatement ? fault : undefined;
  });
  const isDone = await work().then(
    () => true,
    () => false,
  );
  db.proxy.heal();
  return { isDone, wasCommitted, isOver: statements.length < atStatement };
}

describe.each([
  ['an import', importAnew],
  ['recordDailyMetrics', recordAnew],
])('%s', (_name, work) => {
  beforeAll(importAnew);

  test.each<[string, Fault]>([
    ['loses its connection before', 'cut'],
    ['loses its connection after', 'cut after'],
    ['finds the disk full at', { sqlState: '53100' }],
    ['finds the database read-only at', { sqlState: '25006' }],
  ])('that %s any of its statements is whole or not at all', async (_fault, fault) => {
    for (let number = 1, isOver = false; !isOver; number++) {
      const before = await stored();
      const outcome = await doWithFault(work, fault, number);
      const isChanged = (await stored()) !== before;
      const { isDone, wasCommitted } = outcome;
      expect({ number, isChanged }).toEqual({ number, isChanged: wasCommitted });
      // What was said to be done is.
      expect(isDone && !wasCommitted).toBe(false);
      ({ isOver } = outcome);
    }
    expect(db.pool.totalCount).toBeLessThanOrEqual(1);
  });
});
