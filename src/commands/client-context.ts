import type { Colors } from 'picocolors/types.js';
import type { Output } from '../progress.js';
import type { Executor } from './executor.js';

/** What a command that sends requests to the API runs with, wherever the API is. */
export interface ClientContext {
  readonly execute: Executor;
  readonly output: Output;
  /** Of standard output; without effect where it shows none. */
  readonly colors: Colors;
  readonly now: () => Date;
}

/** Prints data for a program to read. */
export function printJson(output: Output, data: unknown): void {
  output.line(JSON.stringify(data, null, 2));
}
