import { readFile, rm } from 'node:fs/promises';
import { dropServerTemplate } from './server-template.mjs';

export default async function globalTeardown() {
  const { TEST_DIR, TEST_EMBEDDED_LIST, TEST_DATABASE_URL, TEST_TEMPLATE } = process.env;
  if (TEST_TEMPLATE) {
    await dropServerTemplate(TEST_DATABASE_URL, TEST_TEMPLATE);
    const list = await readFile(TEST_EMBEDDED_LIST, 'utf8').catch(() => '');
    const lines = [...new Set(list.split('\n'))];
    process.stdout.write(`\nOn the embedded engine, not on the server:${lines.join('\n')}\n`);
  }
  if (TEST_DIR) await rm(TEST_DIR, { recursive: true });
}
