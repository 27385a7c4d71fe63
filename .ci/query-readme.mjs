// Sends the query of the README to a server and compares the response with the README's.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const [url] = process.argv.slice(2);
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const block = (language) => readme.match(new RegExp('```' + language + '\\n([^]*?)```'))[1];
const response = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: block('graphql') }),
});
assert.deepEqual(await response.json(), JSON.parse(block('json')));
