import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openImportFiles } from '../../src/commands/import-sources.js';
import { Failure } from '../../src/errors.js';
import { PORTFOLIO_COLUMNS } from '../../src/ingest/columns.js';
import type { Fault } from '../../src/ingest/faults.js';
import { portfoliosLayout } from '../../src/ingest/long-layout.js';
import { readRows, type ReadRowsOptions } from '../../src/ingest/read-rows.js';
import type { RowBatch } from '../../src/ingest/row-batch.js';
import type { Progress } from '../../src/progress.js';
import { lines, PORTFOLIO_HEADER } from '../helpers/import-files.js';
import { portfolioId } from '../helpers/test-data.js';

let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csv-'));
  file = join(directory, 'portfolios.csv');
});
afterAll(() => rm(directory, { recursive: true }));

interface Read {
  readonly batches: RowBatch[];
  readonly faults: Fault[];
}

/** Reads a text, or the file at `path`. */
async function read(
  text: string | Buffer,
  {
    path = file,
    progress = () => undefined,
    ...options
  }: Partial<ReadRowsOptions> & { readonly path?: string; readonly progress?: Progress } = {},
): Promise<Read> {
  await writeFile(file, text);
  const found: Read = { batches: [], faults: [] };
  const { daily } = await openImportFiles({ daily: path }, progress);
  const batches = readRows(await daily(), {
    delimiter: ',',
    layoutOf: (header) => portfoliosLayout(header, PORTFOLIO_COLUMNS, { ignoreExtra: false }),
    columns: PORTFOLIO_COLUMNS,
    batchSize: 2,
    onFault: (fault) => found.faults.push(fault) > 0,
    ...options,
  });
  for await (const batch of batches) found.batches.push(batch);
  return found;
}

function portfolios(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${portfolioId(n)},Portfolio ${n},USD,SP500`);
}

test('rows come in batches, column by column, with their lines', async () => {
  const { batches } = await read(lines(PORTFOLIO_HEADER, ...portfolios(5)));
  expect(batches.map((batch) => batch.lines)).toEqual([[2, 3], [4, 5], [6]]);
  expect(batches[1]!.columns).toEqual([
    [portfolioId(2), portfolioId(3)],
    ['Portfolio 2', 'Portfolio 3'],
    [null, null],
    ['USD', 'USD'],
    ['SP500', 'SP500'],
    [null, null],
    [null, null],
  ]);
});

test('a row with a fault is left out', async () => {
  const { batches, faults } = await read(
    lines(PORTFOLIO_HEADER, 'x,,,', ...portfolios(1), 'y,,,', 'z,,,'),
  );
  expect(faults.map(({ line }) => line)).toEqual([2, 4, 5]);
  expect(batches.map((batch) => batch.lines)).toEqual([[3]]);
});

test('reading ends when the caller says so, with the rows before', async () => {
  const found: number[] = [];
  const { batches } = await read(
    lines(PORTFOLIO_HEADER, 'x,,,', ...portfolios(1), 'y,,,', 'z,,,'),
    { onFault: ({ line }) => found.push(line) < 2 },
  );
  expect(found).toEqual([2, 4]);
  expect(batches.map((batch) => batch.lines)).toEqual([[3]]);
});

test('progress goes up to the whole of a file', async () => {
  const shown: number[] = [];
  const progress: Progress = (label, done, total) => {
    expect([label, total]).toEqual([`Reading ${file}`, text.length]);
    shown.push(done);
  };
  const text = lines(PORTFOLIO_HEADER, ...portfolios(3000));
  await read(text, { progress });
  expect(shown.length).toBeGreaterThan(2);
  expect(shown).toEqual(shown.toSorted((a, b) => a - b));
  expect(shown.at(-1)).toBe(text.length);
});

test('reading that is given up ends with the reason', async () => {
  const given = new AbortController();
  const reading = read(lines(PORTFOLIO_HEADER, ...portfolios(20_000)), {
    signal: given.signal,
    progress: () => given.abort(new Failure('given up')),
  });
  await expect(reading).rejects.toThrow(new Failure('given up'));
});

test('a byte order mark says which encoding a file has', async () => {
  const text = `\uFEFF${lines(PORTFOLIO_HEADER, ...portfolios(1))}`;
  const { batches } = await read(Buffer.from(text, 'utf16le'));
  expect(batches[0]!.columns[1]).toEqual(['Portfolio 0']);
});

test('what is no text at all is refused, and not repeated at length', async () => {
  const binary = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256));
  const failure = (await read(binary).catch((error: unknown) => error)) as Failure;
  expect(failure).toBeInstanceOf(Failure);
  expect(failure.message.length).toBeLessThan(600);
});

test('a directory is no file', async () => {
  await expect(read('', { path: directory })).rejects.toThrow(
    new RegExp(`^${directory} cannot be read: .*EISDIR`),
  );
});

test('a quote in the middle of a field is a fault of its column', async () => {
  const { faults } = await read(
    lines(PORTFOLIO_HEADER, ...portfolios(3), `${portfolioId(9)},The "best",USD,`),
  );
  expect(faults).toEqual([
    { file, line: 5, reason: expect.stringMatching(/^name: .*quote.*"The "$/) },
  ]);
});

test.each([1, 3000])(
  'a quote that is never closed, %i lines before the end, is a fault of the line that opens it',
  async (count) => {
    const { faults } = await read(
      lines(
        PORTFOLIO_HEADER,
        ...portfolios(3),
        `${portfolioId(9)},"Never closed,USD,`,
        ...portfolios(count),
      ),
    );
    expect(faults).toEqual([{ file, line: 5, reason: expect.stringContaining('never closed') }]);
  },
);

test('a quote that is never closed in the header is a fault of the first line', async () => {
  const { faults } = await read('id,"name,base_currency,benchmark_id\n');
  expect(faults).toEqual([{ file, line: 1, reason: 'a quote is opened and never closed' }]);
});
