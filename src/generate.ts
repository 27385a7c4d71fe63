/** Writes the files that are made from the code: `node dist/src/generate.js schema|docs`. */
import { writeFile } from 'node:fs/promises';
import { printedSchema } from './graphql/printed-schema.js';
import { metricsDocument } from './rolling/metrics-document.js';

const [what] = process.argv.slice(2);
if (what === 'schema') await writeFile('schema/schema.graphql', await printedSchema());
else if (what === 'docs') await writeFile('docs/metrics.md', metricsDocument());
else throw new Error(`generate takes schema or docs, but got ${what}`);
