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

/** How often work that takes long says how far it is, where there is no terminal. */
const PLAIN_INTERVAL_MS = 5000;

function plainOutput(): Output & { close(): void } {
  let saidAt = performance.now();
  let said = '';
  return {
    line: (text) => print(process.stdout, text),
    error: (text) => print(process.stderr, text),
    progress: (label, done, total) => {
      const isDone = done >= total;
      if (!isDone && performance.now() - saidAt < PLAIN_INTERVAL_MS) return;
      saidAt = performance.now();
      const how = isDone ? 'done' : `${Math.floor((100 * done) / total)} %`;
      const text = `${shortLabel(label)}: ${how}`;
      // Work may be told to be done more than once.
      if (text !== said) print(process.stderr, text);
      said = text;
    },
    close: () => undefined,
  };
}

function barOutput(): Output & { close(): void } {
  let bar: SingleBar | undefined;
  let current = '';
  let finished = '';
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
      if (label === finished) return;
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
      if (done < total) return;
      stop();
      finished = label;
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
