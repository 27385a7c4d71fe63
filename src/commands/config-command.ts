import { effectiveSettings } from '../config.js';
import type { Output } from '../progress.js';
import { printJson } from './client-context.js';
import { plainTable } from './plain-table.js';

/** Prints every setting with its value and its source, secrets masked, and returns the exit code. */
export function showConfig(
  output: Output,
  env: NodeJS.ProcessEnv,
  { json = false }: { readonly json?: boolean },
): number {
  const settings = effectiveSettings(env);
  if (json) {
    printJson(output, settings);
    return 0;
  }
  const columns = ['setting', 'value', 'from'].map((head) => ({ head }));
  const rows = settings.map(({ variable, value, source }) => [variable, value, source]);
  output.line(plainTable(columns, rows));
  return 0;
}
