import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where the recorded transactions belong: their ids mean nothing in a database that was restored
 * from a dump. Null is nowhere, as in a database that an older version of this program dumped.
 */
export class DatabaseIdentity1763800000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE metric_changes_pruned ADD COLUMN database_identity text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE metric_changes_pruned DROP COLUMN database_identity`);
  }
}
