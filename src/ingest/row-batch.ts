import type { ImportColumn } from './columns.js';
import type { FileRow } from './layout.js';

/** Rows, column by column, and the line each stood on. */
export interface RowBatch {
  readonly lines: number[];
  /** A bit for each column, set where the row's field replaces what is stored. */
  readonly given: number[];
  /** One array a column. */
  readonly columns: (string | null)[][];
}

export function emptyBatch(columns: readonly ImportColumn[]): RowBatch {
  return { lines: [], given: [], columns: columns.map(() => []) };
}

/**
 * Appends a row to the batch; gives the reason where it cannot, leaving the batch as it was. A
 * field that is undefined is absent.
 */
export function appendRow(
  batch: RowBatch,
  columns: readonly ImportColumn[],
  { fields, names }: FileRow,
  line: number,
): string | null {
  const values: (string | null)[] = [];
  let given = 0;
  for (let index = 0; index < columns.length; index++) {
    const { isRequired, whenEmpty = null, whenNew, parse } = columns[index]!;
    const text = fields[index];
    if (text) {
      const parsed = parse(text);
      if ('rule' in parsed) return `${names[index]} "${text}" ${parsed.rule}`;
      values.push(parsed.value);
      given |= 1 << index;
    } else {
      if (isRequired) return `${names[index]} is empty`;
      values.push(whenEmpty);
      if (text === '' && whenNew === undefined) given |= 1 << index;
    }
  }
  batch.lines.push(line);
  batch.given.push(given);
  values.forEach((value, index) => batch.columns[index]!.push(value));
  return null;
}
