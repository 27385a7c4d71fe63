import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDay } from '../metrics/calendar.js';
import { checkData } from './check-command.js';
import type { ClientContext } from './client-context.js';
import {
  deleteDays,
  deletePortfolio,
  type DeleteDaysOptions,
  type DeleteOptions,
} from './delete-command.js';
import { HEALTH_UNKNOWN, showHealth } from './health-command.js';
import type { HttpTarget } from './http-executor.js';
import { abortOnInterrupt } from './interruption.js';
import { refreshAggregates, type RefreshOptions } from './refresh-command.js';
import { createRefreshDisplay, createSilentDisplay } from './refresh-display.js';
import { showReport } from './report-command.js';
import { showStatus } from './status-command.js';

/** How often running refreshes are looked at, in milliseconds. */
const POLL_MS = 300;

/** Where the API is: at an address, or where the settings say that the database is. */
export type Target = Partial<Pick<HttpTarget, 'url' | 'token'>>;

/** Runs `work` with the API of the target and sets the exit code, `failureCode` where it fails. */
export type RunClient = (
  target: Target,
  failureCode: number,
  work: (context: ClientContext) => Promise<number>,
) => Promise<void>;

interface Json {
  readonly json?: boolean;
}

/** Adds the commands that work through the API. */
export function addClientCommands(program: Command, run: RunClient): void {
  add(program, 'status', 'How fresh and how large the aggregates are, and what they wait for.')
    .option('--json', 'print the data of the API')
    .action((options: Target & Json) => run(options, 1, (context) => showStatus(context, options)));

  add(
    program,
    'health',
    'Whether the numbers can be relied on: exits with 0 healthy, 1 warning, 2 degraded, 3 unknown.',
  )
    .option('--json', 'print the data of the API')
    // A monitor takes a wrong option for UNKNOWN, not for a warning.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : HEALTH_UNKNOWN))
    .action((options: Target & Json) =>
      run(options, HEALTH_UNKNOWN, (context) => showHealth(context, options)),
    );

  add(program, 'report', 'A readable report on how fresh the aggregates are.').action(
    (options: Target) => run(options, 1, showReport),
  );

  add(program, 'refresh', 'Refresh the aggregates and show how far that is.')
    .option('--aggregate <name>', 'only this one: portfolio_metrics_30d_rolling')
    .option('--from <day>', 'first day, such as 2018-05-01; the oldest unless given', day)
    .option('--to <day>', 'last day, inclusive; the newest unless given', day)
    .option('--json', 'print the refreshes as they ended')
    .action((options: Target & RefreshOptions) =>
      run(options, 1, (context) => refresh(context, options)),
    );

  addRowCommands(program, run);
}

/** Adds the commands that look at recorded rows and delete them. */
function addRowCommands(program: Command, run: RunClient): void {
  add(
    program,
    'check',
    'What looks wrong in the rows of portfolios: exits with 0 when nothing does, else with 1.',
  )
    .argument('[portfolios...]', 'ids or codes; all portfolios unless given')
    .option('--json', 'print the portfolios with findings')
    .action((named: string[], options: Target & Json) =>
      run(options, 1, (context) => checkData(context, named, options)),
    );

  const remove = program
    .command('delete')
    .description('Delete a portfolio, or days of one, and refresh the aggregates over the days.');
  addDelete(remove, 'portfolio', 'Delete a portfolio with all its rows.').action(
    (idOrCode: string, options: Target & DeleteOptions) =>
      run(options, 1, (context) => deletePortfolio(context, idOrCode, options)),
  );
  addDelete(remove, 'days', 'Delete the rows of days of a portfolio.')
    .requiredOption('--from <day>', 'first day, such as 2018-05-01', day)
    .requiredOption('--to <day>', 'last day, inclusive', day)
    .option('--pack <id>', 'only rows of this pricing pack')
    .action((idOrCode: string, options: Target & DeleteDaysOptions) =>
      run(options, 1, (context) => deleteDays(context, idOrCode, options)),
    );
}

function addDelete(program: Command, name: string, description: string): Command {
  return add(program, name, description)
    .argument('<portfolio>', 'its id or code')
    .option('--dry-run', 'change nothing, and say what would be deleted')
    .option('--no-refresh', 'leave the aggregates as they are');
}

function refresh(context: ClientContext, options: RefreshOptions): Promise<number> {
  const { output, now } = context;
  const display = options.json
    ? createSilentDisplay(output.error)
    : createRefreshDisplay({ stream: process.stderr, now });
  // Else a second Ctrl-C would leave the terminal without its cursor.
  process.once('exit', display.close);
  return refreshAggregates(context, options, {
    display,
    pause: () => delay(POLL_MS),
    interrupted: abortOnInterrupt(),
  });
}

function add(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option(
      '--url <url>',
      'send requests to the server at this address, such as http://127.0.0.1:4000',
    )
    .addOption(
      new Option('--token <token>', 'the API key or token that this server requires').env(
        'API_TOKEN',
      ),
    );
}

function day(text: string): string {
  if (parseDay(text) === null) throw new InvalidArgumentError('A day is written 2018-05-11.');
  return text;
}
