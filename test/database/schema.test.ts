import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

test('the compression policy compresses what is old, and the rows stay what they are', async () => {
  const { database } = db;
  const rows = [
    { day: '2015-01-02', return: 0.01, value: 100.5 },
    { day: '2015-01-03', return: null, value: 101.25 },
    { day: new Date().toISOString().slice(0, 10), return: 0.02, value: null },
  ];
  await insertPortfolio(database, portfolioId(1), rows);
  const [job] = await database.read<{ id: number }>(
    `SELECT job_id AS id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'`,
  );
  await database.write('CALL run_job($1)', [job!.id]);
  const chunks = await database.read(`
    SELECT is_compressed FROM timescaledb_information.chunks
    WHERE hypertable_name = 'portfolio_metrics' ORDER BY range_start`);
  expect(chunks).toEqual([{ is_compressed: true }, { is_compressed: false }]);
  const stored = await database.read(`
    SELECT asof_date AS day, twr_1d AS return, portfolio_value_base::float8 AS value
    FROM portfolio_metrics ORDER BY asof_date`);
  expect(stored).toEqual(rows);
});
