import type { ApiKeyGrant } from '../access/api-key-store.js';
import { LOCAL_CALLER } from '../access/caller.js';
import { EVERY_TENANT } from '../access/tenant.js';
import { Failure } from '../errors.js';
import type { ExportKind, ExportParameters } from '../export/export-parameters.js';
import type { ImportSettings } from '../ingest/import-settings.js';
import { refreshRows } from '../ingest/refresh-rows.js';
import { printImport, runImport } from '../ingest/run-import.js';
import { importSampleData, removeSampleData } from '../ingest/sample-data.js';
import { dayOf } from '../metrics/calendar.js';
import type { Output } from '../progress.js';
import type { Services } from '../services.js';
import type { Operation } from './executor.js';
import type { ImportPaths } from './import-sources.js';
import { createKey, listKeys, revokeKey } from './keys.js';
import type { CommandFiles } from './send-command.js';

/** What a command runs with. */
export interface CommandContext extends Services, CommandFiles {
  /** The migrations that ran when the database was opened. */
  readonly migrated: readonly string[];
  readonly output: Output;
  /** Aborted when the user of the command is gone. */
  readonly signal: AbortSignal;
}

/** A command and its options, as they travel to the process that has the database. */
export type CommandRequest =
  | { readonly name: 'migrate' }
  | { readonly name: 'sample'; readonly remove: boolean }
  | { readonly name: 'create key'; readonly key: ApiKeyGrant }
  | { readonly name: 'list keys'; readonly json: boolean }
  | { readonly name: 'revoke key'; readonly key: string }
  | { readonly name: 'graphql'; readonly operation: Operation }
  | ExportCommandRequest
  | ImportRequest;

/** What is written is sent separately. */
interface ExportCommandRequest {
  readonly name: 'export';
  readonly kind: ExportKind;
  readonly parameters: ExportParameters;
}

/** The files themselves are sent separately. */
interface ImportRequest {
  readonly name: 'import';
  /** As they were given, for the audit. */
  readonly files: ImportPaths;
  readonly settings: ImportSettings;
}

/** Runs a command and returns its exit code. */
export async function runCommand(
  request: CommandRequest,
  context: CommandContext,
): Promise<number> {
  const { database, refreshes, migrated, output, signal, now, files, sink } = context;
  const today = dayOf(now());
  switch (request.name) {
    case 'migrate':
      // Opening the database has done it.
      output.line(
        migrated.length > 0 ? `Migrated: ${migrated.join(', ')}` : 'The schema is up to date.',
      );
      return 0;
    case 'sample': {
      if (request.remove) return removeSample(context);
      const options = { today, progress: output.progress, signal };
      const imported = await importSampleData(database, options);
      printImport(output, imported);
      await refreshRows(refreshes, imported.daily, options);
      return 0;
    }
    case 'create key':
      return createKey(context, request.key);
    case 'list keys':
      return listKeys(context, request);
    case 'revoke key':
      return revokeKey(context, request.key);
    case 'graphql': {
      const { createLocalExecutor } = await import('./local-executor.js');
      output.line(JSON.stringify(await createLocalExecutor(context)(request.operation)));
      return 0;
    }
    case 'import': {
      if (!files) throw new Failure('An import needs its files.');
      const options = { ...request.settings, today, tenant: EVERY_TENANT, signal };
      await runImport(context, files, options, output);
      return 0;
    }
    case 'export': {
      if (!sink) throw new Failure('An export needs somewhere to write to.');
      const [{ writeExport }, { createContext }] = await Promise.all([
        import('../export/write-export.js'),
        import('../graphql/context.js'),
      ]);
      const info = { caller: LOCAL_CALLER, requestId: 'command', signal };
      await writeExport(createContext(context, info), request, sink);
      return 0;
    }
    default:
      throw new Failure(`There is no command ${JSON.stringify(request)}.`);
  }
}

async function removeSample(context: CommandContext): Promise<number> {
  const { database, dailySeries, refreshes, output, signal } = context;
  const deleted = await removeSampleData(database.withSignal(signal));
  output.line(
    `Removed ${deleted.portfolios} sample portfolios: ${deleted.deleted} rows. They do not come back by themselves (rolling-metrics sample).`,
  );
  try {
    await refreshRows(refreshes, deleted, { progress: output.progress, signal });
  } finally {
    await dailySeries.revisions.catchUp().catch(refreshes.onError);
  }
  return 0;
}
