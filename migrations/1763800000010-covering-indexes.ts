import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = {
  portfolio_metrics_30d_rolling: 'daily_return, value',
  portfolio_metrics_60d_rolling: 'daily_return, value',
  portfolio_metrics_90d_sharpe: 'daily_return',
  portfolio_metrics_1y_beta:
    'daily_return, benchmark_return, reported_beta, reported_alpha, reported_tracking_error',
};

/** How much of a table may have been inserted before it is vacuumed: such rows are looked up in it. */
const UNVACUUMED = 'autovacuum_vacuum_insert_scale_factor';
/** PostgreSQL's default. */
const UNVACUUMED_BEFORE = 0.2;

/**
 * A portfolio's daily series lies together in an index that has all its columns. The table has
 * the rows in the order in which they were refreshed, a few or one of a portfolio to a page.
 */
export class CoveringIndexes1763800000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [aggregate, columns] of Object.entries(COLUMNS)) {
      const table = await materialization(runner, aggregate);
      await runner.query(
        `CREATE INDEX ${aggregate}_series ON ${table} (portfolio_id, day DESC) INCLUDE (${columns})`,
      );
      await runner.query(`DROP INDEX ${indexOfKey(table)}`);
      await runner.query(`ALTER TABLE ${table} SET (${UNVACUUMED} = 0.005)`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const aggregate of Object.keys(COLUMNS)) {
      const table = await materialization(runner, aggregate);
      await runner.query(`ALTER TABLE ${table} SET (${UNVACUUMED} = ${UNVACUUMED_BEFORE})`);
      const [, name] = indexOfKey(table).split('.');
      await runner.query(`CREATE INDEX ${name} ON ${table} (portfolio_id, day DESC)`);
      await runner.query(`DROP INDEX _timescaledb_internal.${aggregate}_series`);
    }
  }
}

/** The hypertable that holds what is materialized. */
async function materialization(runner: QueryRunner, aggregate: string): Promise<string> {
  const [{ name }] = (await runner.query(
    `SELECT format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) AS name
    FROM timescaledb_information.continuous_aggregates
    WHERE view_schema = current_schema() AND view_name = $1`,
    [aggregate],
  )) as [{ name: string }];
  return name;
}

/** The index that TimescaleDB makes of what an aggregate is grouped by. */
function indexOfKey(table: string): string {
  return `${table}_portfolio_id_day_idx`;
}
