import { Option, type Command } from 'commander';
import { IMPORT_OPTIONS, type ImportOption } from '../ingest/import-settings.js';
import type { Output } from '../progress.js';
import type { Target } from './client-commands.js';
import type { RunAtDatabase } from './run.js';

type Options = Target & { readonly portfolios?: string } & Readonly<Record<string, unknown>>;

/** Prints what `work` prints and sets the exit code to what it returns. */
type RunCommand = (
  work: (output: Output, runAtDatabase: RunAtDatabase) => Promise<number>,
) => Promise<void>;

/** Adds the command that imports files of this machine, wherever the database is. */
export function addImportCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('import')
    .description(
      'Import daily metrics from a CSV file, all or nothing, and refresh the aggregates over its days. A file that looks different from what the options say is refused, with the options to add. `rolling-metrics template` prints a file to start from.',
    )
    .argument(
      '<daily.csv>',
      'a portfolio (its code or UUID), a date and a value: portfolio,date,return for example; - is standard input. All columns: portfolio_id, asof_date, pricing_pack_id, twr_1d (return), portfolio_value_base (value, nav, price), benchmark_twr_1d (benchmark), beta_1y, alpha_1y, tracking_error_1y',
    )
    .option(
      '--portfolios <portfolios.csv>',
      'portfolios to import first: id or code, name, and optionally base_currency,benchmark_id,periods_per_year,tenant',
    );
  for (const option of IMPORT_OPTIONS) command.addOption(commandOption(option));
  command
    .option('--url <url>', 'import into the server at this address, such as http://127.0.0.1:4000')
    .addOption(new Option('--token <token>', 'the credential for that server').env('API_TOKEN'))
    .action((daily: string, { portfolios, url, token, ...given }: Options) =>
      run(async (output, runAtDatabase) => {
        const { readSettings } = await import('../ingest/read-settings.js');
        const texts = IMPORT_OPTIONS.filter(({ key }) => given[key] !== undefined);
        const settings = readSettings(
          Object.fromEntries(texts.map(({ name, key }) => [name, given[key]])),
        );
        const { openImportFiles } = await import('./import-sources.js');
        const files = await openImportFiles({ portfolios, daily }, output.progress);
        if (url !== undefined) {
          const { sendImport } = await import('./http-import.js');
          return sendImport({ url, token }, files, settings, output);
        }
        const paths = { daily, ...(portfolios === undefined ? {} : { portfolios }) };
        return runAtDatabase({ name: 'import', files: paths, settings }, { files });
      }),
    );
}

function commandOption({ name, argument, choices, description }: ImportOption): Option {
  // The default is true, so the option negates it.
  if (name === 'refresh') return new Option('--no-refresh', 'leave the aggregates as they are');
  const option = new Option(argument ? `--${name} <${argument}>` : `--${name}`, description);
  return choices ? option.choices(choices) : option;
}
