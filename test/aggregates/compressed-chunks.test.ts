import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pendingDays } from '../helpers/pending-days.js';
import { insertPortfolio, insertRows, portfolioId, refreshOne } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { daysFrom } from '../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const FIRST = '2010-01-04';
const LAST = '2010-09-10';
const DAYS = 250;
/** A day without rows. */
const SATURDAY = '2010-03-06';

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
  for (let number = 1; number <= 3; number++) {
    const days = daysFrom(FIRST, DAYS).filter((day) => day !== SATURDAY);
    const rows = days.map((day) => ({ day, return: 0.01, value: 1 }));
    await insertPortfolio(db.database, portfolioId(number), rows);
  }
  await refreshOne(db.database, NAME, FIRST, LAST);
  await db.database.write(
    `SELECT compress_chunk(show_chunks('portfolio_metrics', older_than => date '2011-01-01'))`,
  );
});
beforeEach(async () => {
  await db.database.write('DELETE FROM portfolio_metrics WHERE asof_date = $1', [SATURDAY]);
  await refreshOne(db.database, NAME, FIRST, LAST);
});
afterAll(() => db.close());

async function restate(...days: string[]): Promise<void> {
  for (const day of days) {
    await db.database.write(
      'UPDATE portfolio_metrics SET twr_1d = twr_1d WHERE asof_date = $1 AND portfolio_id = $2',
      [day, portfolioId(2)],
    );
  }
}

test('in compressed chunks days are pending as they are in others', async () => {
  expect(await pendingDays(db.database, NAME)).toEqual([]);
  await restate('2010-05-05', '2010-02-08');
  await insertRows(db.database, portfolioId(1), [{ day: SATURDAY, return: 0.02, value: 1 }]);
  expect(await pendingDays(db.database, NAME)).toEqual([
    '2010-02-08, by hand',
    `${SATURDAY}, by hand`,
    '2010-05-05, by hand',
  ]);
});

test('a day without rows is pending as long as it is materialized', async () => {
  await insertRows(db.database, portfolioId(1), [{ day: SATURDAY, return: 0.02, value: 1 }]);
  await refreshOne(db.database, NAME, FIRST, LAST);
  expect(await pendingDays(db.database, NAME)).toEqual([]);
  await db.database.write('DELETE FROM portfolio_metrics WHERE asof_date = $1', [SATURDAY]);
  expect(await pendingDays(db.database, NAME)).toEqual([`${SATURDAY}, by hand`]);
});

test('the compression policy compresses what is old, and the rows stay what they are', async () => {
  const { database } = db;
  const id = portfolioId(4);
  const today = new Date().toISOString().slice(0, 10);
  const rows = [
    { day: '2015-01-02', return: 0.01, value: 100.5 },
    { day: '2015-01-03', return: null, value: 101.25 },
    { day: today, return: 0.02, value: null },
  ];
  await insertPortfolio(database, id, rows);
  const [job] = await database.read<{ id: number }>(
    `SELECT job_id AS id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'`,
  );
  await database.write('CALL run_job($1)', [job!.id]);
  const chunks = await database.read(`
    SELECT is_compressed FROM timescaledb_information.chunks
    WHERE hypertable_name = 'portfolio_metrics' AND range_end > '2015-01-01' ORDER BY range_start`);
  expect(chunks).toEqual([{ is_compressed: true }, { is_compressed: false }]);
  const stored = await database.read(
    `SELECT asof_date AS day, twr_1d AS return, portfolio_value_base::float8 AS value
    FROM portfolio_metrics WHERE portfolio_id = $1 ORDER BY asof_date`,
    [id],
  );
  expect(stored).toEqual(rows);
  await database.write('DELETE FROM portfolio_metrics WHERE portfolio_id = $1', [id]);
  await refreshOne(database, NAME, '2015-01-02', today);
});
