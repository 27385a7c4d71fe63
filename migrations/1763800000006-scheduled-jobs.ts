import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When this software last ran each of TimescaleDB's jobs, on the engine that cannot run them itself. */
export class ScheduledJobs1763800000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE scheduled_jobs (
        job_id integer PRIMARY KEY,
        last_started_at timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE scheduled_jobs`);
  }
}
