import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { checkData } from '../../src/commands/check-command.js';
import { deleteDays, deletePortfolio } from '../../src/commands/delete-command.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { recordedContext, type Recorded } from './recorded.js';

const ID = portfolioId(1);
const OTHER = portfolioId(2);
const DAYS = ['2024-03-04', '2024-03-05', '2024-03-06'];
const MESSAGE = 'There is no portfolio with the code "NONE".';

let db: TestDatabase;
let api: TestApi;
let recorded: Recorded;

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
  for (const id of [ID, OTHER]) {
    const rows = DAYS.map((day, n) => ({
      day,
      return: 0.01,
      value: n === 2 && id === ID ? 500 : 100,
    }));
    await insertPortfolio(db.database, id, rows, { name: `Fund ${id.at(-1)}`, benchmark: null });
  }
  await db.database.write(`UPDATE portfolios SET code = 'F1' WHERE id = $1`, [ID]);
});
beforeEach(() => {
  recorded = recordedContext(({ query, variables }) => api.execute(query, { ...variables }));
});
afterAll(async () => {
  await api.close();
  await db.close();
});

test('check lists what looks wrong, of all portfolios or of those that are named', async () => {
  const { context, lines } = recorded;
  const finding =
    'From 2024-03-05 to 2024-03-06 the value went from 100 to 500, by 400.00 %, and the return is 1.00 %: a deposit or withdrawal, or an error.';
  expect(await checkData(context, [], {})).toBe(1);
  expect(lines.splice(0)).toEqual([
    `Fund 1 (${ID})`,
    `  unexplained value  ${finding}`,
    'Portfolios checked: 2; findings: 1.',
  ]);
  expect(await checkData(context, [OTHER], {})).toBe(0);
  expect(lines.splice(0)).toEqual(['Portfolios checked: 1; findings: 0.']);
  expect(await checkData(context, ['F1'], { json: true })).toBe(1);
  expect(JSON.parse(lines.join(''))).toMatchObject([
    { id: ID, dataQuality: [{ sentence: finding }] },
  ]);
  await expect(checkData(context, ['NONE'], {})).rejects.toThrow(MESSAGE);
});

test('delete takes days, then a portfolio, by code or id; a dry run says what would go', async () => {
  const { context, lines, errors } = recorded;
  const range = { from: DAYS[1]!, to: DAYS[2]!, refresh: true };
  expect(await deleteDays(context, 'F1', { ...range, dryRun: true })).toBe(0);
  expect(await deleteDays(context, 'F1', { ...range, pack: 'other' })).toBe(0);
  expect(await deleteDays(context, 'F1', range)).toBe(0);
  expect(await deletePortfolio(context, ID, { refresh: true, dryRun: true })).toBe(0);
  expect(await deletePortfolio(context, ID, { refresh: false })).toBe(0);
  const named = `portfolio Fund 1 (${ID})`;
  expect(lines).toEqual([
    `Would delete days of ${named}: 2 rows from 2024-03-05 to 2024-03-06. Nothing was changed: leave out --dry-run to delete.`,
    `Deleted days of ${named}: 0 rows.`,
    `Deleted days of ${named}: 2 rows from 2024-03-05 to 2024-03-06.`,
    `Would delete ${named}: 1 row from 2024-03-04 to 2024-03-04. Nothing was changed: leave out --dry-run to delete.`,
    `Deleted ${named}: 1 row from 2024-03-04 to 2024-03-04.`,
  ]);
  expect(errors).toEqual([]);
  await expect(deletePortfolio(context, 'NONE', { refresh: true })).rejects.toThrow(MESSAGE);
});
