import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../errors.js';

/**
 * Throws a Failure where a data directory holds no database yet. Opening it would make an empty
 * one, and a mistyped DATA_DIR would be reported as a service without numbers.
 */
export function checkDatabaseExists(dataDir: string): void {
  if (existsSync(join(dataDir, 'cluster', 'PG_VERSION'))) return;
  throw new Failure(
    `There is no database in ${dataDir}. Set DATA_DIR to where it is, or make one with npm start.`,
  );
}
