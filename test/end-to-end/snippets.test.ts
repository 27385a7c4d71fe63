import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { auditServer } from 'graphql-http';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { SnippetFolder, snippetsOf } from '../helpers/snippets.js';

jest.setTimeout(120_000);

const RUN = new Set(['js', 'sh']);
const processes = new Processes();
let server: RunningServer;
let folder: SnippetFolder | undefined;

beforeAll(async () => {
  server = await processes.server(await processes.dataDirectory());
  folder = await SnippetFolder.open(server.url);
});
afterAll(async () => {
  await folder?.close();
  await processes.close();
});

const documents = ['client/README.md', 'docs/recipes.md'];
const snippets = (await Promise.all(documents.map(snippetsOf))).flat();

// The others need programs that npm does not have: npm run test:recipes.
test.each(snippets.filter(({ language, output }) => output !== null && RUN.has(language)))(
  '$document, $title: what a snippet prints is what follows it',
  async (snippet) => {
    const printed = await folder!.run(snippet);
    expect(printed.trimEnd()).toBe(snippet.output!.trimEnd());
  },
);

/** What is not as GraphQL over HTTP recommends, and why: docs/limits.md. */
const EXCEPTIONS = ['572B', '7B9B', 'FDE2'];

test('GraphQL over HTTP: what must and should be is so, but for the documented exceptions', async () => {
  const results = await auditServer({ url: server.url });
  const failed = results.filter(({ status }) => status === 'error' || status === 'warn');
  expect(failed.map(({ id }) => id).toSorted()).toEqual(EXCEPTIONS);
  expect(failed.filter(({ status }) => status === 'error')).toEqual([]);
});
