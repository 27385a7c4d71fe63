import { ApiKeyStore } from '../../src/access/api-key-store.js';
import type { Role } from '../../src/access/roles.js';
import type { Database } from '../../src/database/database.js';

let made = 0;

/** The Authorization header of a new key. */
export async function bearerFor(
  database: Database,
  role: Role,
  tenant: string,
  name = `test-${(made += 1)}`,
): Promise<string> {
  return `Bearer ${await new ApiKeyStore(database).create({ name, role, tenant })}`;
}
