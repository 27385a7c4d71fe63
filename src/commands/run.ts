import { createColors } from 'picocolors';
import { NO_AUDIT } from '../access/audit.js';
import { readConfig, unknownSettings, type Config } from '../config.js';
import { findOwner } from '../database/data-directory.js';
import { Failure, messageOf } from '../errors.js';
import { Lifecycle } from '../lifecycle.js';
import type { Output } from '../progress.js';
import type { OpenServices } from '../services.js';
import { checkDatabaseExists } from './check-database-exists.js';
import type { Target } from './client-commands.js';
import type { ClientContext } from './client-context.js';
import type { CommandRequest } from './commands.js';
import { showConfig } from './config-command.js';
import type { Executor } from './executor.js';
import { createHttpExecutor } from './http-executor.js';
import { createTerminalOutput } from './output.js';
import { sendCommand, type CommandFiles } from './send-command.js';
import { createSocketExecutor } from './socket-executor.js';

/** The exit code of a command that failed. */
const FAILED = 1;
const now = (): Date => new Date();

/** What a command runs in. */
interface Session {
  readonly environment: NodeJS.ProcessEnv;
  readonly failureCode: number;
  readonly output: Output;
  readonly lifecycle: Lifecycle;
}

/** Runs a command where the database is: here, or in the server that has the data directory. */
export type RunAtDatabase = (request: CommandRequest, files?: CommandFiles) => Promise<number>;

/** Runs a command where the database is. */
export function run(environment: NodeJS.ProcessEnv, request: CommandRequest): Promise<void> {
  return running(environment, FAILED, (session) => runAtDatabase(session, request));
}

/** Prints the settings that commands and the server read. */
export function runConfig(
  environment: NodeJS.ProcessEnv,
  options: { readonly json?: boolean },
): Promise<void> {
  return running(environment, FAILED, async ({ output }) =>
    showConfig(output, environment, options),
  );
}

/** Runs `work`, which reads or writes files on this machine. */
export function runWithFiles(
  environment: NodeJS.ProcessEnv,
  work: (output: Output, runThere: RunAtDatabase) => Promise<number>,
): Promise<void> {
  return running(environment, FAILED, (session) =>
    work(session.output, (request, files) => runAtDatabase(session, request, files)),
  );
}

/** Runs `work` with the API: at an address, in the server that has the data directory, or here. */
export function runClient(
  environment: NodeJS.ProcessEnv,
  { url, token }: Target,
  failureCode: number,
  work: (context: ClientContext) => Promise<number>,
): Promise<void> {
  return running(environment, failureCode, async (session) => {
    const execute =
      url === undefined ? await findExecutor(session) : createHttpExecutor({ url, token });
    const { stdout } = process;
    const colors = createColors(stdout.isTTY && stdout.hasColors());
    return work({ execute, output: session.output, colors, now });
  });
}

async function runAtDatabase(
  session: Session,
  request: CommandRequest,
  files: CommandFiles = {},
): Promise<number> {
  const config = readConfig(session.environment);
  const { database } = config;
  const owner = database.engine === 'embedded' ? await findOwner(database.dataDir) : null;
  if (owner) return sendCommand(owner.socket, request, session.output, files);
  const interrupted = new AbortController();
  process.once('SIGINT', () =>
    interrupted.abort(new Failure('Interrupted; nothing more was done.')),
  );
  const { runReporting } = await import('./serve-command.js');
  const services = await openHere(session, config);
  const { output } = session;
  return runReporting(request, { ...services, output, signal: interrupted.signal, ...files });
}

async function findExecutor(session: Session): Promise<Executor> {
  const config = readConfig(session.environment);
  if (config.database.engine === 'embedded') {
    const { dataDir } = config.database;
    const owner = await findOwner(dataDir);
    owner?.socket.destroy();
    if (owner) return createSocketExecutor(dataDir);
    checkDatabaseExists(dataDir);
  }
  const { createLocalExecutor } = await import('./local-executor.js');
  return createLocalExecutor(await openHere(session, config));
}

/** Opens the database in this process. */
async function openHere(
  { failureCode, output, lifecycle }: Session,
  config: Config,
): Promise<OpenServices> {
  const { openServices } = await import('../services.js');
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

/** Sets the exit code to what `work` returns; a failure is printed and sets it to `failureCode`. */
async function running(
  environment: NodeJS.ProcessEnv,
  failureCode: number,
  work: (session: Session) => Promise<number>,
): Promise<void> {
  const output = createTerminalOutput();
  const lifecycle = new Lifecycle();
  lifecycle.onClose(() => output.close());
  try {
    for (const warning of unknownSettings(environment)) output.error(`Warning: ${warning}`);
    process.exitCode = await work({ environment, failureCode, output, lifecycle });
  } catch (error) {
    output.error(error instanceof Failure ? error.message : `Failed: ${messageOf(error)}`);
    process.exitCode = failureCode;
  } finally {
    await lifecycle.close();
  }
}
