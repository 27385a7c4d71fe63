import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { largeImport, writeImport } from '../helpers/import-files.js';
import { Processes, type Exit, type Finished, type Program } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';

jest.setTimeout(120_000);

const processes = new Processes();
const importFiles = largeImport(
  Array.from({ length: 10 }, (_, n) => portfolioId(n)),
  1000,
);

/** What became of commands on one data directory, run in this order, the last with a server. */
let imported: Finished;
let exported: Finished;
let importedAgain: Finished;
let removed: Finished;
let interrupted: Program;
let interruptedExit: Exit;
let served: unknown;
let repeated: Finished;

beforeAll(async () => {
  const dataDir = await processes.dataDirectory();
  const daily = join(await processes.directory(), 'daily.csv');
  imported = await processes.cli(dataDir, 'sample');
  exported = await processes.cli(dataDir, 'export', 'daily', '--output', daily);
  importedAgain = await processes.cli(dataDir, 'import', daily, '--returns', 'fraction');
  removed = await processes.cli(dataDir, 'sample', '--remove');
  const files = await writeImport(await processes.directory(), importFiles);
  interrupted = processes.command(dataDir, ...files);
  await interrupted.printed('stderr', /Reading daily\.csv: done/);
  interrupted.kill('SIGINT');
  interruptedExit = await interrupted.exited;
  const server = await processes.server(dataDir, { SAMPLE_DATA: 'on' });
  served = await server.data('{ portfolios { totalCount } }');
  repeated = await processes.cli(dataDir, ...files, '--no-refresh');
});
afterAll(() => processes.close());

describe('the sample', () => {
  test('is imported and refreshed, each step reported once', () => {
    const { code, stdout, stderr } = imported;
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

  test('is exported, and imported again without a change', () => {
    expect(exported.code).toBe(0);
    expect(importedAgain.stdout).toContain(
      'Daily metrics: 5040 rows read, 0 inserted, 0 updated, 5040 unchanged',
    );
  });

  test('can be removed', () => {
    const { code, stdout } = removed;
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'Removed 4 sample portfolios: 5040 rows. They do not come back by themselves (rolling-metrics sample).\n',
    });
  });

  test('does not come back at the next start once it is removed', () => {
    expect(served).toEqual({ portfolios: { totalCount: 0 } });
  });
});

test('an import that Ctrl-C interrupts is taken back', () => {
  expect(interruptedExit).toEqual({ code: 1, signal: null });
  expect(interrupted.stderr()).toMatch(/Interrupted; nothing more was done\.\n$/);
  expect(interrupted.stdout()).toBe('');
  expect(repeated.stdout).toContain('Portfolios: 10 rows read, 10 inserted');
  expect(repeated.stdout).toContain('Daily metrics: 10000 rows read, 10000 inserted');
});
