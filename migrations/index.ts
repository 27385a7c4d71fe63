import { AggregateRefreshes1763800000004 } from './1763800000004-aggregate-refreshes.js';
import { ContinuousAggregates1763800000003 } from './1763800000003-continuous-aggregates.js';
import { PortfolioMetrics1763800000002 } from './1763800000002-portfolio-metrics.js';
import { Portfolios1763800000001 } from './1763800000001-portfolios.js';

/** What TypeORM runs, in the order of the timestamps in the names. */
export const MIGRATIONS = [
  Portfolios1763800000001,
  PortfolioMetrics1763800000002,
  ContinuousAggregates1763800000003,
  AggregateRefreshes1763800000004,
];
