import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { EVERY_TENANT } from '../../src/access/tenant.js';
import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  metricsOf,
  ROLLING_WINDOWS,
  type RollingWindow,
} from '../../src/aggregates/registry.js';
import { openImportFiles } from '../../src/commands/import-sources.js';
import { importFiles, type ImportResult } from '../../src/ingest/import-files.js';
import { dayOf } from '../../src/metrics/calendar.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { refreshAll } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { agrees } from '../metrics/agreement.js';
import { sizeOfCalmarTerms } from '../metrics/size-of-terms.js';

/** The S&P 500 through the crash of 2020, and pandas' results: see oracle/sp500-2020.py. */
const fileOf = (name: string): string => fileURLToPath(new URL(`oracle/${name}`, import.meta.url));
const EXPECTED = parse<Record<string, string>>(readFileSync(fileOf('expected.csv'), 'utf8'), {
  columns: true,
});

const NONE = (): void => undefined;
let db: TestDatabase;
let api: TestApi;
let imported: ImportResult;

beforeAll(async () => {
  db = await openTestDatabase();
  imported = await importFiles(
    db.database,
    await openImportFiles(
      { daily: fileOf('daily.csv'), portfolios: fileOf('portfolios.csv') },
      NONE,
    ),
    { today: dayOf(new Date()), tenant: EVERY_TENANT, progress: NONE },
  );
  await refreshAll(db.database, imported.daily.from!, imported.daily.to!);
  // Nothing changes from here on.
  api = await createTestApi(db.database, { snapshotMaxAge: Infinity });
});
afterAll(async () => {
  await api.close();
  await db.close();
});

/** SHARPE_RATIO is sharpeRatio. */
const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());

/** What pandas says of a window, by the names of the metrics. */
const metricNamesOf = (window: RollingWindow): string[] => [
  'OBSERVATIONS',
  ...(window === 'ONE_YEAR' ? ['BENCHMARK_OBSERVATIONS'] : []),
  ...metricsOf(window),
];

const QUERY = `query ($id: UUID!, $asOf: LocalDate!) { portfolio(id: $id) { ${ROLLING_WINDOWS.map(
  (window) =>
    `${AGGREGATES[AGGREGATE_OF_WINDOW[window]].field}(asOf: $asOf) { ${metricNamesOf(window).map(camelCase).join(' ')} freshness { isStale aggregate } }`,
).join('\n')} } }`;

type WindowValues = Record<string, number | null> & { freshness: unknown };

test('the files are imported whole', () => {
  expect(imported).toMatchObject({
    portfolios: { inserted: 3, updated: 0, unchanged: 0 },
    daily: { inserted: 978, updated: 0, unchanged: 0, from: '2019-01-02', to: '2020-04-17' },
  });
});

test('the windows of an import agree with pandas over the API', async () => {
  const wrong: string[] = [];
  let compared = 0;
  const keys = new Set(EXPECTED.map((row) => `${row['portfolio_id']} ${row['as_of']}`));
  for (const key of keys) {
    const [id, asOf] = key.split(' ');
    const { portfolio } = (await api.data(QUERY, { id, asOf })) as {
      portfolio: Record<string, WindowValues | null>;
    };
    for (const window of ROLLING_WINDOWS) {
      const expected = EXPECTED.find(
        (row) => row['portfolio_id'] === id && row['as_of'] === asOf && row['window'] === window,
      )!;
      const actual = portfolio[AGGREGATES[AGGREGATE_OF_WINDOW[window]].field]!;
      if (expected['OBSERVATIONS'] === '') {
        if (actual !== null) wrong.push(`${key} ${window} has a result`);
        continue;
      }
      expect(actual?.freshness).toEqual({
        isStale: false,
        aggregate: AGGREGATE_OF_WINDOW[window],
      });
      for (const name of metricNamesOf(window)) {
        const text = expected[name]!;
        const theirs = text === '' ? null : Number(text);
        const ours = actual[camelCase(name)]!;
        if (theirs !== null) compared += 1;
        const isCalmar = name === 'CALMAR_RATIO' && theirs !== null;
        const drawdown = Number(expected['MAX_DRAWDOWN']);
        if (!agrees(ours, theirs, isCalmar ? sizeOfCalmarTerms(theirs, drawdown) : 1)) {
          wrong.push(`${key} ${window} ${name}: ${ours} instead of ${text}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  // 37 days of three portfolios; 13, 13, 10 and 19 metrics with their counts where all are defined.
  expect(keys.size).toBe(111);
  expect(compared).toBeGreaterThan(4000);
}, 60_000);
