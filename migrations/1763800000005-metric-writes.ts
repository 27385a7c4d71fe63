import type { MigrationInterface, QueryRunner } from 'typeorm';
import { countWrites, stopCountingWrites } from './count-writes.js';

const COUNT = ['portfolio_metrics', 'metric_writes', 'count_metric_write'] as const;

export class MetricWrites1763800000005 implements MigrationInterface {
  up(runner: QueryRunner): Promise<void> {
    return countWrites(runner, ...COUNT);
  }

  down(runner: QueryRunner): Promise<void> {
    return stopCountingWrites(runner, ...COUNT);
  }
}
