import { basename } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import prettyBytes from 'pretty-bytes';
import type { Output } from '../progress.js';

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
  let unmeasured = '';
  return {
    line: (text) => print(process.stdout, text),
    error: (text) => print(process.stderr, text),
    progress: (label, done, total) => {
      const isDone = total !== null && done >= total;
      // Of what has no end in sight, a first line says that it has begun.
      const isFirst = total === null && label !== unmeasured;
      if (isFirst) unmeasured = label;
      if (!isDone && !isFirst && performance.now() - saidAt < PLAIN_INTERVAL_MS) return;
      saidAt = performance.now();
      const part = total === null ? prettyBytes(done) : `${Math.floor((100 * done) / total)} %`;
      const how = isDone ? 'done' : part;
      const text = `${shortLabel(label)}: ${how}`;
      // Work may be reported as done more than once.
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
        const format = total === null ? '{bytes}' : '{bar} {percentage} % | {eta_formatted} left';
        bar = new SingleBar(
          { format: `${shortLabel(label)} ${format}`, hideCursor: true },
          Presets.shades_classic,
        );
        bar.start(total ?? 0, 0, { bytes: prettyBytes(0) });
      }
      bar?.update(done, { bytes: prettyBytes(done) });
      if (total === null || done < total) return;
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
