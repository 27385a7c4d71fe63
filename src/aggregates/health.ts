import type { AggregateStatus } from './aggregate-status.js';
import { AGGREGATE_NAMES, AGGREGATES } from './registry.js';
import type { AggregateName } from './registry.js';

/** From best to worst. */
export const HEALTH_STATUSES = ['HEALTHY', 'WARNING', 'DEGRADED'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** How one aggregate is: each issue and warning a sentence with the value and what to do. */
export interface AggregateHealth {
  readonly name: AggregateName;
  readonly status: HealthStatus;
  /** What makes it DEGRADED. */
  readonly issues: readonly string[];
  /** What makes it at least WARNING. */
  readonly warnings: readonly string[];
}

/** The health of one aggregate; `status` is undefined when it does not exist. */
export function healthOf(
  name: AggregateName,
  status: AggregateStatus | undefined,
): AggregateHealth {
  const { sqlName } = AGGREGATES[name];
  const issues: string[] = [];
  if (!status) {
    issues.push(`${sqlName} does not exist; run the migrations (npm run migrate).`);
  } else {
    if (status.materializedThrough === null) {
      issues.push(
        `${sqlName} was never refreshed; refresh it (npm run -s cli -- import refreshes what it wrote).`,
      );
    }
    if (!status.policyExists) {
      issues.push(
        `${sqlName} has no refresh policy; add one with add_continuous_aggregate_policy.`,
      );
    } else if (!status.policyEnabled) {
      issues.push(`The refresh policy of ${sqlName} is disabled; enable it with alter_job.`);
    }
  }
  return { name, status: issues.length > 0 ? 'DEGRADED' : 'HEALTHY', issues, warnings: [] };
}

/** The health of all aggregates, those that do not exist included. */
export function healthOfAll(statuses: readonly AggregateStatus[]): AggregateHealth[] {
  return AGGREGATE_NAMES.map((name) =>
    healthOf(
      name,
      statuses.find((status) => status.name === name),
    ),
  );
}

/** The worst of several. */
export function worstOf(healths: readonly AggregateHealth[]): HealthStatus {
  const rank = Math.max(0, ...healths.map(({ status }) => HEALTH_STATUSES.indexOf(status)));
  return HEALTH_STATUSES[rank]!;
}
