import 'reflect-metadata';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { CommandRequest } from './commands/commands.js';
import { createTerminalOutput } from './commands/output.js';
import type { Output } from './commands/output.js';
import { runReporting, sendCommand } from './commands/remote.js';
import type { Config } from './config.js';
import { readConfig } from './config.js';
import { claimDataDirectory, findOwner } from './database/data-directory.js';
import { openDatabase } from './database/open-database.js';
import { Failure, messageOf } from './errors.js';
import { Lifecycle } from './lifecycle.js';

const program = new Command('cli')
  .description(
    'Commands for the database of rolling portfolio metrics: the one of DATABASE_URL, or the embedded one in DATA_DIR.',
  )
  .showHelpAfterError();

program
  .command('import')
  .description(
    'Import daily metrics from a CSV file, all or nothing, and refresh the aggregates over its days.',
  )
  .argument(
    '<daily.csv>',
    'portfolio_id,asof_date,twr_1d,portfolio_value_base,benchmark_twr_1d,beta_1y,alpha_1y,tracking_error_1y and optionally pricing_pack_id',
  )
  .option(
    '--portfolios <portfolios.csv>',
    'portfolios to import first: id,name,base_currency,benchmark_id',
  )
  .option('--no-refresh', 'leave the aggregates as they are')
  .action((daily: string, { portfolios, refresh }: { portfolios?: string; refresh: boolean }) =>
    run({
      name: 'import',
      files: { daily: resolve(daily), ...(portfolios ? { portfolios: resolve(portfolios) } : {}) },
      refresh,
    }),
  );

program
  .command('sample')
  .description('Import the sample portfolios: Apple and the S&P 500, 2013 to 2018.')
  .action(() => run({ name: 'sample' }));

program
  .command('migrate')
  .description('Bring the schema of the database up to date.')
  .action(() => run({ name: 'migrate' }));

await program.parseAsync();

/** Runs a command where the database is: here, or in the server that has the data directory. */
async function run(request: CommandRequest): Promise<void> {
  const output = createTerminalOutput();
  const lifecycle = new Lifecycle();
  lifecycle.onClose(() => output.close());
  try {
    const config = readConfig(process.env);
    process.exitCode =
      (await runInServer(config, request, output)) ??
      (await runHere(config, request, output, lifecycle));
  } catch (error) {
    output.error(error instanceof Failure ? error.message : `Failed: ${messageOf(error)}`);
    process.exitCode = 1;
  } finally {
    await lifecycle.close();
  }
}

/** Null when no server has the data directory. */
async function runInServer(
  { database }: Config,
  request: CommandRequest,
  output: Output,
): Promise<number | null> {
  if (database.engine !== 'embedded') return null;
  const owner = await findOwner(database.dataDir);
  return owner && sendCommand(owner.socket, request, output);
}

async function runHere(
  { database: config }: Config,
  request: CommandRequest,
  output: Output,
  lifecycle: Lifecycle,
): Promise<number> {
  if (config.engine === 'embedded') {
    const directory = await claimDataDirectory(config.dataDir);
    lifecycle.onClose(() => directory.release());
  }
  const interrupted = new AbortController();
  process.once('SIGINT', () =>
    interrupted.abort(new Failure('Interrupted; nothing more was done.')),
  );
  const { database, migrated, close } = await openDatabase(config, {
    onFailure: (failure) => {
      output.error(failure.message);
      process.exit(1);
    },
  });
  lifecycle.onClose(close);
  const now = (): Date => new Date();
  return runReporting(request, { database, migrated, now, output, signal: interrupted.signal });
}
