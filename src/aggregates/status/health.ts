import { formatDay, dayOf } from '../../metrics/calendar.js';
import type { AggregateStatus, PolicyStatus } from './aggregate-status.js';
import { formatDuration } from './duration.js';
import type { Interval } from './duration.js';
import { formatRange } from '../freshness.js';
import { AGGREGATE_NAMES, AGGREGATES } from '../registry.js';
import type { AggregateName } from '../registry.js';

/** From best to worst. */
export const HEALTH_STATUSES = ['HEALTHY', 'WARNING', 'DEGRADED'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** From where on something deserves attention. */
export interface HealthThresholds {
  /** Seconds since the policy last succeeded, and the same in schedule intervals: the longer counts. */
  readonly warningLagSeconds: number;
  readonly warningLagSchedules: number;
  readonly degradedLagSeconds: number;
  readonly degradedLagSchedules: number;
  /** Failures among about the last ten runs of a policy. */
  readonly degradedFailures: number;
}

export const DEFAULT_THRESHOLDS: HealthThresholds = {
  warningLagSeconds: 6 * 3600,
  warningLagSchedules: 1.25,
  degradedLagSeconds: 24 * 3600,
  degradedLagSchedules: 2,
  degradedFailures: 3,
};

/** How one aggregate is: each issue and warning a sentence with the value and what to do. */
export interface AggregateHealth {
  readonly name: AggregateName;
  readonly status: HealthStatus;
  /** What makes it DEGRADED. */
  readonly issues: readonly string[];
  /** What makes it at least WARNING. */
  readonly warnings: readonly string[];
}

/** The health of one aggregate at a time; `status` is undefined when it does not exist. */
export function healthOf(
  name: AggregateName,
  status: AggregateStatus | undefined,
  now: Date,
  thresholds: HealthThresholds = DEFAULT_THRESHOLDS,
): AggregateHealth {
  const issues = status ? issuesOf(status, now, thresholds) : [missing(name)];
  const warnings = status ? warningsOf(status, now, thresholds) : [];
  return { name, status: verdict(issues, warnings), issues, warnings };
}

/** The health of all aggregates, those that do not exist included. */
export function healthOfAll(
  statuses: readonly AggregateStatus[],
  now: Date,
  thresholds: HealthThresholds = DEFAULT_THRESHOLDS,
): AggregateHealth[] {
  return AGGREGATE_NAMES.map((name) => {
    const status = statuses.find((candidate) => candidate.name === name);
    return healthOf(name, status, now, thresholds);
  });
}

/** The worst of several. */
export function worstOf(healths: readonly Pick<AggregateHealth, 'status'>[]): HealthStatus {
  const rank = Math.max(0, ...healths.map(({ status }) => HEALTH_STATUSES.indexOf(status)));
  return HEALTH_STATUSES[rank]!;
}

function verdict(issues: readonly string[], warnings: readonly string[]): HealthStatus {
  if (issues.length > 0) return 'DEGRADED';
  return warnings.length > 0 ? 'WARNING' : 'HEALTHY';
}

function missing(name: AggregateName): string {
  return `${AGGREGATES[name].sqlName} does not exist: run the migrations (npm run migrate).`;
}

function issuesOf(
  { name, policy, hasRows }: AggregateStatus,
  now: Date,
  thresholds: HealthThresholds,
): string[] {
  const { sqlName } = AGGREGATES[name];
  const issues: string[] = [];
  if (!hasRows)
    issues.push(`${sqlName} holds no rows: import data, or refresh it (refreshAggregate).`);
  if (!policy) {
    issues.push(`${sqlName} has no refresh policy: add one (setRefreshPolicy).`);
    return issues;
  }
  if (!policy.enabled) {
    issues.push(`The refresh policy of ${sqlName} is disabled: enable it (setRefreshPolicy).`);
  }
  if (policy.lastRunStatus === 'Failed') {
    issues.push(
      `The last run of the refresh policy of ${sqlName} failed: ${policy.lastError ?? 'no reason is known'}; mend that, then refresh it (refreshAggregate).`,
    );
  }
  if (policy.recentFailures >= thresholds.degradedFailures) {
    issues.push(
      `The refresh policy of ${sqlName} failed ${policy.recentFailures} times in about its last ten runs: ${policy.lastError ?? 'no reason is known'}; mend that, or it falls behind.`,
    );
  }
  if (lagLimit(policy, thresholds, 'degraded') < lagSeconds(policy, now)) {
    issues.push(lateness(sqlName, policy, now));
  }
  return issues;
}

function warningsOf(status: AggregateStatus, now: Date, thresholds: HealthThresholds): string[] {
  const { name, policy, pending, materializedThrough, newestSourceDay } = status;
  const { sqlName } = AGGREGATES[name];
  const warnings: string[] = [];
  if (policy?.enabled) {
    const lag = lagSeconds(policy, now);
    if (policy.totalRuns === 0) {
      warnings.push(
        `The refresh policy of ${sqlName} has not run yet: if it stays so, see whether jobs run at all.`,
      );
    } else if (
      lag > lagLimit(policy, thresholds, 'warning') &&
      lag <= lagLimit(policy, thresholds, 'degraded')
    ) {
      warnings.push(lateness(sqlName, policy, now));
    }
  }
  const unreached = pending.filter(({ coveredByPolicy }) => !coveredByPolicy);
  if (unreached.length > 0) {
    const days = unreached.map(formatRange).join(', ');
    warnings.push(
      `No policy will reach pending days of ${sqlName}: ${days}; refresh them (refreshAggregate).`,
    );
  }
  const due = Math.min(newestSourceDay ?? -Infinity, (policy?.endDay ?? Infinity) - 1);
  if (due > (materializedThrough ?? -Infinity)) {
    const holds =
      materializedThrough === null ? 'nothing' : `days to ${formatDay(materializedThrough)}`;
    warnings.push(
      `${sqlName} holds ${holds}, but its source goes on to ${formatDay(due)} and its policy should have got there: refresh it (refreshAggregate).`,
    );
  }
  if (materializedThrough !== null && materializedThrough > dayOf(now) + 1) {
    warnings.push(
      `The watermark of ${sqlName} stands at ${formatDay(materializedThrough)}, after tomorrow: look for rows with a wrong day.`,
    );
  }
  if (policy) {
    for (const [what, interval] of [
      ['schedule interval', policy.scheduleInterval],
      ['start offset', policy.startOffset],
      ['end offset', policy.endOffset],
    ] as const) {
      if (interval && mixesMonths(interval)) {
        warnings.push(
          `The ${what} of ${sqlName}, ${formatDuration(interval)}, mixes months with days: it is not of one length; use one or the other.`,
        );
      }
    }
  }
  return warnings;
}

/** Seconds since the policy last succeeded; 0 before its first run, of which another rule speaks. */
function lagSeconds({ lastSuccess, totalRuns }: PolicyStatus, now: Date): number {
  if (totalRuns === 0) return 0;
  return lastSuccess ? (now.getTime() - lastSuccess.getTime()) / 1000 : Infinity;
}

function lagLimit(
  { scheduleSeconds }: PolicyStatus,
  thresholds: HealthThresholds,
  level: 'warning' | 'degraded',
): number {
  const seconds = thresholds[`${level}LagSeconds`];
  return Math.max(seconds, thresholds[`${level}LagSchedules`] * scheduleSeconds);
}

function lateness(sqlName: string, policy: PolicyStatus, now: Date): string {
  const schedule = formatDuration(policy.scheduleInterval);
  const since = policy.lastSuccess
    ? `last succeeded ${(lagSeconds(policy, now) / 3600).toFixed(1)} hours ago`
    : 'never succeeded';
  return `The refresh policy of ${sqlName}, which runs every ${schedule}, ${since}: see whether jobs run (${policy.lastError ?? 'no error is known'}), or refresh by hand.`;
}

function mixesMonths({
  years = 0,
  months = 0,
  days = 0,
  hours = 0,
  minutes = 0,
  seconds = 0,
}: Interval): boolean {
  return years + months !== 0 && (days !== 0 || hours !== 0 || minutes !== 0 || seconds !== 0);
}
