import type { MigrationInterface, QueryRunner } from 'typeorm';

const AGGREGATES = [
  'portfolio_metrics_30d_rolling',
  'portfolio_metrics_60d_rolling',
  'portfolio_metrics_90d_sharpe',
  'portfolio_metrics_1y_beta',
];

/**
 * How many days a chunk of a materialization holds: three times as many as TimescaleDB gives it by
 * itself, so that chunks end where older ones end. Nine reach from 1900 to 2029.
 */
const DAYS = 5400;
const DAYS_BEFORE = 1800;

/**
 * A read of a portfolio looks into every chunk of an aggregate. New chunks are longer; those that
 * are there stay. Nothing is locked but rows of TimescaleDB's catalog.
 */
export class ChunkIntervals1763800000013 implements MigrationInterface {
  up(runner: QueryRunner): Promise<void> {
    return setIntervals(runner, DAYS);
  }

  down(runner: QueryRunner): Promise<void> {
    return setIntervals(runner, DAYS_BEFORE);
  }
}

async function setIntervals(runner: QueryRunner, days: number): Promise<void> {
  for (const aggregate of AGGREGATES) {
    await runner.query(`SELECT set_chunk_time_interval('${aggregate}', INTERVAL '${days} days')`);
  }
}
