import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { largeImport, writeImport } from '../helpers/import-files.js';
import { Processes, type Finished } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';

const processes = new Processes();
/** A directory that the sample command, with no server, has made a database in. */
let dataDir: string;
let sample: Finished;

beforeAll(async () => {
  dataDir = join(await processes.directory(), 'data');
  sample = await processes.cli(dataDir, 'sample');
});
afterAll(() => processes.close());

test('the sample is imported and refreshed, each step told once', () => {
  const { code, stdout, stderr } = sample;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout:
      'Portfolios: 4 rows read, 4 inserted, 0 updated, 0 unchanged\n' +
      'Daily metrics: 5040 rows read, 5040 inserted, 0 updated, 0 unchanged; 2013-05-13 to 2018-05-11\n',
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
  const { code } = await processes.cli(dataDir, 'export', 'daily', '--output', path);
  expect(code).toBe(0);
  const again = await processes.cli(dataDir, 'import', path, '--returns', 'fraction');
  expect(again.stdout).toContain(
    'Daily metrics: 5040 rows read, 0 inserted, 0 updated, 5040 unchanged',
  );
});

test('an import that Ctrl-C interrupts is taken back', async () => {
  const ids = Array.from({ length: 10 }, (_, n) => portfolioId(n));
  const files = await writeImport(await processes.directory(), largeImport(ids, 2000));
  const command = processes.command(dataDir, ...files);
  await command.printed('stderr', /Reading daily\.csv: done/);
  command.kill('SIGINT');
  expect(await command.exited).toEqual({ code: 1, signal: null });
  expect(command.stderr()).toMatch(/Interrupted; nothing more was done\.\n$/);
  expect(command.stdout()).toBe('');
  const again = await processes.cli(dataDir, ...files, '--no-refresh');
  expect(again.stdout).toContain('Portfolios: 10 rows read, 10 inserted');
  expect(again.stdout).toContain('Daily metrics: 20000 rows read, 20000 inserted');
});

test('a server that has just made its schema tells a command that it is up to date', async () => {
  const fresh = await processes.directory();
  await processes.server(fresh, { SAMPLE_DATA: 'off' });
  const { code, stdout } = await processes.cli(fresh, 'migrate');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'The schema is up to date.\n' });
});
