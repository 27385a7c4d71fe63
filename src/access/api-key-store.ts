import type { Database } from '../database/database.js';
import { createApiKey, hashApiKey } from './api-key.js';
import type { Role } from './roles.js';

/** What a key may. */
export interface ApiKeyGrant {
  /** Unique among the keys that are not revoked. */
  readonly name: string;
  readonly role: Role;
  readonly tenant: string;
}

export interface StoredApiKey extends ApiKeyGrant {
  readonly createdAt: Date;
  /** Null: it is valid. */
  readonly revokedAt: Date | null;
}

/** The keys in the database. Always the primary's: a replica may not know yet that one is revoked. */
export class ApiKeyStore {
  constructor(private readonly database: Database) {}

  /** Makes a key and returns it, for the one time that it can be; null when the name is taken. */
  async create({ name, role, tenant }: ApiKeyGrant): Promise<string | null> {
    const key = createApiKey();
    const made = await this.database.write(
      `INSERT INTO api_keys (name, role, tenant, hash) VALUES ($1, $2, $3, decode($4, 'hex'))
      ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING id`,
      [name, role, tenant, hashApiKey(key)],
    );
    return made.length > 0 ? key : null;
  }

  /** All keys there ever were, the valid ones first. */
  list(): Promise<StoredApiKey[]> {
    return this.database.write<StoredApiKey>(
      `SELECT name, role, tenant, created_at AS "createdAt", revoked_at AS "revokedAt"
      FROM api_keys ORDER BY revoked_at IS NOT NULL, name, id`,
    );
  }

  /** Whether there was a valid key of this name. */
  async revoke(name: string): Promise<boolean> {
    const revoked = await this.database.write(
      'UPDATE api_keys SET revoked_at = now() WHERE name = $1 AND revoked_at IS NULL RETURNING id',
      [name],
    );
    return revoked.length > 0;
  }

  /** What the valid keys may, by their hashes. */
  async valid(): Promise<Map<string, ApiKeyGrant>> {
    const rows = await this.database.write<ApiKeyGrant & { readonly hash: string }>(
      `SELECT encode(hash, 'hex') AS hash, name, role, tenant FROM api_keys
      WHERE revoked_at IS NULL`,
    );
    return new Map(rows.map(({ hash, ...grant }) => [hash, grant]));
  }
}
