import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AggregateRefreshes1763800000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // from_day and to_day are inclusive; null is unlimited. pending_after holds
    // [first day, last day, covered by the policy], days counted from 1970-01-01.
    await runner.query(`
      CREATE TABLE aggregate_refreshes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        view_name text NOT NULL,
        origin text NOT NULL CHECK (origin IN ('REQUEST', 'POLICY')),
        state text NOT NULL DEFAULT 'QUEUED'
          CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        from_day date,
        to_day date,
        progress double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
        pending_after jsonb NOT NULL DEFAULT '[]',
        cancel_requested boolean NOT NULL DEFAULT false,
        resumes integer NOT NULL DEFAULT 0,
        requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        started_at timestamptz,
        finished_at timestamptz,
        error text,
        CHECK (from_day <= to_day)
      )`);
    // Of each aggregate at most one refresh waits and at most one runs.
    for (const state of ['QUEUED', 'RUNNING']) {
      await runner.query(`
        CREATE UNIQUE INDEX aggregate_refreshes_${state.toLowerCase()}
        ON aggregate_refreshes (view_name) WHERE state = '${state}'`);
    }
    await runner.query(`
      CREATE INDEX aggregate_refreshes_view_state_finished
      ON aggregate_refreshes (view_name, state, finished_at DESC)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE aggregate_refreshes`);
  }
}
