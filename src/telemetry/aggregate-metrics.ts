import { Counter, Gauge, type Registry } from 'prom-client';
import { countDays } from '../aggregates/day-ranges.js';
import { AGGREGATES, type AggregateName } from '../aggregates/registry.js';
import type { AggregateStatus } from '../aggregates/status/aggregate-status.js';
import {
  HEALTH_STATUSES,
  serviceHealth,
  type HealthThresholds,
} from '../aggregates/status/health.js';

const DAY_SECONDS = 86_400;

export interface AggregateMetrics {
  /** Replaces the metrics with what the database reports of the aggregates. */
  set(statuses: readonly AggregateStatus[], now: Date, thresholds: HealthThresholds): void;
  /** Removes all metrics: no number is better than an old one. */
  clear(): void;
}

/** How the continuous aggregates are. */
export function createAggregateMetrics(registry: Registry): AggregateMetrics {
  const common = { labelNames: ['aggregate'] as const, registers: [registry] };
  const lag = new Gauge({
    ...common,
    name: 'rolling_metrics_aggregate_refresh_lag_seconds',
    help: 'Seconds since the last successful refresh, by a policy or by hand; absent before the first.',
  });
  const rows = new Gauge({
    ...common,
    name: 'rolling_metrics_aggregate_rows',
    help: 'Rows the aggregate holds, as the statistics of the database estimate them.',
  });
  const bytes = new Gauge({
    ...common,
    name: 'rolling_metrics_aggregate_size_bytes',
    help: 'Bytes on disk, indexes included.',
  });
  const pendingDays = new Gauge({
    ...common,
    labelNames: ['aggregate', 'covered_by_policy'],
    name: 'rolling_metrics_aggregate_pending_days',
    help: 'Days that changed since they were materialized, or never were; covered_by_policy: whether a later scheduled run takes them.',
  });
  const health = new Gauge({
    ...common,
    name: 'rolling_metrics_aggregate_health',
    help: '0 healthy, 1 warning, 2 degraded.',
  });
  const schedule = new Gauge({
    ...common,
    name: 'rolling_metrics_aggregate_policy_schedule_seconds',
    help: 'Seconds between two runs of the refresh policy; absent without one.',
  });
  const policyLag = new Gauge({
    ...common,
    name: 'rolling_metrics_aggregate_policy_lag_seconds',
    help: 'Seconds since the refresh policy last succeeded; absent before the first time.',
  });
  const runs = new Counter({
    ...common,
    name: 'rolling_metrics_aggregate_policy_runs_total',
    help: 'Runs of the refresh policy, as the database counts them.',
  });
  const failures = new Counter({
    ...common,
    name: 'rolling_metrics_aggregate_policy_failures_total',
    help: 'Runs of the refresh policy that failed, as the database counts them.',
  });

  const newestSourceDay = new Gauge({
    registers: [registry],
    name: 'rolling_metrics_source_newest_day_timestamp_seconds',
    help: 'When the newest day with a row in portfolio_metrics begins in UTC, in seconds since 1970; absent without rows.',
  });

  const all = [
    lag,
    rows,
    bytes,
    pendingDays,
    health,
    schedule,
    policyLag,
    runs,
    failures,
    newestSourceDay,
  ];
  const clear = (): void => {
    for (const metric of all) metric.reset();
  };
  return {
    clear,
    set(statuses, now, thresholds) {
      clear();
      const newest = statuses[0]?.newestSourceDay ?? null;
      if (newest !== null) newestSourceDay.set(newest * DAY_SECONDS);
      for (const status of statuses) {
        const { policy } = status;
        const labels = labelsOf(status.name);
        setSecondsSince(lag, labels, status.lastRefresh, now);
        rows.set(labels, status.totalRows);
        bytes.set(labels, status.sizeBytes);
        for (const covered of [true, false]) {
          pendingDays.set(
            { ...labels, covered_by_policy: String(covered) },
            daysPending(status, covered),
          );
        }
        if (!policy) continue;
        schedule.set(labels, policy.scheduleSeconds);
        setSecondsSince(policyLag, labels, policy.lastSuccess, now);
        runs.inc(labels, policy.totalRuns);
        failures.inc(labels, policy.totalFailures);
      }
      // Also of aggregates that do not exist.
      for (const { name, status } of serviceHealth(statuses, now, thresholds).aggregates) {
        health.set(labelsOf(name), HEALTH_STATUSES.indexOf(status));
      }
    },
  };
}

interface Labels {
  readonly aggregate: string;
}

/** The aggregate by its name in the database, which is what operators know. */
function labelsOf(name: AggregateName): Labels {
  return { aggregate: AGGREGATES[name].sqlName };
}

function setSecondsSince(
  gauge: Gauge<'aggregate'>,
  labels: Labels,
  instant: Date | null,
  now: Date,
): void {
  if (instant) gauge.set({ ...labels }, (now.getTime() - instant.getTime()) / 1000);
}

function daysPending({ pending }: AggregateStatus, covered: boolean): number {
  return countDays(pending.filter(({ coveredByPolicy }) => coveredByPolicy === covered));
}
