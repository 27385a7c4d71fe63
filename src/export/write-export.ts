import 'reflect-metadata';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Turns } from '../async/turns.js';
import type { ByteSink } from '../progress.js';
import type { ExportKind, ExportParameters } from './export-parameters.js';
import { parseExportRequest } from './export-request.js';
import { exportTable, findChosen, type ExportContext } from './export-table.js';
import { toText } from './formats.js';
import { writeParquetFile } from './parquet-file.js';
import type { Table } from './table.js';

/** Writes an export without the limits of a request, as for a command at the database. */
export async function writeExport(
  context: ExportContext & { readonly turns: Turns },
  { kind, parameters }: { readonly kind: ExportKind; readonly parameters: ExportParameters },
  sink: ByteSink,
): Promise<void> {
  const request = parseExportRequest(kind, parameters);
  const filter = await findChosen(context.portfolioStore, request.portfolios);
  const table = exportTable(context, request, filter);
  const { format } = request;
  if (format === 'parquet') return writeParquet(table, sink);
  for await (const text of toText(table, format ?? 'csv', context.turns)) {
    await sink(Buffer.from(text));
  }
}

async function writeParquet(table: Table, sink: ByteSink): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portfolio-metrics-export-'));
  try {
    const path = join(folder, 'export.parquet');
    await writeParquetFile(path, table);
    for await (const bytes of createReadStream(path)) await sink(bytes as Buffer);
  } finally {
    await rm(folder, { recursive: true });
  }
}
