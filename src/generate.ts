/** Writes the files that are made from the code: `node dist/src/generate.js schema|docs`. */
import { readFile, writeFile } from 'node:fs/promises';
import { withRoleTable } from './access/role-table.js';
import { printedSchema } from './graphql/printed-schema.js';
import { createSchema } from './graphql/schema.js';
import { metricsDocument } from './rolling/metrics-document.js';

const [what] = process.argv.slice(2);
if (what === 'schema') await writeFile('schema/schema.graphql', await printedSchema());
else if (what === 'docs') {
  await writeFile('docs/metrics.md', metricsDocument());
  const access = await readFile('docs/access.md', 'utf8');
  await writeFile('docs/access.md', withRoleTable(access, await createSchema()));
} else throw new Error(`generate takes schema or docs, but got ${what}`);
