import 'reflect-metadata';
import { Command } from 'commander';
import { createColors } from 'picocolors';
import { NO_AUDIT } from './access/audit.js';
import { checkDatabaseExists } from './commands/check-database-exists.js';
import { addClientCommands, type Target } from './commands/client-commands.js';
import type { ClientContext } from './commands/client-context.js';
import type { CommandRequest } from './commands/commands.js';
import type { Executor } from './commands/executor.js';
import { addExportCommands } from './commands/export-command.js';
import { createHttpExecutor } from './commands/http-executor.js';
import { addImportCommand } from './commands/import-command.js';
import { addKeyCommands } from './commands/key-commands.js';
import { createLocalExecutor } from './commands/local-executor.js';
import { createTerminalOutput } from './commands/output.js';
import { runReporting, sendCommand, type CommandFiles } from './commands/remote.js';
import { createSocketExecutor } from './commands/socket-executor.js';
import { readConfig, unknownSettings, type Config } from './config.js';
import { findOwner } from './database/data-directory.js';
import { Failure, messageOf } from './errors.js';
import { Lifecycle } from './lifecycle.js';
import type { Output } from './progress.js';
import { openServices, type OpenServices } from './services.js';

/** The exit code of a command that failed. */
const FAILED = 1;
const now = (): Date => new Date();

const program = new Command('cli')
  .description(
    'Commands for the database of rolling portfolio metrics: the one of DATABASE_URL, or the embedded one in DATA_DIR.',
  )
  .showHelpAfterError();

addImportCommand(program, (work) =>
  running(FAILED, (output, lifecycle) =>
    work(output, (request, files) => runAtDatabase(request, output, lifecycle, { files })),
  ),
);
addExportCommands(program, (work) =>
  running(FAILED, (output, lifecycle) =>
    work(output, (request, sink) => runAtDatabase(request, output, lifecycle, { sink })),
  ),
);

program
  .command('sample')
  .description('Import the sample portfolios: Apple and the S&P 500, 2013 to 2018.')
  .action(() => run({ name: 'sample' }));

program
  .command('migrate')
  .description('Bring the schema of the database up to date.')
  .action(() => run({ name: 'migrate' }));

addKeyCommands(program, run);
addClientCommands(program, runClient);

await program.parseAsync();

function run(request: CommandRequest): Promise<void> {
  return running(FAILED, (output, lifecycle) => runAtDatabase(request, output, lifecycle));
}

/** Runs a command where the database is: here, or in the server that has the data directory. */
async function runAtDatabase(
  request: CommandRequest,
  output: Output,
  lifecycle: Lifecycle,
  files: CommandFiles = {},
): Promise<number> {
  const config = readConfig(process.env);
  const { database } = config;
  const owner = database.engine === 'embedded' ? await findOwner(database.dataDir) : null;
  if (owner) return sendCommand(owner.socket, request, output, files);
  const interrupted = new AbortController();
  process.once('SIGINT', () =>
    interrupted.abort(new Failure('Interrupted; nothing more was done.')),
  );
  const services = await openHere(config, FAILED, output, lifecycle);
  return runReporting(request, { ...services, output, signal: interrupted.signal, ...files });
}

/** Runs a command with the API: at an address, in the server that has the data directory, or here. */
function runClient(
  { url, token }: Target,
  failureCode: number,
  work: (context: ClientContext) => Promise<number>,
): Promise<void> {
  return running(failureCode, async (output, lifecycle) => {
    const execute =
      url === undefined
        ? await findExecutor(failureCode, output, lifecycle)
        : createHttpExecutor({ url, token });
    const { stdout } = process;
    const colors = createColors(stdout.isTTY && stdout.hasColors());
    return work({ execute, output, colors, now });
  });
}

async function findExecutor(
  failureCode: number,
  output: Output,
  lifecycle: Lifecycle,
): Promise<Executor> {
  const config = readConfig(process.env);
  if (config.database.engine === 'embedded') {
    const { dataDir } = config.database;
    const owner = await findOwner(dataDir);
    owner?.socket.destroy();
    if (owner) return createSocketExecutor(dataDir);
    checkDatabaseExists(dataDir);
  }
  return createLocalExecutor(await openHere(config, failureCode, output, lifecycle));
}

/** Opens the database in this process. */
function openHere(
  config: Config,
  failureCode: number,
  output: Output,
  lifecycle: Lifecycle,
): Promise<OpenServices> {
  return openServices(config, {
    lifecycle,
    now,
    onFailure: (failure) => {
      output.error(failure.message);
      process.exit(failureCode);
    },
    onError: (error) => output.error(messageOf(error)),
    onMigrationWaiting: output.error,
    audit: NO_AUDIT,
  });
}

/** Sets the exit code to what `work` gives; a failure is printed and sets it to `failureCode`. */
async function running(
  failureCode: number,
  work: (output: Output, lifecycle: Lifecycle) => Promise<number>,
): Promise<void> {
  const output = createTerminalOutput();
  const lifecycle = new Lifecycle();
  lifecycle.onClose(() => output.close());
  try {
    for (const warning of unknownSettings(process.env)) output.error(`Warning: ${warning}`);
    process.exitCode = await work(output, lifecycle);
  } catch (error) {
    output.error(error instanceof Failure ? error.message : `Failed: ${messageOf(error)}`);
    process.exitCode = failureCode;
  } finally {
    await lifecycle.close();
  }
}
