import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Processes } from '../helpers/processes.js';
import { NEED_MORE, SnippetFolder, snippetsOf } from '../helpers/snippets.js';

jest.setTimeout(120_000);

const processes = new Processes();
let folder: SnippetFolder | undefined;

beforeAll(async () => {
  const { url } = await processes.server(`${await processes.directory()}/data`);
  folder = await SnippetFolder.open(url, ['test/recipes/node_modules/nodejs-polars']);
});
afterAll(async () => {
  await folder?.close();
  await processes.close();
});

const snippets = await snippetsOf('docs/recipes.md');

// In their order: what one writes the next may read.
test.each(snippets.filter(({ title }) => NEED_MORE.has(title)))(
  '$title: what a snippet in $language prints is what follows it',
  async (snippet) => {
    const printed = await folder!.run(snippet);
    expect(printed.trimEnd()).toBe((snippet.output ?? '').trimEnd());
  },
);
