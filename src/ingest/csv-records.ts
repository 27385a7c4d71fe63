import { CsvError, parse } from 'csv-parse';
import { Failure, messageOf } from '../errors.js';
import type { Fault } from './faults.js';
import { readFromHeader } from './file-head.js';
import type { ImportFile } from './import-file.js';

export interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

export interface CsvRecordsOptions {
  readonly delimiter: string;
  /** Called for what is no CSV, which ends the reading. */
  readonly onFault: (fault: Fault) => void;
  /** Called with the beginning of the text, before its first record. */
  readonly onHead?: (text: string) => void;
  readonly signal?: AbortSignal;
}

const MAX_RECORD_BYTES = 100_000;

/**
 * Reads the records of a CSV file, its header first, in constant memory: those of one chunk of the
 * file at a time. Lines that begin with # above the header are comments. Throws a Failure when the
 * file cannot be read.
 */
export async function* readCsvRecords(
  { name: file, content }: ImportFile,
  { delimiter, onFault, onHead, signal }: CsvRecordsOptions,
): AsyncGenerator<CsvRecord[]> {
  let header: readonly string[] | undefined;
  let records: CsvRecord[] = [];
  let lastLine = 0;
  let skipped = 0;
  const abort = (): void => void content.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    const text = await readFromHeader(content);
    skipped = text.skipped;
    const parser = parse({
      delimiter,
      max_record_size: MAX_RECORD_BYTES,
      // As a stream of records it would take twice as long.
      on_record: (fields: string[], { lines }) => {
        header ??= fields;
        lastLine = lines;
        records.push({ fields, line: lines + skipped });
        return null;
      },
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    // Each step fails by itself.
    parser.on('error', () => undefined);
    let isHead = true;
    for await (const chunk of text.chunks) {
      if (isHead) onHead?.(chunk);
      isHead = false;
      await settled((done) => parser.write(chunk, done));
      if (records.length > 0) yield records;
      records = [];
    }
    // It ends once everything is read, and gives nothing to read.
    parser.resume();
    await settled((done) => parser.end(done));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure) throw error;
    if (!(error instanceof CsvError))
      throw new Failure(`${file} cannot be read: ${messageOf(error)}`);
    // The records before it have faults to be found too.
    if (records.length > 0) yield records;
    records = [];
    const { line, reason } = describe(error, header ?? [], lastLine);
    onFault({ file, line: line + skipped, reason });
  } finally {
    signal?.removeEventListener('abort', abort);
    content.destroy();
  }
  if (records.length > 0) yield records;
}

/** Waits for one step of a parser. */
function settled(step: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    step((error) => (error ? reject(error) : resolve()));
  });
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
