import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATE_NAMES } from '../../src/aggregates/registry.js';
import { checkData } from '../../src/commands/check-command.js';
import { deleteDays, deletePortfolio } from '../../src/commands/delete-command.js';
import { requestData, type Executor } from '../../src/commands/executor.js';
import { showHealth } from '../../src/commands/health-command.js';
import { createLocalExecutor } from '../../src/commands/local-executor.js';
import { refreshAggregates } from '../../src/commands/refresh-command.js';
import { showReport } from '../../src/commands/report-command.js';
import { serveCommand } from '../../src/commands/serve-command.js';
import { createSocketExecutor } from '../../src/commands/socket-executor.js';
import { showStatus } from '../../src/commands/status-command.js';
import { claimDataDirectory, type DataDirectory } from '../../src/database/data-directory.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';
import { createTestServices } from '../helpers/test-services.js';
import { recordedContext, recordedDisplay } from './recorded.js';

const NOW = new Date('2018-05-12T12:00:00Z');
const DAYS = ['2018-05-09', '2018-05-10', '2018-05-11'];
const ID = portfolioId(1);
const JUMP = portfolioId(2);
const UNKNOWN = 'There is no portfolio with the code "NONE".';

let testDatabase: TestDatabase;
let refreshes: RefreshService;
let path: string;
let directory: DataDirectory;
let local: Executor;
let remote: Executor;

beforeAll(async () => {
  testDatabase = await openTestDatabase();
  const { database } = testDatabase;
  const services = createTestServices(database, { now: () => NOW });
  ({ refreshes } = services);
  const rows = DAYS.map((day) => ({ day, return: 0.01, value: 100 }));
  await insertPortfolio(database, ID, rows, { name: 'Fund 1', benchmark: null });
  // Its value jumps on the last day.
  const jumping = [...rows.slice(0, 2), { ...rows[2]!, value: 500 }];
  await insertPortfolio(database, JUMP, jumping, { name: 'Fund 2', benchmark: null });
  await database.write(`UPDATE portfolios SET code = 'F2' WHERE id = $1`, [JUMP]);
  local = createLocalExecutor(services);
  path = await mkdtemp(join(tmpdir(), 'cli-'));
  directory = await claimDataDirectory(path);
  directory.serve((socket) => void serveCommand(socket, { ...services, migrated: [] }));
  remote = createSocketExecutor(path);
});

afterAll(async () => {
  await directory.release();
  await rm(path, { recursive: true });
  await refreshes.close();
  await testDatabase.close();
});

async function refreshed(execute: Executor, aggregate?: string): Promise<[number, string[]]> {
  const { context, lines } = recordedContext(execute, { now: NOW });
  const code = await refreshAggregates(context, aggregate === undefined ? {} : { aggregate }, {
    display: recordedDisplay(),
    // The database responds between two looks: there is nothing else to wait for.
    pause: async () => void (await testDatabase.database.read('SELECT 1')),
    interrupted: new AbortController().signal,
  });
  return [code, lines.map((line) => line.replace(/ in \d+s\.$/, '.'))];
}

test('what was never refreshed is degraded, and the table and the report say so', async () => {
  const health = recordedContext(local, { now: NOW });
  expect(await showHealth(health.context, {})).toBe(2);
  expect(health.lines.join('\n')).toMatch(/portfolio_metrics_30d_rolling, .* hold no rows/);
  const status = recordedContext(local, { now: NOW });
  expect(await showStatus(status.context, {})).toBe(0);
  expect(status.lines[0]).toMatch(/^30d_rolling {2}nothing +2018-05-11 +never .* 3 {2}DEGRADED$/m);
  const report = recordedContext(local, { now: NOW });
  expect(await showReport(report.context)).toBe(0);
  expect(report.lines[0]).toContain('never: nothing has refreshed it yet');
});

test('a refresh of one aggregate, then of all', async () => {
  const name = 'portfolio_metrics_90d_sharpe';
  expect(await refreshed(local, name)).toEqual([0, [`${name} is refreshed.`]]);
  const [code, lines] = await refreshed(remote);
  expect(code).toBe(0);
  expect(lines).toHaveLength(AGGREGATE_NAMES.length);
  const status = recordedContext(local, { now: NOW });
  await showStatus(status.context, {});
  expect(status.lines[0]!.match(/ 2018-05-11 +2018-05-11 .* 0 {2}/g)).toHaveLength(
    AGGREGATE_NAMES.length,
  );
});

describe('in the server that has the data directory', () => {
  test.each([
    ['status', showStatus],
    ['health', showHealth],
  ])('%s is as it is in process', async (_name, show) => {
    const [here, there] = [local, remote].map((execute) => recordedContext(execute, { now: NOW }));
    const code = await show(here!.context, { json: true });
    expect(await show(there!.context, { json: true })).toBe(code);
    // A policy that has not run yet is always to run now.
    const printed = ({ lines }: typeof here & object): string =>
      lines.join('\n').replaceAll(/"nextRefresh": ".*"/g, '');
    expect(printed(there!)).toBe(printed(here!));
  });

  test('an operation that is refused fails with its errors', async () => {
    const mutation =
      'mutation { refreshAllAggregates(from: "2018-05-11", to: "2018-05-10") { id } }';
    for (const execute of [local, remote]) {
      await expect(requestData(execute, mutation)).rejects.toThrow(
        'from must not be after to, but got from 2018-05-11 and to 2018-05-10',
      );
      await expect(requestData(execute, '{ nothing }')).rejects.toThrow(
        'Cannot query field "nothing"',
      );
    }
  });

  test('a server that has ended is a sentence', async () => {
    const gone = createSocketExecutor(join(path, 'elsewhere'));
    await expect(requestData(gone, '{ health { status } }')).rejects.toThrow(
      /^The server that had .* has ended\.$/,
    );
  });
});

test('check lists what looks wrong, of all portfolios or of those that are named', async () => {
  const { context, lines } = recordedContext(local);
  const finding =
    'From 2018-05-10 to 2018-05-11 the value went from 100 to 500, by 400.00 %, and the return is 1.00 %: a deposit or withdrawal, or an error.';
  expect(await checkData(context, [], {})).toBe(1);
  expect(lines.splice(0)).toEqual([
    `Fund 2 (${JUMP})`,
    `  unexplained value  ${finding}`,
    'Portfolios checked: 2; findings: 1.',
  ]);
  expect(await checkData(context, [ID], {})).toBe(0);
  expect(lines.splice(0)).toEqual(['Portfolios checked: 1; findings: 0.']);
  expect(await checkData(context, ['F2'], { json: true })).toBe(1);
  expect(JSON.parse(lines.join(''))).toMatchObject([
    { id: JUMP, dataQuality: [{ sentence: finding }] },
  ]);
  await expect(checkData(context, ['NONE'], {})).rejects.toThrow(UNKNOWN);
});

test('delete takes days, then a portfolio, by code or id; a dry run says what would go', async () => {
  const id = portfolioId(3);
  const { database } = testDatabase;
  const rows = DAYS.map((day) => ({ day, return: 0.01, value: 100 }));
  await insertPortfolio(database, id, rows, { name: 'Fund 3', benchmark: null });
  await database.write(`UPDATE portfolios SET code = 'F3' WHERE id = $1`, [id]);
  const { context, lines, errors } = recordedContext(local);
  const range = { from: DAYS[1]!, to: DAYS[2]!, refresh: true };
  expect(await deleteDays(context, 'F3', { ...range, dryRun: true })).toBe(0);
  expect(await deleteDays(context, 'F3', { ...range, pack: 'other' })).toBe(0);
  expect(await deleteDays(context, 'F3', range)).toBe(0);
  expect(await deletePortfolio(context, id, { refresh: true, dryRun: true })).toBe(0);
  expect(await deletePortfolio(context, id, { refresh: false })).toBe(0);
  const named = `portfolio Fund 3 (${id})`;
  expect(lines).toEqual([
    `Would delete days of ${named}: 2 rows from 2018-05-10 to 2018-05-11. Nothing was changed: leave out --dry-run to delete.`,
    `Deleted days of ${named}: 0 rows.`,
    `Deleted days of ${named}: 2 rows from 2018-05-10 to 2018-05-11.`,
    `Would delete ${named}: 1 row from 2018-05-09 to 2018-05-09. Nothing was changed: leave out --dry-run to delete.`,
    `Deleted ${named}: 1 row from 2018-05-09 to 2018-05-09.`,
  ]);
  expect(errors).toEqual([]);
  await expect(deletePortfolio(context, 'NONE', { refresh: true })).rejects.toThrow(UNKNOWN);
});
