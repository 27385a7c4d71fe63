import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EVERY_TENANT } from '../../src/access/tenant.js';
import { deleteDays, deletePortfolios } from '../../src/ingest/delete-rows.js';
import { DAILY_HEADER, dayAfter, lines } from '../helpers/import-files.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { createImportFolder, type ImportFolder } from './import-folder.js';

const KNOWN = portfolioId(1);

let db: TestDatabase;
let folder: ImportFolder;
let other: ImportFolder;

beforeAll(async () => {
  db = await openTestDatabase();
  folder = await createImportFolder(db.database);
  other = await createImportFolder(db.database);
  await insertPortfolio(db.database, KNOWN);
  await insertPortfolio(db.database, portfolioId(2));
});
afterAll(async () => {
  await folder.remove();
  await other.remove();
  await db.close();
});

/** Rows of a portfolio on so many days from the first on. */
function rows(id: string, count: number, first: string, value = '0.01'): string[] {
  return Array.from({ length: count }, (_, n) => `${id},${dayAfter(n, first)},${value},,,,,`);
}

test('of many faults the first 20 are listed, whether the reader or the database found them', async () => {
  const bad = Array.from({ length: 40 }, (_, n) =>
    n % 2 === 0 ? `${portfolioId(9 + n)},${dayAfter(n)},,,,,,` : `${KNOWN},${dayAfter(n)},x,,,,,`,
  );
  const message = await folder.refusal({ daily: lines(DAILY_HEADER, ...bad) });
  const listed = [...message.matchAll(/daily\.csv:(\d+)/g)].map(([, line]) => Number(line));
  expect(listed).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
  expect(message).toMatch(/\n {2}… these are the first 20$/);
});

test('two imports at once do not disturb each other', async () => {
  const results = await Promise.all([
    folder.import({ daily: lines(DAILY_HEADER, ...rows(KNOWN, 6000, '2000-01-01')) }),
    other.import({ daily: lines(DAILY_HEADER, ...rows(portfolioId(2), 20, '2000-01-01')) }),
  ]);
  expect(results.map(({ daily }) => daily.inserted)).toEqual([6000, 20]);
});

test('more compressed rows are replaced than TimescaleDB decompresses by itself', async () => {
  const { database } = db;
  await folder.import({ daily: lines(DAILY_HEADER, ...rows(KNOWN, 300, '1990-01-01')) });
  await database.write(
    `SELECT compress_chunk(show_chunks('portfolio_metrics', older_than => date '1991-01-01'))`,
  );
  // Its own limit is 100,000 rows.
  await database.write('SET timescaledb.max_tuples_decompressed_per_dml_transaction = 50');
  try {
    const daily = lines(DAILY_HEADER, ...rows(KNOWN, 300, '1990-01-01', '0.02'));
    expect((await folder.import({ daily })).daily).toMatchObject({ updated: 300 });
  } finally {
    await database.write('RESET timescaledb.max_tuples_decompressed_per_dml_transaction');
  }
});

test('compressed rows are deleted, and their days recorded once', async () => {
  const { database } = db;
  const id = portfolioId(3);
  await insertPortfolio(database, id);
  // Every other day, so that days one by one would be so many ranges.
  const daily = rows(id, 40, '1991-03-01').filter((_, n) => n % 2 === 0);
  await folder.import({ daily: lines(DAILY_HEADER, ...daily) });
  await database.write(
    `SELECT compress_chunk(show_chunks('portfolio_metrics', older_than => date '1992-01-01'), true)`,
  );
  await database.write('DELETE FROM metric_changes WHERE portfolio_id = $1', [id]);
  const days = { portfolioId: id, from: '1991-03-03', to: '1991-03-12', pricingPackId: null };
  const options = { tenant: EVERY_TENANT, dryRun: false };
  expect(await deleteDays(database, days, options)).toMatchObject({ deleted: 5 });
  expect(await deletePortfolios(database, [id], options)).toMatchObject({ deleted: 15 });
  expect(
    await database.read(
      'SELECT days::text FROM metric_changes WHERE portfolio_id = $1 ORDER BY transaction_id',
      [id],
    ),
  ).toEqual([{ days: '{[1991-03-03,1991-03-12)}' }, { days: '{[1991-03-01,1991-04-09)}' }]);
});
