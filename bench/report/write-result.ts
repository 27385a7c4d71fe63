import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RESULTS_DIRECTORY } from '../paths.js';

/** Writes a result for people and one for programs, and gives the name both begin with. */
export async function writeResult(
  { at, engine }: { readonly at: string; readonly engine: string },
  result: object,
  markdown: string,
  kind = '',
): Promise<string> {
  await mkdir(RESULTS_DIRECTORY, { recursive: true });
  const name = join(RESULTS_DIRECTORY, `${at.slice(0, 10)}-${engine}${kind}`);
  await writeFile(`${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(`${name}.md`, markdown);
  return name;
}
