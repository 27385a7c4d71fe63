import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who may ask. A key itself is nowhere: hash is its SHA-256. */
export class ApiKeys1763800000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_keys (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL CHECK (name <> ''),
        role text NOT NULL CHECK (role IN ('reader', 'writer', 'operator')),
        tenant text NOT NULL CHECK (tenant <> ''),
        hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
      )`);
    // A name is free again once its key is revoked, which stays for the record.
    await runner.query(`
      CREATE UNIQUE INDEX api_keys_valid_name ON api_keys (name) WHERE revoked_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_keys`);
  }
}
