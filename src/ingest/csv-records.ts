import { CsvError, Parser } from 'csv-parse';
import { Failure, messageOf } from '../errors.js';
import type { Fault } from './faults.js';
import { readFromHeader } from './file-head.js';
import type { ImportFile } from './import-file.js';
import { PlainRecords, type CsvRecord } from './plain-records.js';

export interface CsvRecordsOptions {
  readonly delimiter: string;
  /** Called for what is no CSV, which ends the reading. */
  readonly onFault: (fault: Fault) => void;
  /** Called with the beginning of the text, before its first record. */
  readonly onHead?: (text: string) => void;
  readonly signal?: AbortSignal;
}

const MAX_RECORD_BYTES = 100_000;
/** A character of a string has at most three bytes. */
const MAX_PLAIN_LENGTH = MAX_RECORD_BYTES / 3;

/**
 * Keeps records as they are parsed: as a stream it would take twice as long, and for `on_record` the
 * parser makes another object of each.
 */
class RecordParser extends Parser {
  header: readonly string[] | undefined;
  lastLine = 0;
  readonly skipped: number;
  private records: CsvRecord[] = [];

  constructor(
    delimiter: string,
    /** What is above the text that is parsed. */
    { header, lines, newline }: Pick<PlainRecords, 'header' | 'newline' | 'lines'>,
    skipped: number,
  ) {
    super({
      delimiter,
      ...(lines > 0 && newline ? { record_delimiter: newline } : {}),
      max_record_size: MAX_RECORD_BYTES,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    this.header = header;
    this.skipped = skipped + lines;
  }

  override push(fields: string[] | null): boolean {
    if (fields === null) return super.push(null);
    this.header ??= fields;
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
    const plain = new PlainRecords(delimiter, skipped, MAX_PLAIN_LENGTH);
    let isHead = true;
    for await (const chunk of withEnd(chunks)) {
      if (isHead && chunk !== null) onHead?.(chunk);
      isHead = false;
      let text = chunk;
      if (!parser) {
        const { records, rest } = plain.split(chunk);
        yield records;
        if (rest === null) continue;
        text = rest;
        parser = new RecordParser(delimiter, plain, skipped);
        // Each step fails by itself.
        parser.on('error', () => undefined);
      }
      if (text === null) break;
      const parsing = parser;
      await settled((done) => parsing.write(text, done));
      yield parsing.takeRecords();
    }
    if (!parser) return;
    const parsing = parser;
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

/** The text, and null at its end. */
async function* withEnd(chunks: AsyncIterable<string>): AsyncGenerator<string | null> {
  yield* chunks;
  yield null;
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
      const column = header?.[Number(error['column'])] ?? 'the header';
      return { line: Number(error['lines']) + skipped, reason: `${column}: ${error.message}` };
    }
  }
}
