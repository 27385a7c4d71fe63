import { CsvError, Parser } from 'csv-parse';
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
 * Keeps records as they are parsed: as a stream it would take twice as long, and for `on_record` the
 * parser makes another object of each.
 */
class RecordParser extends Parser {
  header: readonly string[] = [];
  lastLine = 0;
  private records: CsvRecord[] = [];

  constructor(
    delimiter: string,
    /** Lines above the text that is parsed. */
    readonly skipped: number,
  ) {
    super({
      delimiter,
      max_record_size: MAX_RECORD_BYTES,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
  }

  override push(fields: string[] | null): boolean {
    if (fields === null) return super.push(null);
    if (this.lastLine === 0) this.header = fields;
    this.lastLine = this.info.lines;
    this.records.push({ fields, line: this.lastLine + this.skipped });
    return true;
  }

  /** The records since the last call. */
  takeRecords(): readonly CsvRecord[] {
    const { records } = this;
    this.records = [];
    return records;
  }
}

/**
 * Reads the records of a CSV file, its header first, in constant memory: those of one chunk of the
 * file at a time. Lines that begin with # above the header are comments. Throws a Failure when the
 * file cannot be read.
 */
export async function* readCsvRecords(
  { name: file, content }: ImportFile,
  { delimiter, onFault, onHead, signal }: CsvRecordsOptions,
): AsyncGenerator<readonly CsvRecord[]> {
  let parser: RecordParser | undefined;
  const abort = (): void => void content.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    const { skipped, chunks } = await readFromHeader(content);
    const parsing = (parser = new RecordParser(delimiter, skipped));
    // Each step fails by itself.
    parsing.on('error', () => undefined);
    let isHead = true;
    for await (const chunk of chunks) {
      if (isHead) onHead?.(chunk);
      isHead = false;
      await settled((done) => parsing.write(chunk, done));
      yield parsing.takeRecords();
    }
    // It ends once everything is read, and gives nothing to read.
    parsing.resume();
    await settled((done) => parsing.end(done));
    yield parsing.takeRecords();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure) throw error;
    if (!(error instanceof CsvError) || !parser)
      throw new Failure(`${file} cannot be read: ${messageOf(error)}`);
    // The records before it have faults to be found too.
    yield parser.takeRecords();
    onFault({ file, ...describe(error, parser) });
  } finally {
    signal?.removeEventListener('abort', abort);
    content.destroy();
  }
}

/** Waits for one step of a parser. */
function settled(step: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    step((error) => (error ? reject(error) : resolve()));
  });
}

/** Where and what the text is that is no CSV. */
function describe(
  error: CsvError,
  { header, lastLine, skipped }: RecordParser,
): Pick<Fault, 'line' | 'reason'> {
  switch (error.code) {
    // Both are noticed far below the line where they begin.
    case 'CSV_QUOTE_NOT_CLOSED':
      return { line: lastLine + skipped + 1, reason: 'a quote is opened and never closed' };
    case 'CSV_MAX_RECORD_SIZE':
      return {
        line: lastLine + skipped + 1,
        reason: `has more than ${MAX_RECORD_BYTES} bytes, or a quote that is never closed`,
      };
    default: {
      const column = header[Number(error['column'])] ?? 'the header';
      return { line: Number(error['lines']) + skipped, reason: `${column}: ${error.message}` };
    }
  }
}
