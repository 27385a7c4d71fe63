import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERY_TENANT } from '../../src/access/tenant.js';
import { openImportFiles } from '../../src/commands/import-sources.js';
import type { Database } from '../../src/database/database.js';
import { Failure } from '../../src/errors.js';
import {
  importFiles,
  type ImportOptions,
  type ImportResult,
} from '../../src/ingest/import-files.js';
import { toDay } from '../../src/metrics/calendar.js';
import { createTestApi, type TestApi } from '../helpers/test-api.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

/** What the tests take for today. */
export const TODAY = '2024-06-28';

/** What stands in the files of an import. */
export interface ImportTexts {
  readonly daily: string | Buffer;
  readonly portfolios?: string | Buffer;
}

type TestImportOptions = { [Key in keyof ImportOptions]?: ImportOptions[Key] | undefined };

/** A directory in which texts become files to import. */
export interface ImportFolder {
  readonly daily: string;
  readonly portfolios: string;
  import(texts: ImportTexts, options?: TestImportOptions): Promise<ImportResult>;
  /** The message of an import that must fail. */
  refusal(texts: ImportTexts, options?: TestImportOptions): Promise<string>;
  remove(): Promise<void>;
}

export async function createImportFolder(database: Database): Promise<ImportFolder> {
  const directory = await mkdtemp(join(tmpdir(), 'import-'));
  const files = {
    daily: join(directory, 'daily.csv'),
    portfolios: join(directory, 'portfolios.csv'),
  };
  const importTexts: ImportFolder['import'] = async ({ daily, portfolios }, options = {}) => {
    await writeFile(files.daily, daily);
    if (portfolios !== undefined) await writeFile(files.portfolios, portfolios);
    const progress = options.progress ?? ((): void => undefined);
    const paths = portfolios === undefined ? { daily: files.daily } : files;
    // Rows for tests have any size.
    const defaults = { today: toDay(TODAY), tenant: EVERY_TENANT, returns: 'fraction', progress };
    const given = Object.entries({ ...defaults, ...options }).filter(
      ([, value]) => value !== undefined,
    );
    return importFiles(
      database,
      await openImportFiles(paths, progress),
      Object.fromEntries(given) as unknown as ImportOptions,
    );
  };
  return {
    ...files,
    import: importTexts,
    async refusal(texts, options) {
      const outcome = await importTexts(texts, options).catch((error: unknown) => error);
      if (outcome instanceof Failure) return outcome.message;
      throw outcome instanceof Error ? outcome : new Error('it was imported');
    },
    remove: () => rm(directory, { recursive: true }),
  };
}

/** A database with what tests of imports need around it. */
export interface ImportDatabase {
  readonly db: TestDatabase;
  readonly api: TestApi;
  readonly folder: ImportFolder;
  close(): Promise<void>;
}

export async function openImportDatabase(): Promise<ImportDatabase> {
  const db = await openTestDatabase();
  const api = await createTestApi(db.database);
  const folder = await createImportFolder(db.database);
  return {
    db,
    api,
    folder,
    async close() {
      await folder.remove();
      await api.close();
      await db.close();
    },
  };
}

/** Everything that is stored of portfolios and their metrics. */
export async function everythingStored(database: Database): Promise<unknown> {
  return [
    await database.read('SELECT * FROM portfolios ORDER BY id'),
    await database.read(
      'SELECT * FROM portfolio_metrics ORDER BY portfolio_id, asof_date, pricing_pack_id',
    ),
  ];
}
