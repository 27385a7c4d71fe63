import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export default async function globalTeardown(): Promise<void> {
  const file = process.env['TEST_SNAPSHOT'];
  if (file) await rm(dirname(file), { recursive: true });
}
