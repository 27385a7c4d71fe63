import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { READ_RELATIONS } from '../../src/timescale/catalog.js';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const ROOM = 'timescale/';
const SCHEMAS = /_timescaledb_[a-z]+|timescaledb_information/;
const RELATION = /(_timescaledb_[a-z]+|timescaledb_information|\$\{CATALOG\})\.([a-z_]+)/g;

async function sources(): Promise<{ readonly file: string; readonly text: string }[]> {
  const files = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith('.ts'));
  return Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(SRC, file), 'utf8') })),
  );
}

test("one room names TimescaleDB's schemas", async () => {
  const elsewhere = (await sources()).filter(
    ({ file, text }) => !file.startsWith(ROOM) && SCHEMAS.test(text),
  );
  expect(elsewhere.map(({ file }) => file)).toEqual([]);
});

test('everything that is read there is looked for at the start', async () => {
  const read = new Set<string>();
  for (const { text } of await sources()) {
    for (const [, schema, relation] of text.matchAll(RELATION)) {
      read.add(`${schema === '${CATALOG}' ? '_timescaledb_catalog' : schema}.${relation}`);
    }
  }
  expect([...read].filter((relation) => !(relation in READ_RELATIONS))).toEqual([]);
  expect(Object.keys(READ_RELATIONS).filter((relation) => !read.has(relation))).toEqual([]);
});
