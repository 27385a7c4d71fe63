import { stringify } from 'csv-stringify/sync';
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
  if (format === 'csv') yield toCsv([columns.map(({ name }) => name)]);
  for await (const some of rows) {
    await turns.next();
    yield write(some);
  }
}

function toCsv(rows: readonly Row[]): string {
  // Else true would become 1, and false nothing.
  return stringify(rows as Cell[][], { cast: { boolean: String } });
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
