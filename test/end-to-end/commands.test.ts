import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { findOwner } from '../../src/database/data-directory.js';
import {
  DAILY_HEADER,
  dayAfter,
  largeImport,
  lines,
  PORTFOLIO_HEADER,
  writeImport,
} from '../helpers/import-files.js';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';

jest.setTimeout(120_000);

const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));
const processes = new Processes();
const NO_SAMPLE = { SAMPLE_DATA: 'off' };
const pipes: FileHandle[] = [];
let dataDir: string;
let server: RunningServer;
/** How many portfolios there are after the first start. */
let countAtStart: number;

beforeAll(async () => {
  dataDir = await processes.directory();
  server = await processes.server(dataDir, NO_SAMPLE);
  countAtStart = await count();
  const files = await writeImport(await processes.directory(), {
    portfolios: lines(PORTFOLIO_HEADER, `${KEPT},Kept,USD,SP500`),
    daily: lines(
      DAILY_HEADER,
      `${KEPT},2008-01-02,,100,,,,`,
      `${KEPT},2008-01-03,0.25,125,0.125,1.5,,`,
      `${KEPT},2008-01-04,-0.5,62.5,-0.25,2.5,,`,
      `${KEPT},2008-01-05,0.125,70.3125,0.25,,,`,
    ),
  });
  await processes.cli(dataDir, ...files);
});
afterEach(async () => {
  for (const pipe of pipes.splice(0)) await pipe.close();
});
afterAll(() => processes.close());

interface Found {
  readonly name: string;
  readonly lastDay: string | null;
  readonly rolling30d: Record<string, unknown> | null;
}

/** A portfolio as the server has it. */
async function find(id: string): Promise<Found | null> {
  const { portfolio } = (await server.data(
    `query ($id: UUID!) { portfolio(id: $id) { name lastDay rolling30d {
      observations averageReturn peakValue freshness { isStale }
    } } }`,
    { id },
  )) as { portfolio: Found | null };
  return portfolio;
}

const count = async (): Promise<number> => {
  const { portfolios } = (await server.data('{ portfolios { totalCount } }')) as {
    portfolios: { totalCount: number };
  };
  return portfolios.totalCount;
};

/** What is said of a portfolio that was there before, to see that nothing else was touched. */
const KEPT = portfolioId(1000);
const kept = (): Promise<unknown> =>
  server.data(`{ portfolio(id: "${KEPT}") {
    name firstDay lastDay
    rolling30d(asOf: "2008-01-05") { observations averageReturn peakValue freshness { isStale } }
    rolling1y(asOf: "2008-01-05") { observations beta alpha averageBeta freshness { isStale } }
  } }`);

let made = 0;

/** The files of a small import and the arguments of the command for it. */
async function smallImport(id: string, ...rows: readonly string[]): Promise<string[]> {
  return writeImport(await processes.directory(), {
    portfolios: lines(PORTFOLIO_HEADER, `${id},Small,USD,`),
    daily: lines(DAILY_HEADER, ...rows),
  });
}

/** An import that keeps the engine busy for a while after its file has been read. */
async function longImport(
  days = 1000,
): Promise<{ readonly id: string; readonly command: string[] }> {
  const ids = Array.from({ length: 20 }, () => portfolioId(++made));
  return {
    id: ids[0]!,
    command: await writeImport(await processes.directory(), largeImport(ids, days)),
  };
}

/** An import whose file has no end before `end`. */
async function endlessImport(): Promise<{
  readonly id: string;
  readonly command: string[];
  readonly write: () => Promise<unknown>;
  readonly end: () => Promise<void>;
}> {
  const id = portfolioId(++made);
  const directory = await processes.directory();
  const command = await writeImport(directory, {
    portfolios: lines(PORTFOLIO_HEADER, `${id},Endless,USD,`),
    daily: '',
  });
  const daily = join(directory, 'pipe.csv');
  await promisify(execFile)('mkfifo', [daily]);
  // Reading and writing, because opening it only to write would wait for a reader.
  const pipe = await open(daily, 'r+');
  pipes.push(pipe);
  const rows = Array.from({ length: 12_000 }, (_, n) => `${id},${dayAfter(n)},0.01,,,,,`);
  return {
    id,
    command: [...command.slice(0, -1), daily],
    write: () => pipe.writeFile(lines(DAILY_HEADER, ...rows)),
    async end() {
      pipes.splice(pipes.indexOf(pipe), 1);
      await pipe.close();
    },
  };
}

test('without sample data an empty directory gets the schema, and no portfolio', async () => {
  expect(countAtStart).toBe(0);
  const { code, stdout } = await processes.cli(dataDir, 'migrate');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'The schema is up to date.\n' });
});

describe('a command given while the server runs', () => {
  test('imports there, says how far it is, and the new numbers are there when it ends', async () => {
    const id = portfolioId(++made);
    const first = await smallImport(
      id,
      `${id},2024-01-02,0.25,100,,,,`,
      `${id},2024-01-03,0.5,103,,,,`,
    );
    expect(await find(id)).toBeNull();
    const { code, stdout, stderr } = await processes.cli(dataDir, ...first);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: lines(
        'Portfolios: 1 rows read, 1 inserted, 0 updated, 0 unchanged',
        'Daily metrics: 2 rows read, 2 inserted, 0 updated, 0 unchanged; 2024-01-02 to 2024-01-03',
        `The rows are of 1 portfolio, with returns from 25 % (${id}, 2024-01-02) to 50 % (${id}, 2024-01-03)`,
      ),
    });
    // How often a step says that it is done is not promised.
    expect([...new Set(stderr.trimEnd().split('\n'))]).toEqual([
      'Reading portfolios.csv: done',
      'Reading daily.csv: done',
      'Writing: done',
      'Refreshing portfolio_metrics_30d_rolling: done',
      'Refreshing portfolio_metrics_60d_rolling: done',
      'Refreshing portfolio_metrics_90d_sharpe: done',
      'Refreshing portfolio_metrics_1y_beta: done',
    ]);
    expect(await find(id)).toEqual({
      name: 'Small',
      lastDay: '2024-01-03',
      rolling30d: {
        observations: 2,
        averageReturn: 0.375,
        peakValue: 103,
        freshness: { isStale: false },
      },
    });

    const second = await smallImport(
      id,
      `${id},2024-01-03,0.75,105,,,,`,
      `${id},2024-01-04,,90,,,,`,
    );
    expect((await processes.cli(dataDir, ...second)).stdout).toContain(
      '2 rows read, 1 inserted, 1 updated, 0 unchanged; 2024-01-03 to 2024-01-04',
    );
    expect(await find(id)).toMatchObject({
      lastDay: '2024-01-04',
      rolling30d: { observations: 2, averageReturn: 0.5, peakValue: 105 },
    });
  });

  test('leaves the aggregates as they are with --no-refresh, and the output says so', async () => {
    const id = portfolioId(++made);
    const command = await smallImport(id, `${id},2024-01-02,0.01,100,,,,`);
    const { code, stderr } = await processes.cli(dataDir, ...command, '--no-refresh');
    expect(code).toBe(0);
    expect(stderr).not.toContain('Refreshing');
    expect(await find(id)).toMatchObject({ lastDay: '2024-01-02', rolling30d: null });
    const again = await processes.cli(dataDir, ...command);
    expect(again.stdout).toContain('0 inserted, 0 updated, 1 unchanged');
    expect(await find(id)).toMatchObject({ rolling30d: { averageReturn: 0.01 } });
  });

  test('ends with 1 when its file is bad', async () => {
    const before = await count();
    const id = portfolioId(++made);
    const command = await smallImport(id, `${id},2024-01-02,0.01,,,,,`, `${id},yesterday,,,,,,`);
    const { code, stdout, stderr } = await processes.cli(dataDir, ...command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      `${command.at(-1)}:3: asof_date "yesterday" is not a calendar date such as 2018-05-11`,
    );
    expect(await count()).toBe(before);
  });

  test.each([
    ['through the socket', (): string[] => []],
    ['to an address', (): string[] => ['--url', server.url]],
  ])('reads pipes and standard input itself, and sends them %s', async (_name, target) => {
    const id = portfolioId(++made);
    const portfolios = lines(PORTFOLIO_HEADER, `${id},Piped,USD,`);
    const daily = lines(
      DAILY_HEADER,
      `${id},2024-01-02,0.01,100,,,,`,
      `${id},2024-01-03,0.02,,,,,`,
    );
    // A shell makes the pipes, as it would for a user.
    const run = promisify(execFile)(
      'bash',
      [
        '-c',
        'printf %s "$DAILY" | "$@" --portfolios <(printf %s "$PORTFOLIOS") -',
        'bash',
        process.execPath,
        CLI,
        'import',
        ...target(),
      ],
      {
        env: { PATH: process.env['PATH'], DATA_DIR: dataDir, DAILY: daily, PORTFOLIOS: portfolios },
      },
    );
    const { stdout } = await run;
    expect(stdout).toBe(
      lines(
        'Portfolios: 1 rows read, 1 inserted, 0 updated, 0 unchanged',
        'Daily metrics: 2 rows read, 2 inserted, 0 updated, 0 unchanged; 2024-01-02 to 2024-01-03',
        `The rows are of 1 portfolio, with returns from 1 % (${id}, 2024-01-02) to 2 % (${id}, 2024-01-03)`,
      ),
    );
    expect(await find(id)).toMatchObject({ rolling30d: { observations: 2, peakValue: 100 } });
  });

  test('sends a bad file to an address, and prints the faults of its rows', async () => {
    const id = portfolioId(++made);
    const command = await smallImport(id, `${id},2024-01-02,0.01,,,,,`, `${id},yesterday,,,,,,`);
    const finished = await processes.cli(dataDir, ...command, '--url', server.url);
    expect(finished).toMatchObject({ code: 1, stdout: '' });
    expect(finished.stderr).toContain(
      `${command.at(-1)}:3: asof_date "yesterday" is not a calendar`,
    );
    const missing = await processes.cli(dataDir, 'import', tmpdir(), '--url', server.url);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain(`${tmpdir()} cannot be read: it is a directory (EISDIR)`);
  });

  test('ends with 1 when its file is missing', async () => {
    const { code, stderr } = await processes.cli(dataDir, 'import', 'missing.csv');
    expect(code).toBe(1);
    expect(stderr).toContain('missing.csv cannot be read: ENOENT');
  });

  test('is taken back when its caller is killed', async () => {
    const before = [await count(), await kept()];
    const { id, command, write, end } = await endlessImport();
    const caller = processes.command(dataDir, ...command);
    await write();
    await caller.printed('stderr', /Reading pipe\.csv/);
    caller.kill('SIGKILL');
    await caller.exited;
    await end();
    // The engine does one thing after the other: what comes behind it sees what it has done.
    const other = portfolioId(++made);
    const small = await smallImport(other, `${other},2024-01-02,0.01,100,,,,`);
    expect(await processes.cli(dataDir, ...small, '--no-refresh')).toMatchObject({ code: 0 });
    expect(await find(id)).toBeNull();
    expect([(await count()) - 1, await kept()]).toEqual(before);
  });

  test('is taken back when its caller is killed while it is written', async () => {
    const { id, command } = await longImport();
    const caller = processes.command(dataDir, ...command);
    await caller.printed('stderr', /Reading daily\.csv: done/);
    caller.kill('SIGKILL');
    await caller.exited;
    const other = portfolioId(++made);
    const small = await smallImport(other, `${other},2024-01-02,0.01,100,,,,`);
    expect(await processes.cli(dataDir, ...small, '--no-refresh')).toMatchObject({ code: 0 });
    expect(await find(id)).toBeNull();
    // The audit says that it failed.
    const others = server.stderr().replaceAll(/^.*"audit":true.*$/gm, '');
    expect(others).not.toMatch(/error|fail/i);
  });

  test.each([
    ['only half of it comes', '{"name":"mig'],
    ['it is no command', '{"name":"unknown"}\n'],
    ['it is nothing', 'null\n'],
    ['it is no JSON', 'import daily.csv\n'],
  ])('does the server no harm when %s', async (_name, text) => {
    const owner = await findOwner(dataDir);
    expect(owner?.pid).toBe(server.pid);
    owner!.socket.end(text);
    await once(owner!.socket, 'close');
    expect(await server.data('{ __typename }')).toEqual({ __typename: 'Query' });
  });
});

describe('an import loses itself and nothing else', () => {
  test('of what is there', async () => {
    expect(await kept()).toMatchObject({
      portfolio: {
        name: 'Kept',
        firstDay: '2008-01-02',
        rolling30d: { observations: 3, peakValue: 125, freshness: { isStale: false } },
        rolling1y: { averageBeta: 2 },
      },
    });
  });

  test('when the server is killed', async () => {
    const before = [await count(), await kept()];
    const { id, command } = await longImport();
    const caller = processes.command(dataDir, ...command);
    await caller.printed('stderr', /Reading daily\.csv: done/);
    server.kill('SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await caller.exited).toEqual({ code: 1, signal: null });
    expect(caller.stderr()).toContain(
      'The server ended before the command did. Look at its log, then try again.\n',
    );
    server = await processes.server(dataDir, NO_SAMPLE);
    expect(await find(id)).toBeNull();
    expect([await count(), await kept()]).toEqual(before);
  });

  test('when the server is stopped, or when the command that runs by itself is killed', async () => {
    const before = [await count(), await kept()];
    // A server that stops lets what is under way go on for a second.
    const first = await longImport(4000);
    const caller = processes.command(dataDir, ...first.command);
    await caller.printed('stderr', /Reading daily\.csv: done/);
    const startedMs = performance.now();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(await caller.exited).toEqual({ code: 1, signal: null });
    expect(caller.stderr()).not.toMatch(/^ +at /m);

    const second = await longImport();
    const alone = processes.command(dataDir, ...second.command);
    await alone.printed('stderr', /Reading daily\.csv: done/);
    alone.kill('SIGKILL');
    expect(await alone.exited).toEqual({ code: null, signal: 'SIGKILL' });

    // The next one works, also without a server.
    const other = portfolioId(++made);
    const small = await smallImport(other, `${other},2024-01-02,0.01,100,,,,`);
    expect(await processes.cli(dataDir, ...small)).toMatchObject({ code: 0 });
    server = await processes.server(dataDir, NO_SAMPLE);
    expect(await find(first.id)).toBeNull();
    expect(await find(second.id)).toBeNull();
    expect(await find(other)).toMatchObject({ rolling30d: { averageReturn: 0.01 } });
    expect([(await count()) - 1, await kept()]).toEqual(before);
  });
});

describe('an export', () => {
  const DAYS = ['--portfolios', KEPT, '--from', '2008-01-02', '--to', '2008-01-03'];
  const ROWS =
    'portfolio_id,asof_date,pricing_pack_id,twr_1d,portfolio_value_base,benchmark_twr_1d,beta_1y,alpha_1y,tracking_error_1y\n' +
    `${KEPT},2008-01-02,default,,100,,,,\n${KEPT},2008-01-03,default,0.25,125,0.125,1.5,,\n`;

  test('is the same from the data directory, from an address, and over HTTP', async () => {
    const printed = { code: 0, signal: null, stdout: ROWS, stderr: '' };
    expect(await processes.cli(dataDir, 'export', 'daily', ...DAYS)).toEqual(printed);
    const remote = await processes.cli(dataDir, 'export', 'daily', ...DAYS, '--url', server.url);
    expect(remote).toEqual(printed);
    const address = `/export/daily?portfolios=${KEPT}&from=2008-01-02&to=2008-01-03`;
    expect(await (await fetch(new URL(address, server.url))).text()).toBe(ROWS);
  });

  test('is a file only when it is complete', async () => {
    const directory = await processes.directory();
    const path = join(directory, 'windows.parquet');
    const options = ['export', 'windows', '--format', 'parquet', '--output', path];
    const wrong = await processes.cli(dataDir, ...options, '--window', 'TEN_DAYS');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^window must be one of THIRTY_DAYS,.* but got "TEN_DAYS"\n$/);
    expect(await readdir(directory)).toEqual([]);
    const { code } = await processes.cli(dataDir, ...options, '--window', 'ONE_YEAR');
    expect(code).toBe(0);
    const response = await fetch(
      new URL('/export/windows?window=ONE_YEAR&format=parquet', server.url),
    );
    expect(await readFile(path)).toEqual(Buffer.from(await response.arrayBuffer()));
  });
});

describe('the command line', () => {
  test('helps', async () => {
    const { code, stdout, stderr } = await processes.cli(dataDir, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of ['import', 'sample', 'migrate']) expect(stdout).toContain(`  ${command}`);
  });

  test.each([
    ['an unknown command', ['imprt'], "unknown command 'imprt'"],
    ['an unknown option', ['import', '--fast', 'daily.csv'], "unknown option '--fast'"],
    ['a missing file name', ['import'], "missing required argument 'daily.csv'"],
  ])('refuses %s', async (_name, args, message) => {
    const { code, stderr } = await processes.cli(dataDir, ...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
