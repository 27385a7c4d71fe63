import type { Turns } from '../async/turns.js';
import type { ExportFormat } from './export-parameters.js';
import type { Cell, Column, Row, Table } from './table.js';

/** Formats that are written as the rows come. */
export type TextFormat = Exclude<ExportFormat, 'parquet'>;

export const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

/** The text of a table, piece by piece. Numbers are written so that reading gives the same double. */
export async function* toText(
  { columns, rows }: Table,
  format: TextFormat,
  turns: Turns,
): AsyncGenerator<string, void, undefined> {
  const write = format === 'csv' ? toCsv : (some: readonly Row[]) => toNdjson(columns, some);
  // With the first rows: what fails before them is an error response.
  let header = format === 'csv' ? toCsv([columns.map(({ name }) => name)]) : '';
  for await (const some of rows) {
    await turns.next();
    yield header + write(some);
    header = '';
  }
  if (header !== '') yield header;
}

/** RFC 4180, with the shortest text that reads back as the same double. */
function toCsv(rows: readonly Row[]): string {
  let text = '';
  for (const row of rows) {
    for (let at = 0; at < row.length; at++) {
      if (at > 0) text += ',';
      const cell = row[at]!;
      if (cell !== null) text += typeof cell === 'string' ? quoted(cell) : String(cell);
    }
    text += '\n';
  }
  return text;
}

/** A text that needs it in quotes; nothing else has commas, quotes or line breaks. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function toNdjson(columns: readonly Column[], rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(columns.map(({ name, type }, at) => [name, jsonValue(type, row[at]!)])),
    ),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function jsonValue(type: Column['type'], cell: Cell): Cell {
  return type === 'decimal' && cell !== null ? Number(cell) : cell;
}
