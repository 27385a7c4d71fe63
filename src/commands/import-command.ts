import { Option, type Command } from 'commander';
import type { ImportFiles } from '../ingest/import-files.js';
import { RETURN_UNITS, type ReturnUnit } from '../ingest/return-unit.js';
import type { Output } from '../progress.js';
import type { Target } from './client-commands.js';
import type { CommandRequest } from './commands.js';
import { sendImport } from './http-import.js';
import { openImportFiles } from './import-sources.js';

interface Options extends Target {
  readonly portfolios?: string;
  readonly refresh: boolean;
  readonly returns?: ReturnUnit;
}

/** Runs a command where the database is, and gives its exit code. */
type RunAtDatabase = (
  request: CommandRequest,
  given: { readonly files: ImportFiles },
) => Promise<number>;
/** Prints what `work` prints and sets the exit code to what it gives. */
type RunCommand = (
  work: (output: Output, runAtDatabase: RunAtDatabase) => Promise<number>,
) => Promise<void>;

/** Adds the command that imports files of this machine, wherever the database is. */
export function addImportCommand(program: Command, run: RunCommand): void {
  program
    .command('import')
    .description(
      'Import daily metrics from a CSV file, all or nothing, and refresh the aggregates over its days.',
    )
    .argument(
      '<daily.csv>',
      'portfolio_id,asof_date and at least one of twr_1d,portfolio_value_base,benchmark_twr_1d,beta_1y,alpha_1y,tracking_error_1y; optionally pricing_pack_id; - is standard input',
    )
    .option(
      '--portfolios <portfolios.csv>',
      'portfolios to import first: id,name and optionally base_currency,benchmark_id,tenant',
    )
    .addOption(
      new Option('--returns <unit>', 'what the returns are in: 0.015 or 1.5 for 1.5 %').choices(
        RETURN_UNITS,
      ),
    )
    .option('--no-refresh', 'leave the aggregates as they are')
    .option('--url <url>', 'import into the server at this address, such as http://127.0.0.1:4000')
    .addOption(new Option('--token <token>', 'the credential for that server').env('API_TOKEN'))
    .action((daily: string, { portfolios, refresh, returns, url, token }: Options) =>
      run(async (output, runAtDatabase) => {
        const files = await openImportFiles({ portfolios, daily }, output.progress);
        const options = { refresh, ...(returns ? { returns } : {}) };
        if (url !== undefined) return sendImport({ url, token }, files, options, output);
        const paths = { daily, ...(portfolios === undefined ? {} : { portfolios }) };
        return runAtDatabase({ name: 'import', files: paths, ...options }, { files });
      }),
    );
}
