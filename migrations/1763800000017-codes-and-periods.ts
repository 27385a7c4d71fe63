import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The owner's key of a portfolio, unique within its tenant, and how many of its rows make a year. */
export class CodesAndPeriods1763800000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Constant defaults rewrite no row, and there are few portfolios to check.
    await runner.query(`
      ALTER TABLE portfolios
        ADD COLUMN code text CHECK (code <> ''),
        ADD COLUMN periods_per_year integer NOT NULL DEFAULT 252
          CHECK (periods_per_year BETWEEN 1 AND 366)`);
    await runner.query(`CREATE UNIQUE INDEX portfolios_tenant_code ON portfolios (tenant, code)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE portfolios DROP COLUMN code, DROP COLUMN periods_per_year`);
  }
}
