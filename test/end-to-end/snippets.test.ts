import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Processes } from '../helpers/processes.js';
import { SnippetFolder, snippetsOf } from '../helpers/snippets.js';

jest.setTimeout(120_000);

const processes = new Processes();
let folder: SnippetFolder | undefined;

beforeAll(async () => {
  const { url } = await processes.server(`${await processes.directory()}/data`);
  folder = await SnippetFolder.open(url);
});
afterAll(async () => {
  await folder?.close();
  await processes.close();
});

const examples = await snippetsOf('client/README.md');

test.each(examples.filter(({ output }) => output !== null))(
  'the client’s README: $title',
  async (snippet) => {
    expect(await folder!.run(snippet)).toBe(snippet.output);
  },
);
