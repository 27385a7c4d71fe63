import type { ApiKeyGrant } from '../access/api-key-store.js';
import { Failure } from '../errors.js';
import type { Services } from '../services.js';
import { importFiles } from '../ingest/import-files.js';
import type { ImportFiles, ImportOptions, ImportResult } from '../ingest/import-files.js';
import { refreshImported } from '../ingest/refresh-imported.js';
import { importSampleData } from '../ingest/sample-data.js';
import type { WriteCounts } from '../ingest/staging.js';
import { dayOf } from '../metrics/calendar.js';
import type { Operation } from './executor.js';
import { createKey, listKeys, revokeKey } from './keys.js';
import { createLocalExecutor } from './local-executor.js';
import type { Output } from './output.js';

/** What a command runs with. */
export interface CommandContext extends Services {
  /** The migrations that ran when the database was opened. */
  readonly migrated: readonly string[];
  readonly output: Output;
  /** Aborted when whoever gave the command is gone. */
  readonly signal: AbortSignal;
}

/** A command and its options, as they travel to the process that has the database. */
export type CommandRequest =
  | { readonly name: 'migrate' }
  | { readonly name: 'sample' }
  | { readonly name: 'create key'; readonly key: ApiKeyGrant }
  | { readonly name: 'list keys'; readonly json: boolean }
  | { readonly name: 'revoke key'; readonly key: string }
  | { readonly name: 'graphql'; readonly operation: Operation }
  | { readonly name: 'import'; readonly files: ImportFiles; readonly refresh: boolean };

/** Runs a command and gives its exit code. */
export async function runCommand(
  request: CommandRequest,
  context: CommandContext,
): Promise<number> {
  const { database, refreshes, migrated, output, signal, now } = context;
  const options: ImportOptions = { today: dayOf(now()), progress: output.progress, signal };
  switch (request.name) {
    case 'migrate':
      // Opening the database has done it.
      output.line(
        migrated.length > 0 ? `Migrated: ${migrated.join(', ')}` : 'The schema is up to date.',
      );
      return 0;
    case 'sample': {
      const imported = await importSampleData(database, options);
      report(output, imported);
      await refreshImported(refreshes, imported, options);
      return 0;
    }
    case 'create key':
      return createKey(context, request.key);
    case 'list keys':
      return listKeys(context, request);
    case 'revoke key':
      return revokeKey(context, request.key);
    case 'graphql':
      output.line(JSON.stringify(await createLocalExecutor(context)(request.operation)));
      return 0;
    case 'import': {
      const imported = await importFiles(database, request.files, options);
      report(output, imported);
      if (request.refresh) await refreshImported(refreshes, imported, options);
      return 0;
    }
    default:
      throw new Failure(`There is no command ${JSON.stringify(request)}.`);
  }
}

function report(output: Output, { portfolios, daily }: ImportResult): void {
  if (portfolios) output.line(`Portfolios: ${counted(portfolios)}`);
  const days = daily.from === null ? 'no days' : `${daily.from} to ${daily.to}`;
  output.line(`Daily metrics: ${counted(daily)}; ${days}`);
}

function counted({ inserted, updated, unchanged }: WriteCounts): string {
  const read = inserted + updated + unchanged;
  return `${read} rows read, ${inserted} inserted, ${updated} updated, ${unchanged} unchanged`;
}
