#!/usr/bin/env -S node --max-semi-space-size=8
import { setFlagsFromString } from 'node:v8';
import tab from '@bomb.sh/tab/commander';
import { Command } from 'commander';
import { addClientCommands } from './commands/client-commands.js';
import { addExportCommands } from './commands/export-command.js';
import { addImportCommand } from './commands/import-command.js';
import { addKeyCommands } from './commands/key-commands.js';
import { addTemplateCommand } from './commands/template-command.js';
import { readVersion } from './commands/version.js';

// Commands load what they need when they run: the help and the completion need none of it.
const environment = { ...process.env };
// The libraries are faster in production mode; what the caller set decides about access.
process.env['NODE_ENV'] = 'production';
const runner = (): Promise<typeof import('./commands/run.js')> => import('./commands/run.js');

const program = new Command('rolling-metrics')
  .description(
    'Rolling portfolio metrics, served fresh. Commands work on the database of DATABASE_URL, or on the embedded one in DATA_DIR.',
  )
  .version(readVersion())
  .showHelpAfterError();

program
  .command('serve')
  .description('Serve the API until SIGTERM or SIGINT.')
  .action(async () => {
    // Cached data lives long: V8 would let as much garbage gather beside it before it collects.
    setFlagsFromString('--heap-growing-percent=50');
    // Instrumentation has to be there before what it instruments.
    const isTraced = Boolean(
      environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ??
      environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    );
    const endTracing = isTraced
      ? (await import('./telemetry/start-tracing.js')).startTracing(readVersion())
      : undefined;
    const { serve } = await import('./serve.js');
    await serve(environment, endTracing);
  });

addImportCommand(program, async (work) => (await runner()).runWithFiles(environment, work));
addExportCommands(program, async (work) => (await runner()).runWithFiles(environment, work));

addTemplateCommand(program);

program
  .command('sample')
  .description('Import the sample portfolios: Apple and the S&P 500, 2013 to 2018.')
  .option('--remove', 'remove them again')
  .action(async ({ remove = false }: { remove?: boolean }) =>
    (await runner()).run(environment, { name: 'sample', remove }),
  );

program
  .command('migrate')
  .description('Bring the schema of the database up to date.')
  .action(async () => (await runner()).run(environment, { name: 'migrate' }));

program
  .command('config')
  .description('Print every setting: its value, and whether the environment or a default gives it.')
  .option('--json', 'print them as JSON')
  .action(async (options: { json?: boolean }) => (await runner()).runConfig(environment, options));

addKeyCommands(program, async (request) => (await runner()).run(environment, request));
addClientCommands(program, async (...given) => (await runner()).runClient(environment, ...given));
tab(program, { completionCommandName: 'completion' });

await program.parseAsync();
