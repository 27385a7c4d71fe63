import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { Failure, messageOf } from '../errors.js';
import type { Progress } from '../progress.js';
import type { ImportColumn } from './columns.js';
import type { Fault } from './faults.js';

/** Rows with the same columns, column by column, and the line each stood on. */
export interface RowBatch {
  readonly lines: number[];
  /** One array a column, in the order of the columns asked for. */
  readonly columns: (string | null)[][];
}

export interface CsvFileOptions {
  readonly columns: readonly ImportColumn[];
  readonly batchSize: number;
  readonly progress: Progress;
  /** Called for each fault; the row is left out. Returning false ends the reading. */
  readonly onFault: (fault: Fault) => boolean;
  readonly signal?: AbortSignal;
}

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number; readonly bytes: number };
}

const MAX_RECORD_BYTES = 100_000;

/**
 * Reads a CSV file with a header as a stream of batches, in constant memory. Columns may stand in
 * any order; empty fields are null; lines that begin with # are comments. Throws a Failure when
 * the file cannot be read or its header is not right.
 */
export async function* readCsvFile(
  file: string,
  { columns, batchSize, progress, onFault, signal }: CsvFileOptions,
): AsyncGenerator<RowBatch> {
  const size = await sizeOf(file);
  const input = createReadStream(file, { signal });
  let header: readonly string[] = [];
  let lastLine = 0;
  const parser = input.pipe(
    parse({
      bom: true,
      comment: '#',
      comment_no_infix: true,
      info: true,
      max_record_size: MAX_RECORD_BYTES,
      // A stream that fails drops the records it still has; this sees them all.
      on_record: (row, { lines }) => {
        // The types do not know that `info` makes it a record with its position.
        if (lastLine === 0) header = (row as unknown as CsvRecord).record;
        lastLine = lines;
        return row;
      },
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }),
  );
  input.once('error', (error) => parser.destroy(error));
  let positions: readonly number[] | undefined;
  let batch = emptyBatch(columns);
  let isWhole = true;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (!positions) {
        positions = positionsOf(file, record, columns);
        continue;
      }
      const reason =
        record.length === header.length
          ? append(batch, columns, positions, record, info.lines)
          : `has ${record.length} columns, but the header has ${header.length}`;
      if (reason !== null && !onFault({ file, line: info.lines, reason })) {
        isWhole = false;
        break;
      }
      if (batch.lines.length === batchSize) {
        progress(`Reading ${file}`, info.bytes, size);
        yield batch;
        batch = emptyBatch(columns);
      }
    }
  } catch (error) {
    isWhole = false;
    signal?.throwIfAborted();
    if (error instanceof Failure) throw error;
    if (!(error instanceof CsvError))
      throw new Failure(`${file} cannot be read: ${messageOf(error)}`);
    onFault({ file, ...describe(error, header, lastLine) });
  } finally {
    input.destroy();
  }
  if (isWhole) {
    if (!positions) throw new Failure(`${file} has no header; it needs ${headerOf(columns)}`);
    progress(`Reading ${file}`, size, size);
  }
  // The rows before the fault that ended the reading have faults to be found too.
  if (batch.lines.length > 0) yield batch;
}

/** Where and what the text is that is no CSV; `lastLine` is the last line of the row before. */
function describe(
  error: CsvError,
  header: readonly string[],
  lastLine: number,
): Pick<Fault, 'line' | 'reason'> {
  switch (error.code) {
    // Both are noticed far below the line where they begin.
    case 'CSV_QUOTE_NOT_CLOSED':
      return { line: lastLine + 1, reason: 'a quote is opened and never closed' };
    case 'CSV_MAX_RECORD_SIZE':
      return {
        line: lastLine + 1,
        reason: `has more than ${MAX_RECORD_BYTES} bytes, or a quote that is never closed`,
      };
    default: {
      const column = header[Number(error['column'])] ?? 'the header';
      return { line: Number(error['lines']), reason: `${column}: ${error.message}` };
    }
  }
}

function emptyBatch(columns: readonly ImportColumn[]): RowBatch {
  return { lines: [], columns: columns.map(() => []) };
}

/** Appends a record to the batch; gives the reason where it cannot, leaving the batch as it was. */
function append(
  batch: RowBatch,
  columns: readonly ImportColumn[],
  positions: readonly number[],
  record: readonly string[],
  line: number,
): string | null {
  const values: (string | null)[] = [];
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c]!;
    const text = record[positions[c]!] ?? '';
    if (text === '') {
      if (column.whenEmpty === undefined) return `${column.name} is empty`;
      values.push(column.whenEmpty);
    } else {
      const parsed = column.parse(text);
      if ('rule' in parsed) return `${column.name} "${text}" ${parsed.rule}`;
      values.push(parsed.value);
    }
  }
  batch.lines.push(line);
  values.forEach((value, c) => batch.columns[c]!.push(value));
  return null;
}

/** Where in a record each column stands; −1 for an optional one that the file leaves out. */
function positionsOf(
  file: string,
  header: readonly string[],
  columns: readonly ImportColumn[],
): number[] {
  const names = new Set(columns.map(({ name }) => name));
  const unknown = header.filter((name) => !names.has(name));
  const missing = columns.filter(({ name, optional }) => !optional && !header.includes(name));
  const repeated = header.filter((name, index) => header.indexOf(name) !== index);
  const wrong = [
    ...unknown.map((name) => `unknown column "${name}"`),
    ...missing.map(({ name }) => `no column ${name}`),
    ...repeated.map((name) => `column ${name} twice`),
  ];
  if (wrong.length > 0) {
    throw new Failure(
      `The header of ${file} is not right: ${wrong.join(', ')}; it needs ${headerOf(columns)}`,
    );
  }
  return columns.map(({ name }) => header.indexOf(name));
}

function headerOf(columns: readonly ImportColumn[]): string {
  return columns.map(({ name, optional }) => (optional ? `[${name}]` : name)).join(',');
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${messageOf(error)}`);
  }
}
