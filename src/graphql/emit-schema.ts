import { writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from './schema.js';

/** The schema as text, in an order that does not depend on the code's. */
export async function printedSchema(): Promise<string> {
  return `${printSchema(lexicographicSortSchema(await createSchema()))}\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await writeFile('schema/schema.graphql', await printedSchema());
}
