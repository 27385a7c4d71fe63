import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  refreshAllAndWait,
  RefreshService,
} from '../../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATE_NAMES, dailyColumns } from '../../../src/aggregates/registry.js';
import {
  readDailySeries,
  type WantedSeries,
} from '../../../src/aggregates/series/daily-series-reader.js';
import type { Database } from '../../../src/database/database.js';
import { toDay } from '../../../src/metrics/calendar.js';
import { insertPortfolio, portfolioId } from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysFrom } from '../../helpers/test-days.js';

const ID = portfolioId(1);

let db: TestDatabase;
let refreshes: RefreshService;

beforeAll(async () => {
  db = await openTestDatabase();
  refreshes = new RefreshService(db.database);
  const rows = daysFrom('2024-01-01', 120).map((day, n) => ({ day, return: n / 1e4, value: n }));
  // So many that no other index would do.
  for (let n = 1; n <= 20; n++) await insertPortfolio(db.database, portfolioId(n), rows);
  await refreshAllAndWait(refreshes, { from: null, to: null });
});
afterAll(async () => {
  await refreshes.close();
  await db.close();
});

/** How the database would read what is wanted, and did. */
async function explain(wanted: readonly WantedSeries[]): Promise<string> {
  const texts = await db.database.transaction(async (session) => {
    await session.query('SET LOCAL enable_seqscan = off');
    await session.query('SET LOCAL enable_bitmapscan = off');
    const rows: Record<string, string>[] = [];
    const explaining = {
      async readPrepared(sql: string, parameters: readonly unknown[]) {
        rows.push(
          ...(await session.query<Record<string, string>>(`EXPLAIN (ANALYZE) ${sql}`, parameters)),
        );
        return [{ version: { identities: {} } }];
      },
    };
    await readDailySeries(explaining as unknown as Database, wanted);
    return rows.map((row) => row['QUERY PLAN']);
  });
  return texts.join('\n');
}

test.each(AGGREGATE_NAMES)(
  'once it is refreshed, all columns of %s are read from an index, without its table',
  async (name) => {
    const range = { portfolioId: ID, from: toDay('2024-01-01'), to: toDay('2024-04-29') };
    const plan = await explain([
      { name, columns: dailyColumns(name), ranges: [{ ...range, latest: true }] },
    ]);
    const scans = plan.split('\n').filter((line) => line.includes(' on _hyper_'));
    expect(scans).not.toEqual([]);
    for (const scan of scans) expect(scan).toMatch(/Index Only Scan .*using \w+_series_idx/);
    const fetches = plan.matchAll(/_series_idx[^]*?Heap Fetches: (\d+)/g);
    expect(new Set(Array.from(fetches, ([, count]) => count))).toEqual(new Set(['0']));
  },
);
