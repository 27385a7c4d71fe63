import type { Output } from '../progress.js';
import type { Services } from '../services.js';
import {
  importFiles,
  type ImportFiles,
  type ImportOptions,
  type ImportResult,
} from './import-files.js';
import { refreshImported } from './refresh-imported.js';
import type { WriteCounts } from './write-rows.js';

export interface RunImportOptions extends Omit<ImportOptions, 'progress'> {
  /** Whether to refresh the aggregates over the days of the file. */
  readonly refresh: boolean;
}

/** Imports files and prints what was written. Throws where it, or a refresh, did not succeed. */
export async function runImport(
  { database, dailySeries, refreshes }: Pick<Services, 'database' | 'dailySeries' | 'refreshes'>,
  files: ImportFiles,
  { refresh, ...options }: RunImportOptions,
  output: Output,
): Promise<ImportResult> {
  const { progress } = output;
  const result = await importFiles(database, files, { ...options, progress });
  printImport(output, result);
  try {
    if (refresh) await refreshImported(refreshes, result, { ...options, progress });
  } finally {
    await dailySeries.revisions.catchUp().catch(refreshes.onError);
  }
  return result;
}

export function printImport(
  { line }: Pick<Output, 'line'>,
  { portfolios, daily }: ImportResult,
): void {
  if (portfolios) line(`Portfolios: ${counted(portfolios)}`);
  const days = daily.from === null ? 'no days' : `${daily.from} to ${daily.to}`;
  line(`Daily metrics: ${counted(daily)}; ${days}`);
}

function counted({ inserted, updated, unchanged }: WriteCounts): string {
  const read = inserted + updated + unchanged;
  return `${read} rows read, ${inserted} inserted, ${updated} updated, ${unchanged} unchanged`;
}
