import { ApiKeyStore, type ApiKeyGrant } from '../access/api-key-store.js';
import type { Database } from '../database/database.js';
import { Failure } from '../errors.js';
import type { Output } from '../progress.js';
import { plainTable } from './plain-table.js';

/** Where a command about keys works and prints. */
export interface KeysContext {
  readonly database: Database;
  readonly output: Output;
}

/** Prints a new key, alone on standard output. */
export async function createKey(
  { database, output }: KeysContext,
  grant: ApiKeyGrant,
): Promise<number> {
  const key = await new ApiKeyStore(database).create(grant);
  if (key === null) {
    throw new Failure(
      `There is a key called ${grant.name}. Choose another name, or revoke that one first.`,
    );
  }
  output.error('This is the only time that the key is shown:');
  output.line(key);
  return 0;
}

/** Prints all keys there ever were, never the keys themselves. */
export async function listKeys(
  { database, output }: KeysContext,
  { json }: { readonly json: boolean },
): Promise<number> {
  const keys = await new ApiKeyStore(database).list();
  if (json) output.line(JSON.stringify(keys, null, 2));
  else if (keys.length === 0) output.error('There is no key.');
  else {
    const columns = ['name', 'role', 'tenant', 'made', 'revoked'].map((head) => ({ head }));
    const rows = keys.map(({ name, role, tenant, createdAt, revokedAt }) => [
      name,
      role,
      tenant,
      createdAt.toISOString(),
      revokedAt?.toISOString() ?? '',
    ]);
    output.line(plainTable(columns, rows));
  }
  return 0;
}

/** Revokes a key; running servers refuse it within a second. */
export async function revokeKey({ database, output }: KeysContext, name: string): Promise<number> {
  const store = new ApiKeyStore(database);
  if (!(await store.revoke(name))) {
    throw new Failure(`There is no valid key called ${name}: rolling-metrics keys list`);
  }
  output.line(`Revoked: ${name}`);
  if ((await store.valid()).size === 0) {
    output.error(
      'That was the last one. Without any key, and without tokens, a server on a loopback address admits every client unless it runs with ACCESS=required or NODE_ENV=production.',
    );
  }
  return 0;
}
