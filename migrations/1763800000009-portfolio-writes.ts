import type { MigrationInterface, QueryRunner } from 'typeorm';
import { countWrites, stopCountingWrites } from './count-writes.js';

const COUNT = ['portfolios', 'portfolio_writes', 'count_portfolio_write'] as const;

export class PortfolioWrites1763800000009 implements MigrationInterface {
  up(runner: QueryRunner): Promise<void> {
    return countWrites(runner, ...COUNT);
  }

  down(runner: QueryRunner): Promise<void> {
    return stopCountingWrites(runner, ...COUNT);
  }
}
