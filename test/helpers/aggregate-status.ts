import type {
  AggregateStatus,
  PolicyStatus,
} from '../../src/aggregates/status/aggregate-status.js';
import { toDay } from '../../src/metrics/calendar.js';

/** The instant at which healthyStatus is healthy. */
export const NOW = new Date('2024-06-15T12:00:00Z');

export function hoursBefore(hours: number, now: Date = NOW): Date {
  return new Date(now.getTime() - hours * 3_600_000);
}

/** An hourly policy that ran half an hour ago, changed as the test wants. */
export function healthyPolicy(changes: Partial<PolicyStatus> = {}): PolicyStatus {
  return {
    runner: 'database',
    enabled: true,
    scheduleInterval: { hours: 1 },
    scheduleSeconds: 3600,
    startOffset: { months: 1 },
    endOffset: { hours: 1 },
    endDay: toDay('2024-06-15'),
    nextRun: hoursBefore(-0.5),
    lastSuccess: hoursBefore(0.5),
    lastDurationSeconds: 2,
    lastRunStatus: 'Success',
    lastError: null,
    totalRuns: 50,
    totalSuccesses: 50,
    totalFailures: 0,
    recentFailures: 0,
    ...changes,
  };
}

/** An aggregate with which nothing is wrong at NOW, changed as the test wants. */
export function healthyStatus(changes: Partial<AggregateStatus> = {}): AggregateStatus {
  return {
    name: 'PORTFOLIO_METRICS_30D_ROLLING',
    materializationHypertable: '_timescaledb_internal._materialized_hypertable_3',
    materializedThrough: toDay('2024-06-14'),
    lastRefresh: hoursBefore(0.5),
    pending: [],
    missing: [],
    isUnnoted: false,
    withoutSource: [],
    policy: healthyPolicy(),
    hasRows: true,
    totalRows: 1000,
    sizeBytes: 100_000,
    newestSourceDay: toDay('2024-06-14'),
    isSample: false,
    ...changes,
  };
}
