import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many runs of policies were deleted from aggregate_refreshes, so that all can be counted. */
export class PrunedPolicyRuns1763800000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pruned_policy_runs (
        view_name text PRIMARY KEY,
        successes integer NOT NULL,
        failures integer NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE pruned_policy_runs`);
  }
}
