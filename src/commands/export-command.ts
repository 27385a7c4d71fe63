import { open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { Option, type Command } from 'commander';
import { ROLLING_WINDOWS } from '../aggregates/registry.js';
import { Failure, messageOf } from '../errors.js';
import {
  EXPORT_FORMATS,
  EXPORT_KINDS,
  EXPORT_PARAMETERS,
  type ExportKind,
  type ExportParameters,
} from '../export/export-parameters.js';
import type { ByteSink, Output } from '../progress.js';
import type { Target } from './client-commands.js';
import { endpointOf, reasonOf } from './http-executor.js';
import { refusalOf } from './http-import.js';
import type { RunAtDatabase } from './run.js';

interface Options extends Target {
  readonly output?: string;
}

/** Prints what `work` prints and sets the exit code to what it returns. */
type RunCommand = (
  work: (output: Output, runAtDatabase: RunAtDatabase) => Promise<number>,
) => Promise<void>;

const DESCRIPTIONS: Readonly<Record<ExportKind, string>> = {
  series: 'Metrics over the window that ends on each day.',
  windows: 'Metrics over one window, a row for each portfolio.',
  daily: 'The official daily rows, as they can be imported.',
};

const HELP: Readonly<Record<string, string>> = {
  portfolios: 'ids or codes separated by commas; all unless given',
  window: ROLLING_WINDOWS.join(', '),
  metrics: 'names separated by commas; all that the window serves unless given',
  from: 'first day, such as 2018-05-01',
  to: 'last day, inclusive',
  asOf: 'last day of the window; the last of each portfolio unless given',
  riskFreeDaily: 'risk-free rate per day; 0.0001 unless given',
  format: `${EXPORT_FORMATS.join(', ')}; csv unless given`,
};

/** Adds the commands that write what the API exports to a file or to standard output. */
export function addExportCommands(program: Command, run: RunCommand): void {
  const command = program.command('export').description('Write metrics or rows as a file.');
  for (const kind of EXPORT_KINDS) {
    const each = command.command(kind).description(DESCRIPTIONS[kind]);
    for (const name of EXPORT_PARAMETERS[kind]) {
      each.option(`--${flagOf(name)} <${name}>`, HELP[name]);
    }
    each
      .option('--output <file>', 'where to write; standard output unless given')
      .option('--url <url>', 'export from the server at this address')
      .addOption(new Option('--token <token>', 'the credential for that server').env('API_TOKEN'))
      .action(({ output: path, url, token, ...parameters }: Options & ExportParameters) =>
        run((_output, runAtDatabase) =>
          writing(path, (sink) =>
            url === undefined
              ? runAtDatabase({ name: 'export', kind, parameters }, { sink })
              : download(kind, parameters, { url, token }, sink),
          ),
        ),
      );
  }
}

/** asOf as --as-of. */
function flagOf(parameter: string): string {
  return parameter.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Gives `work` a sink: a file, which is only there when all is written, or standard output. */
async function writing(
  path: string | undefined,
  work: (sink: ByteSink) => Promise<number>,
): Promise<number> {
  if (path === undefined) {
    const { stdout } = process;
    // The reader of the pipe may end first; the callback reports that, too.
    stdout.on('error', () => undefined);
    const write = promisify<Uint8Array, void>(stdout.write.bind(stdout));
    return work(write);
  }
  const unfinished = `${path}.partial`;
  const file = await open(unfinished, 'w').catch((error: unknown) => {
    throw new Failure(`${path} cannot be written: ${messageOf(error)}`);
  });
  let code = 1;
  try {
    code = await work((bytes) => file.writeFile(bytes));
  } finally {
    await file.close();
    if (code === 0) await rename(unfinished, path);
    else await rm(unfinished);
  }
  return code;
}

/** Writes the response of a server. */
async function download(
  kind: ExportKind,
  parameters: ExportParameters,
  { url, token }: { readonly url: string; readonly token: string | undefined },
  sink: ByteSink,
): Promise<number> {
  const address = new URL(`export/${kind}`, endpointOf(url));
  for (const [name, value] of Object.entries(parameters)) {
    address.searchParams.set(name, String(value));
  }
  try {
    const response = await fetch(address, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      redirect: 'manual',
    });
    if (!response.ok) throw new Failure(await refusalOf(response, address.href));
    const body = Readable.fromWeb(response.body as unknown as ReadableStream);
    for await (const bytes of body) await sink(bytes as Uint8Array);
    return 0;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`No complete response from ${address.origin}: ${reasonOf(error)}`);
  }
}
