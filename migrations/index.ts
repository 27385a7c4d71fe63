import { Portfolios1763800000001 } from './1763800000001-portfolios.js';
import { PortfolioMetrics1763800000002 } from './1763800000002-portfolio-metrics.js';
import { ContinuousAggregates1763800000003 } from './1763800000003-continuous-aggregates.js';
import { AggregateRefreshes1763800000004 } from './1763800000004-aggregate-refreshes.js';
import { MetricWrites1763800000005 } from './1763800000005-metric-writes.js';
import { ScheduledJobs1763800000006 } from './1763800000006-scheduled-jobs.js';
import { ApiKeys1763800000007 } from './1763800000007-api-keys.js';
import { Tenants1763800000008 } from './1763800000008-tenants.js';
import { PortfolioWrites1763800000009 } from './1763800000009-portfolio-writes.js';
import { CoveringIndexes1763800000010 } from './1763800000010-covering-indexes.js';
import { MetricChanges1763800000011 } from './1763800000011-metric-changes.js';
import { RecordedRows1763800000012 } from './1763800000012-recorded-rows.js';
import { ChunkIntervals1763800000013 } from './1763800000013-chunk-intervals.js';
import { PrunedPolicyRuns1763800000015 } from './1763800000015-pruned-policy-runs.js';
import { DaysWithRows1763800000016 } from './1763800000016-days-with-rows.js';
import { CodesAndPeriods1763800000017 } from './1763800000017-codes-and-periods.js';
import { DatabaseIdentity1763800000020 } from './1763800000020-database-identity.js';

/** What TypeORM runs, in the order of the timestamps in the names. */
export const MIGRATIONS = [
  Portfolios1763800000001,
  PortfolioMetrics1763800000002,
  ContinuousAggregates1763800000003,
  AggregateRefreshes1763800000004,
  MetricWrites1763800000005,
  ScheduledJobs1763800000006,
  ApiKeys1763800000007,
  Tenants1763800000008,
  PortfolioWrites1763800000009,
  CoveringIndexes1763800000010,
  MetricChanges1763800000011,
  RecordedRows1763800000012,
  ChunkIntervals1763800000013,
  PrunedPolicyRuns1763800000015,
  DaysWithRows1763800000016,
  CodesAndPeriods1763800000017,
  DatabaseIdentity1763800000020,
];
