import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = {
  portfolio_metrics_30d_rolling: 'daily_return, value',
  portfolio_metrics_60d_rolling: 'daily_return, value',
  portfolio_metrics_90d_sharpe: 'daily_return',
  portfolio_metrics_1y_beta:
    'daily_return, benchmark_return, reported_beta, reported_alpha, reported_tracking_error',
};
const AGGREGATES = Object.keys(COLUMNS);
const KEY = '(portfolio_id, day DESC)';

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
      const { table } = await materialization(runner, aggregate);
      // By the aggregate's name: of its table's schema nobody but TimescaleDB may create anything.
      await runner.query(
        `CREATE INDEX ${table}_series_idx ON ${aggregate} ${KEY} INCLUDE (${columns})`,
      );
    }
    // Last, because from then on nobody can read.
    for (const aggregate of AGGREGATES) {
      const { schema, table } = await materialization(runner, aggregate);
      for (const name of await indexesOfKey(runner, `${schema}.${table}`)) {
        await runner.query(`DROP INDEX ${name}`);
      }
      await runner.query(`ALTER TABLE ${schema}.${table} SET (${UNVACUUMED} = 0.005)`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const aggregate of AGGREGATES) {
      const { table } = await materialization(runner, aggregate);
      await runner.query(`CREATE INDEX ${table}_portfolio_id_day_idx ON ${aggregate} ${KEY}`);
    }
    for (const aggregate of AGGREGATES) {
      const { schema, table } = await materialization(runner, aggregate);
      await runner.query(`DROP INDEX ${schema}.${table}_series_idx`);
      await runner.query(
        `ALTER TABLE ${schema}.${table} SET (${UNVACUUMED} = ${UNVACUUMED_BEFORE})`,
      );
    }
  }
}

/** The hypertable that holds what is materialized. */
async function materialization(
  runner: QueryRunner,
  aggregate: string,
): Promise<{ schema: string; table: string }> {
  const [found] = (await runner.query(
    `SELECT materialization_hypertable_schema AS schema, materialization_hypertable_name AS table
    FROM timescaledb_information.continuous_aggregates
    WHERE view_schema = current_schema() AND view_name = $1`,
    [aggregate],
  )) as [{ schema: string; table: string }];
  return found;
}

/** The indexes of the key alone: the one that TimescaleDB makes of what an aggregate is grouped by. */
async function indexesOfKey(runner: QueryRunner, table: string): Promise<string[]> {
  const rows = (await runner.query(
    `SELECT indexrelid::regclass::text AS name FROM pg_index
    WHERE indrelid = $1::regclass AND indnatts = 2
      AND pg_get_indexdef(indexrelid) LIKE '%${KEY}'`,
    [table],
  )) as { name: string }[];
  return rows.map(({ name }) => name);
}
