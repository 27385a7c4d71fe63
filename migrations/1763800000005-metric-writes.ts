import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A transactional count of the transactions that wrote to portfolio_metrics: it is seen to move
 * exactly when their rows are seen. (A sequence moves before the commit.)
 */
export class MetricWrites1763800000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE metric_writes (transaction_id xid8 PRIMARY KEY)`);
    await runner.query(`CREATE TABLE metric_writes_pruned (count bigint NOT NULL)`);
    await runner.query(`INSERT INTO metric_writes_pruned VALUES (0)`);
    // Whoever may write metrics need not be allowed to write the count.
    await runner.query(`
      CREATE FUNCTION count_metric_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        INSERT INTO metric_writes VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;
        RETURN NULL;
      END $$`);
    // A fixed path, so that nobody can put a table of his own in front.
    await runner.query(`
      DO $$ BEGIN EXECUTE format(
        'ALTER FUNCTION count_metric_write() SET search_path = %I, pg_temp', current_schema());
      END $$`);
    await runner.query(`
      CREATE TRIGGER count_write AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON portfolio_metrics
      FOR EACH STATEMENT EXECUTE FUNCTION count_metric_write()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER count_write ON portfolio_metrics`);
    await runner.query(`DROP FUNCTION count_metric_write`);
    await runner.query(`DROP TABLE metric_writes, metric_writes_pruned`);
  }
}
