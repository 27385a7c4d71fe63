import { basename } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from '../progress.js';

/** Where a command prints. Standard output is for results, standard error for the rest. */
export interface Output {
  readonly line: (text: string) => void;
  readonly error: (text: string) => void;
  readonly progress: Progress;
}

/** Prints on this process's terminal: a bar where there is one, else a line a step. */
export function createTerminalOutput(): Output & { close(): void } {
  return process.stderr.isTTY ? barOutput() : plainOutput();
}

function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`);
}

function plainOutput(): Output & { close(): void } {
  let shown = '';
  return {
    line: (text) => print(process.stdout, text),
    error: (text) => print(process.stderr, text),
    progress: (label, done, total) => {
      // A line for each quarter of the way keeps logs short.
      const quarter = Math.floor((4 * done) / Math.max(total, 1));
      const text = `${shortLabel(label)}: ${25 * quarter} %`;
      if (text !== shown) print(process.stderr, text);
      shown = text;
    },
    close: () => undefined,
  };
}

function barOutput(): Output & { close(): void } {
  let bar: SingleBar | undefined;
  let current = '';
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
    current = '';
  };
  return {
    line: (text) => {
      stop();
      print(process.stdout, text);
    },
    error: (text) => {
      stop();
      print(process.stderr, text);
    },
    progress: (label, done, total) => {
      if (label !== current) {
        stop();
        current = label;
        bar = new SingleBar(
          {
            format: `${shortLabel(label)} {bar} {percentage} % | {eta_formatted} left`,
            hideCursor: true,
          },
          Presets.shades_classic,
        );
        bar.start(total, 0);
      }
      bar?.update(done);
      if (done >= total) stop();
    },
    close: stop,
  };
}

/** "Reading daily.csv" for "Reading /a/long/path/daily.csv". */
function shortLabel(label: string): string {
  const [verb = '', ...rest] = label.split(' ');
  const object = rest.join(' ');
  return object === '' ? verb : `${verb} ${basename(object)}`;
}
