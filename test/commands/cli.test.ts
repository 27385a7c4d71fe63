import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dailyMetricsColumns, PLAIN_PARSERS } from '../../src/ingest/columns.js';

const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs the program, which `npm test` has built just before. */
function cli(...options: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], DATA_DIR: join(directory, 'nowhere') };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...options], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

test('a database that is not there is unknown to a monitor, and is not made', async () => {
  const { code, stdout, stderr } = await cli('health', '--json');
  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^There is no database in .*nowhere\. Set DATA_DIR/);
  expect(existsSync(join(directory, 'nowhere'))).toBe(false);
});

test('so is an address where no server responds, and an option that is wrong', async () => {
  expect(await cli('health', '--url', 'http://127.0.0.1:1')).toMatchObject({ code: 3, stdout: '' });
  expect(await cli('health', '--nope')).toMatchObject({ code: 3, stdout: '' });
  expect(await cli('health', '--help')).toMatchObject({ code: 0, stderr: '' });
});

test('elsewhere a failure exits with 1', async () => {
  expect(await cli('report')).toMatchObject({ code: 1, stdout: '' });
});

test('a day that is none is refused before any request is sent', async () => {
  const { code, stderr } = await cli('refresh', '--from', '2018-02-30');
  expect(code).toBe(1);
  expect(stderr).toContain("argument '2018-02-30' is invalid. A day is written 2018-05-11.");
});

test('the help of import names every column', async () => {
  const { stdout } = await cli('import', '--help');
  for (const { name } of dailyMetricsColumns(0, PLAIN_PARSERS)) expect(stdout).toContain(name);
});
