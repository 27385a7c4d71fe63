import type { MigrationInterface, QueryRunner } from 'typeorm';

const DOUBLES = ['twr_1d', 'benchmark_twr_1d', 'beta_1y', 'alpha_1y', 'tracking_error_1y'];

export class PortfolioMetrics1763800000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Policies turn instants into days in the time zone of the database.
    await runner.query(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''UTC''', current_database()); END $$`,
    );
    await runner.query(`CREATE SEQUENCE portfolio_metrics_recorded_no`);
    // NaN and the infinities are no numbers to compute with: the readers use NaN for null.
    await runner.query(`
      CREATE TABLE portfolio_metrics (
        portfolio_id uuid NOT NULL REFERENCES portfolios (id),
        asof_date date NOT NULL CHECK (isfinite(asof_date)),
        pricing_pack_id text NOT NULL DEFAULT 'default',
        ${DOUBLES.map((column) => `${column} double precision CHECK (abs(${column}) < 'Infinity'),`).join('\n')}
        portfolio_value_base numeric CHECK (abs(portfolio_value_base) < 'Infinity'),
        recorded_at timestamptz NOT NULL DEFAULT now(),
        recorded_no bigint NOT NULL DEFAULT nextval('portfolio_metrics_recorded_no'),
        PRIMARY KEY (portfolio_id, asof_date, pricing_pack_id)
      )`);
    await runner.query(
      `SELECT create_hypertable('portfolio_metrics', by_range('asof_date', INTERVAL '180 days'))`,
    );
    await runner.query(`
      ALTER TABLE portfolio_metrics SET (
        timescaledb.compress,
        timescaledb.compress_segmentby = 'portfolio_id',
        timescaledb.compress_orderby = 'asof_date, pricing_pack_id'
      )`);
    await runner.query(`SELECT add_compression_policy('portfolio_metrics', INTERVAL '2 years')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE portfolio_metrics`);
    await runner.query(`DROP SEQUENCE portfolio_metrics_recorded_no`);
  }
}
