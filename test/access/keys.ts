import { setTimeout as delay } from 'node:timers/promises';
import { ApiKeyStore } from '../../src/access/api-key-store.js';
import type { Role } from '../../src/access/roles.js';
import type { Database } from '../../src/database/database.js';

/** When a server that has just looked for another key knows a new one. */
const NOTICED_MS = 30;

let made = 0;

/** The Authorization header of a new key. */
export async function bearerFor(
  database: Database,
  role: Role,
  tenant: string,
  name = `test-${(made += 1)}`,
): Promise<string> {
  const key = await new ApiKeyStore(database).create({ name, role, tenant });
  await delay(NOTICED_MS);
  return `Bearer ${key}`;
}
