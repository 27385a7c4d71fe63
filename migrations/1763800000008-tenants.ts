import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose a portfolio is. `*` is not a tenant: it stands for all of them in a caller's rights. */
export class Tenants1763800000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE portfolios ADD COLUMN tenant text NOT NULL DEFAULT 'default'
      CHECK (tenant <> '' AND tenant <> '*')`);
    // Pages of one tenant's portfolios, in order.
    await runner.query(`CREATE INDEX portfolios_tenant_name_id ON portfolios (tenant, name, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE portfolios DROP COLUMN tenant`);
  }
}
