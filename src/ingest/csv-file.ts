import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { Failure, messageOf } from '../errors.js';
import type { ImportColumn } from './columns.js';
import type { Fault } from './faults.js';
import { readFromHeader } from './file-head.js';
import type { ImportFile } from './import-file.js';
import { appendRow, emptyBatch, type RowBatch } from './row-batch.js';

export interface CsvFileOptions {
  readonly columns: readonly ImportColumn[];
  readonly batchSize: number;
  /** Called for each fault; the row is left out. Returning false ends the reading. */
  readonly onFault: (fault: Fault) => boolean;
  readonly signal?: AbortSignal;
}

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

const MAX_RECORD_BYTES = 100_000;

/**
 * Reads a CSV file with a header as a stream of batches, in constant memory. Columns may stand in
 * any order; lines that begin with # above the header are comments. Throws a Failure when the file
 * cannot be read or its header is not right.
 */
export async function* readCsvFile(
  { name: file, content }: ImportFile,
  { columns, batchSize, onFault, signal }: CsvFileOptions,
): AsyncGenerator<RowBatch> {
  let header: readonly string[] = [];
  let lastLine = 0;
  let skipped = 0;
  let batch = emptyBatch(columns);
  let isWhole = true;
  const abort = (): void => void content.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    const text = await readFromHeader(content);
    skipped = text.skipped;
    const parser = pipeline(
      Readable.from(text.chunks),
      parse({
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
      // The iteration below throws it.
      () => undefined,
    );
    let positions: readonly number[] | undefined;
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (!positions) {
        positions = positionsOf(file, record, columns);
        continue;
      }
      const reason =
        record.length === header.length
          ? appendRow(batch, columns, fieldsOf(record, positions), info.lines + skipped)
          : `has ${record.length} columns, but the header has ${header.length}`;
      if (reason !== null) {
        const line = info.lines + skipped;
        if (!onFault({ file, line, reason: withHint(reason, record) })) {
          isWhole = false;
          break;
        }
      }
      if (batch.lines.length === batchSize) {
        yield batch;
        batch = emptyBatch(columns);
      }
    }
    if (isWhole && !positions) {
      throw new Failure(`${file} has no header; it needs ${headerOf(columns)}`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure) throw error;
    if (!(error instanceof CsvError))
      throw new Failure(`${file} cannot be read: ${messageOf(error)}`);
    const { line, reason } = describe(error, header, lastLine);
    onFault({ file, line: line + skipped, reason });
  } finally {
    signal?.removeEventListener('abort', abort);
    content.destroy();
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

function withHint(reason: string, [first = '']: readonly string[]): string {
  return first.startsWith('#') ? `${reason}; comments may stand only above the header` : reason;
}

/** The field of each column; undefined where the file does not have the column. */
function fieldsOf(record: readonly string[], positions: readonly number[]): (string | undefined)[] {
  return positions.map((position) => record[position]);
}

/** Where in a record each column stands; −1 for one that the file leaves out. */
function positionsOf(
  file: string,
  header: readonly string[],
  columns: readonly ImportColumn[],
): number[] {
  const names = new Set(columns.map(({ name }) => name));
  const unknown = header.filter((name) => !names.has(name));
  const missing = columns.filter(({ name, isRequired }) => isRequired && !header.includes(name));
  const repeated = header.filter((name, index) => header.indexOf(name) !== index);
  const wrong = [
    ...unknown.map((name) => `unknown column "${name}"`),
    ...missing.map(({ name }) => `no column ${name}`),
    ...repeated.map((name) => `column ${name} twice`),
  ];
  const isValue = ({ name, isKey, isRequired }: ImportColumn): boolean =>
    !isKey && (isRequired === true || header.includes(name));
  if (!columns.some(isValue)) wrong.push('no column with values');
  if (wrong.length > 0) {
    throw new Failure(
      `The header of ${file} is not right: ${wrong.join(', ')}; it needs ${headerOf(columns)}`,
    );
  }
  return columns.map(({ name }) => header.indexOf(name));
}

function headerOf(columns: readonly ImportColumn[]): string {
  return columns.map(({ name, isRequired }) => (isRequired ? name : `[${name}]`)).join(',');
}
