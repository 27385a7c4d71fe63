/** Writes the files that are made from the code: `node dist/src/generate.js schema|docs`. */
import { readFile, writeFile } from 'node:fs/promises';
import { roleTable } from './access/role-table.js';
import { printedSchema } from './graphql/printed-schema.js';
import { createSchema } from './graphql/schema.js';
import { withSection } from './markdown.js';
import { metricsDocument } from './rolling/metrics-document.js';
import { settingsDocument, settingsTable } from './settings-document.js';

const [what] = process.argv.slice(2);
if (what === 'schema') await writeFile('schema/schema.graphql', await printedSchema());
else if (what === 'docs') {
  await writeFile('docs/metrics.md', metricsDocument());
  await writeFile('docs/settings.md', settingsDocument());
  await writeSection('docs/access.md', 'The table of roles', roleTable(await createSchema()));
  await writeSection('README.md', 'The table of settings', settingsTable());
} else throw new Error(`generate takes schema or docs, but got ${what}`);

async function writeSection(file: string, name: string, content: string): Promise<void> {
  await writeFile(file, withSection(await readFile(file, 'utf8'), name, content));
}
