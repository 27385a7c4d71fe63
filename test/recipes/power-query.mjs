/**
 * Parses a query of Power Query with Microsoft's parser, sends the request of its Web.Contents, and
 * prints the columns that it converts, each with its first value.
 */
import { readFile } from 'node:fs/promises';
import { DefaultSettings, TaskUtils } from '@microsoft/powerquery-parser';
import { parse } from 'csv-parse/sync';

const text = await readFile(process.argv[2], 'utf8');
const task = await TaskUtils.tryLexParse(DefaultSettings, text);
if (TaskUtils.isError(task)) throw task.error;

/** The fields of a record of texts: [a = "b"]. */
const fieldsOf = (record) =>
  [...record.matchAll(/(\w+) = "([^"]*)"/g)].map(([, name, value]) => [name, value]);
const [, origin] = /Web\.Contents\("([^"]+)"/.exec(text);
const [, path] = /RelativePath = "([^"]+)"/.exec(text);
const [, query] = /Query = (\[[^\]]*\])/.exec(text);
const [, headers] = /Headers = (\[[^\]]*\])/.exec(text);
const address = new URL(path, `${origin}/`);
for (const [name, value] of fieldsOf(query)) address.searchParams.set(name, value);
const response = await fetch(address, { headers: fieldsOf(headers) });
if (!response.ok) throw new Error(await response.text());
const [row] = parse(await response.text(), { columns: true });
for (const [, name, type] of text.matchAll(/\{"(\w+)", type (\w+)\}/g)) {
  if (!(name in row)) throw new Error(`${name} is not among ${Object.keys(row).join()}`);
  console.log(type, name, type === 'number' ? Number(row[name]) : row[name]);
}
