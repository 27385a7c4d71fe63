import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Portfolios1763800000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE portfolios (
        id uuid PRIMARY KEY,
        name text NOT NULL CHECK (name <> ''),
        base_currency text NOT NULL CHECK (base_currency ~ '^[A-Z]{3}$'),
        benchmark_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX portfolios_name_id ON portfolios (name, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE portfolios`);
  }
}
