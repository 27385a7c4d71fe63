import { refreshAggregate, rangeBetween } from '../aggregates/refresh.js';
import { AGGREGATE_NAMES } from '../aggregates/registry.js';
import type { Database } from '../database/database.js';
import { importFiles } from './import-files.js';
import type { ImportFiles, ImportOptions, ImportResult } from './import-files.js';

/** Imports files and refreshes all aggregates over the days they cover. */
export async function importAndRefresh(
  database: Database,
  files: ImportFiles,
  options: ImportOptions,
): Promise<ImportResult> {
  const result = await importFiles(database, files, options);
  const { from, to } = result.daily;
  if (from === null || to === null) return result;
  for (const name of AGGREGATE_NAMES) {
    await refreshAggregate(
      database,
      name,
      rangeBetween(from, to),
      options.progress,
      options.signal,
    );
  }
  return result;
}
