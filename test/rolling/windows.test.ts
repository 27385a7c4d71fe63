import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { insertPortfolio, portfolioId, refreshAll } from '../helpers/test-data.js';
import { createTestApi } from '../helpers/test-api.js';
import type { TestApi } from '../helpers/test-api.js';
import { openTestDatabase } from '../helpers/test-database.js';
import type { TestDatabase } from '../helpers/test-database.js';

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
});
afterAll(async () => {
  await api.close();
  await db.close();
});

test('a page of 100 portfolios with four windows each takes at most four statements for the windows', async () => {
  for (let n = 1; n <= 100; n++) {
    await insertPortfolio(db.database, portfolioId(n), [
      { day: '2024-01-02', return: 0.01, value: 100, benchmark: 0.02 },
      { day: '2024-01-03', return: n / 1000, value: 101, benchmark: 0.01 },
    ]);
  }
  await refreshAll(db.database, '2024-01-02', '2024-01-03');
  db.statements.length = 0;
  const { portfolios } = await api.data(`{
    portfolios(first: 100) { edges { node {
      rolling30d { averageReturn freshness { isStale } } rolling60d { volatility }
      rolling90d { sharpeRatio } rolling1y { beta }
    } } }
  }`);
  expect(portfolios.edges).toHaveLength(100);
  expect(portfolios.edges[4].node.rolling30d).toEqual({
    averageReturn: (0.01 + 0.005) / 2,
    freshness: { isStale: false },
  });
  expect(db.statements.filter((sql) => sql.includes('unnest'))).toHaveLength(4);
  expect(db.statements).toHaveLength(5);
});
