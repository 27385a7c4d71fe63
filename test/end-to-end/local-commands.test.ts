import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { largeImport, writeImport } from '../helpers/import-files.js';
import { Processes } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';

jest.setTimeout(120_000);

const processes = new Processes();
/** Where the sample is imported, removed, and looked for again. */
let sampleDir: string;

beforeAll(async () => {
  sampleDir = await processes.dataDirectory();
});
afterAll(() => processes.close());

test('the sample is imported and refreshed, each step reported once', async () => {
  const { code, stdout, stderr } = await processes.cli(sampleDir, 'sample');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout:
      'Portfolios: 4 rows read, 4 inserted, 0 updated, 0 unchanged\n' +
      'Daily metrics: 5040 rows read, 5040 inserted, 0 updated, 0 unchanged; 2013-05-13 to 2018-05-11\n' +
      'The rows are of 4 portfolios, with returns from -7.993 % (5a3f1c00-0000-4000-8000-000000000002, 2014-01-28) to 8.198 % (5a3f1c00-0000-4000-8000-000000000002, 2014-04-24)\n',
  });
  // On a slow machine a step may say how far it is, too.
  expect(
    stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !line.endsWith('%')),
  ).toEqual([
    'Writing: done',
    'Refreshing portfolio_metrics_30d_rolling: done',
    'Refreshing portfolio_metrics_60d_rolling: done',
    'Refreshing portfolio_metrics_90d_sharpe: done',
    'Refreshing portfolio_metrics_1y_beta: done',
  ]);
});

test('daily rows that are exported are imported again, and change nothing', async () => {
  const path = join(await processes.directory(), 'daily.csv');
  const { code } = await processes.cli(sampleDir, 'export', 'daily', '--output', path);
  expect(code).toBe(0);
  const again = await processes.cli(sampleDir, 'import', path, '--returns', 'fraction');
  expect(again.stdout).toContain(
    'Daily metrics: 5040 rows read, 0 inserted, 0 updated, 5040 unchanged',
  );
});

test('the sample can be removed', async () => {
  const { code, stdout } = await processes.cli(sampleDir, 'sample', '--remove');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout:
      'Removed 4 sample portfolios: 5040 rows. They do not come back by themselves (rolling-metrics sample).\n',
  });
});

test('a sample that was removed does not come back at the next start', async () => {
  const server = await processes.server(sampleDir, { SAMPLE_DATA: 'on' });
  expect(await server.data('{ portfolios { totalCount } }')).toEqual({
    portfolios: { totalCount: 0 },
  });
  await server.stop();
});

test('an import that Ctrl-C interrupts is taken back', async () => {
  const dataDir = await processes.dataDirectory();
  const ids = Array.from({ length: 10 }, (_, n) => portfolioId(n));
  const files = await writeImport(await processes.directory(), largeImport(ids, 1000));
  const command = processes.command(dataDir, ...files);
  await command.printed('stderr', /Reading daily\.csv: done/);
  command.kill('SIGINT');
  expect(await command.exited).toEqual({ code: 1, signal: null });
  expect(command.stderr()).toMatch(/Interrupted; nothing more was done\.\n$/);
  expect(command.stdout()).toBe('');
  const again = await processes.cli(dataDir, ...files, '--no-refresh');
  expect(again.stdout).toContain('Portfolios: 10 rows read, 10 inserted');
  expect(again.stdout).toContain('Daily metrics: 10000 rows read, 10000 inserted');
});

test('without sample data an empty directory gets the schema, and no portfolio', async () => {
  const fresh = await processes.directory();
  const server = await processes.server(fresh, { SAMPLE_DATA: 'off' });
  expect(await server.data('{ portfolios { totalCount } }')).toEqual({
    portfolios: { totalCount: 0 },
  });
  const { code, stdout } = await processes.cli(fresh, 'migrate');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'The schema is up to date.\n' });
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});
