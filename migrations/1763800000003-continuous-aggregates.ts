import type { MigrationInterface, QueryRunner } from 'typeorm';

const RETURN = 'last(twr_1d, recorded_no) AS daily_return';
const VALUE = 'last(portfolio_value_base, recorded_no) AS value';
const BENCHMARK = `
  last(benchmark_twr_1d, recorded_no) AS benchmark_return,
  last(beta_1y, recorded_no) AS reported_beta,
  last(alpha_1y, recorded_no) AS reported_alpha,
  last(tracking_error_1y, recorded_no) AS reported_tracking_error`;

const AGGREGATES = [
  {
    name: 'portfolio_metrics_30d_rolling',
    columns: [RETURN, VALUE],
    schedule: '1 hour',
    start: '1 month',
  },
  {
    name: 'portfolio_metrics_60d_rolling',
    columns: [RETURN, VALUE],
    schedule: '6 hours',
    start: '2 months',
  },
  {
    name: 'portfolio_metrics_90d_sharpe',
    columns: [RETURN],
    schedule: '1 day',
    start: '3 months',
  },
  {
    name: 'portfolio_metrics_1y_beta',
    columns: [RETURN, BENCHMARK],
    schedule: '1 day',
    start: '1 year',
  },
];

/** Each aggregate holds the official daily series: the row of a day that was recorded last. */
export class ContinuousAggregates1763800000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { name, columns, schedule, start } of AGGREGATES) {
      await runner.query(`
        CREATE MATERIALIZED VIEW ${name}
        WITH (timescaledb.continuous, timescaledb.materialized_only = true) AS
        SELECT portfolio_id, time_bucket('1 day', asof_date) AS day, ${columns.join(', ')}
        FROM portfolio_metrics
        GROUP BY portfolio_id, time_bucket('1 day', asof_date)
        WITH NO DATA`);
      await runner.query(`
        SELECT add_continuous_aggregate_policy('${name}',
          start_offset => INTERVAL '${start}',
          end_offset => INTERVAL '1 hour',
          schedule_interval => INTERVAL '${schedule}')`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of AGGREGATES.toReversed()) {
      await runner.query(`DROP MATERIALIZED VIEW ${name}`);
    }
  }
}
