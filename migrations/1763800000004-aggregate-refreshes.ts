import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AggregateRefreshes1763800000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // from_day and to_day are inclusive; null is unlimited.
    await runner.query(`
      CREATE TABLE aggregate_refreshes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        view_name text NOT NULL,
        state text NOT NULL DEFAULT 'QUEUED'
          CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        from_day date,
        to_day date,
        progress double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
        requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        started_at timestamptz,
        finished_at timestamptz,
        error text,
        CHECK (from_day <= to_day)
      )`);
    await runner.query(
      `CREATE INDEX aggregate_refreshes_view_finished ON aggregate_refreshes (view_name, finished_at DESC)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE aggregate_refreshes`);
  }
}
