import { Failure } from '../errors.js';
import type { ImportColumn } from './columns.js';
import { readCsvRecords, type CsvRecordsOptions } from './csv-records.js';
import type { Fault } from './faults.js';
import type { ImportFile } from './import-file.js';
import { HeaderFault, type Layout } from './layout.js';
import { appendRow, emptyBatch, type RowBatch } from './row-batch.js';

export interface ReadRowsOptions extends Omit<CsvRecordsOptions, 'onFault'> {
  readonly columns: readonly ImportColumn[];
  /** Reads the header; throws a HeaderFault. */
  readonly layoutOf: (header: readonly string[]) => Layout;
  readonly batchSize: number;
  /** Called for each fault; the row is left out. Returning false ends the reading. */
  readonly onFault: (fault: Fault) => boolean;
  /** What may be the reason for a header that is not right; null: nothing. */
  readonly headerHint?: () => string | null;
  /** Called with the columns of the file that are skipped, where there are any. */
  readonly onSkipped?: (names: readonly string[]) => void;
}

/**
 * Reads the rows of a file as a stream of batches, in constant memory. Throws a Failure when the
 * file cannot be read or its header is not right.
 */
export async function* readRows(
  file: ImportFile,
  { columns, layoutOf, batchSize, onFault, onSkipped, headerHint, ...options }: ReadRowsOptions,
): AsyncGenerator<RowBatch> {
  let batch = emptyBatch(columns);
  let header: readonly string[] | undefined;
  let layout: Layout | undefined;
  let isWanted = true;
  const readHeader = (names: readonly string[]): Layout => {
    try {
      return layoutOf(names);
    } catch (error) {
      if (!(error instanceof HeaderFault)) throw error;
      throw headerFailure(file.name, names, error, headerHint?.() ?? null);
    }
  };
  const refuse = (line: number, reason: string): void => {
    isWanted = onFault({ file: file.name, line, reason }) && isWanted;
  };
  const records = readCsvRecords(file, {
    ...options,
    onFault: (fault) => {
      onFault(fault);
      isWanted = false;
    },
  });
  reading: for await (const chunk of records) {
    for (const { fields: record, line } of chunk) {
      if (!layout || !header) {
        header = record;
        layout = readHeader(header);
        if (layout.skipped.length > 0) onSkipped?.(layout.skipped);
        continue;
      }
      if (record.length !== header.length) {
        refuse(
          line,
          withHint(`has ${record.length} columns, but the header has ${header.length}`, record),
        );
      } else {
        for (const row of layout.rowsOf(record)) {
          const reason = appendRow(batch, columns, row, line);
          if (reason !== null) refuse(line, withHint(reason, record));
          if (!isWanted) break;
        }
      }
      if (!isWanted) break reading;
      if (batch.lines.length >= batchSize) {
        yield batch;
        batch = emptyBatch(columns);
      }
    }
  }
  if (isWanted && !layout) readHeader([]);
  if (batch.lines.length > 0) yield batch;
}

function headerFailure(
  file: string,
  header: readonly string[],
  { message, needs }: HeaderFault,
  hint: string | null,
): Failure {
  const text =
    header.length === 0
      ? `${file} has no header; it needs ${needs}`
      : `The header of ${file} is not right: ${message}`;
  return new Failure(hint === null ? text : `${text}\n${hint}`);
}

function withHint(reason: string, [first = '']: readonly string[]): string {
  return first.startsWith('#') ? `${reason}; comments may stand only above the header` : reason;
}
