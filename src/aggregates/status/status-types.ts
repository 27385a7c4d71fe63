import { GraphQLISO8601Duration } from 'graphql-scalars';
import { Field, Float, GraphQLISODateTime, Int, ObjectType, registerEnumType } from 'type-graphql';
import { formatDay, type DayNumber } from '../../metrics/calendar.js';
import { LocalDate } from '../../scalars.js';
import type { PendingRange } from '../aggregate-state.js';
import { AggregateNameEnum, enumOf } from '../graphql-types.js';
import { AGGREGATES, type AggregateName } from '../registry.js';
import type { AggregatePerformance } from './aggregate-performance.js';
import type { AggregateStatus } from './aggregate-status.js';
import { formatDuration, type Interval } from './duration.js';
import {
  HEALTH_STATUSES,
  healthOf,
  type AggregateHealth,
  type HealthStatus,
  type HealthThresholds,
} from './health.js';

const HealthStatusEnum = enumOf(HEALTH_STATUSES);
registerEnumType(HealthStatusEnum, {
  name: 'HealthStatus',
  description: 'How something is, from best to worst.',
  valuesConfig: {
    HEALTHY: { description: 'Nothing to do.' },
    WARNING: { description: 'Look at it soon.' },
    DEGRADED: { description: 'Numbers are missing or may be old: act now.' },
  },
});

@ObjectType('PendingInvalidation', {
  description:
    'Days that changed since they were last materialized, or hold source rows and never were.',
  simpleResolvers: true,
})
export class PendingInvalidationType {
  @Field(() => LocalDate, { description: 'First day, inclusive.' })
  readonly from: string;

  @Field(() => LocalDate, { description: 'Last day, inclusive.' })
  readonly to: string;

  @Field(() => Boolean, {
    description:
      'True when some later scheduled run will include the range; false when only a manual refresh will, or the policy is disabled.',
  })
  readonly coveredByPolicy: boolean;

  constructor({ from, to, coveredByPolicy }: PendingRange) {
    this.from = formatDay(from);
    this.to = formatDay(to);
    this.coveredByPolicy = coveredByPolicy;
  }
}

@ObjectType('AggregateHealth', {
  description: 'How one continuous aggregate is.',
  simpleResolvers: true,
})
export class AggregateHealthType {
  @Field(() => AggregateNameEnum, { description: 'The aggregate.' })
  readonly viewName: AggregateName;

  @Field(() => HealthStatusEnum, { description: 'The worst of what follows.' })
  readonly status: HealthStatus;

  @Field(() => [String], {
    description: 'Why it is DEGRADED: sentences with the value and what to do.',
  })
  readonly issues: readonly string[];

  @Field(() => [String], {
    description: 'Why it deserves a look: sentences with the value and what to do.',
  })
  readonly warnings: readonly string[];

  constructor({ name, status, issues, warnings }: AggregateHealth) {
    this.viewName = name;
    this.status = status;
    this.issues = issues;
    this.warnings = warnings;
  }
}

@ObjectType({ description: 'How the whole service is.', simpleResolvers: true })
export class Health {
  @Field(() => HealthStatusEnum, {
    description: 'The worst of all aggregates, and of what their source has.',
  })
  status!: HealthStatus;

  @Field(() => GraphQLISODateTime, { description: 'When this was looked at.' })
  checkedAt!: Date;

  @Field(() => [String], {
    description: 'The issues of all aggregates; what is true of several is said once.',
  })
  issues!: readonly string[];

  @Field(() => [String], {
    description:
      'The warnings of all aggregates, what is true of several once, and of a source that gets no new days.',
  })
  warnings!: readonly string[];

  @Field(() => [AggregateHealthType], {
    description: 'Each aggregate, also one that does not exist.',
  })
  aggregates!: AggregateHealthType[];
}

@ObjectType('AggregateStatus', {
  description: 'What the database knows of one continuous aggregate and its refresh policy.',
  simpleResolvers: true,
})
export class AggregateStatusType {
  @Field(() => AggregateNameEnum, { description: 'The aggregate.' })
  readonly viewName: AggregateName;

  @Field(() => String, { description: 'Its name in the database: portfolio_metrics_30d_rolling.' })
  readonly sqlName: string;

  @Field(() => String, { description: 'The hypertable that holds what is materialized.' })
  readonly materializationHypertable: string;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When a refresh last succeeded, by a policy or by hand; null when none has.',
  })
  readonly lastRefresh: Date | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Seconds since lastRefresh; null when there is none.',
  })
  readonly refreshLagSeconds: number | null;

  @Field(() => Boolean, { description: 'Whether it has a refresh policy that is scheduled.' })
  readonly refreshPolicyEnabled: boolean;

  @Field(() => GraphQLISO8601Duration, {
    nullable: true,
    description: 'How often the policy runs; null without a policy.',
  })
  readonly scheduleInterval: string | null;

  @Field(() => GraphQLISO8601Duration, {
    nullable: true,
    description:
      'How far back before a run its days begin; null: from the oldest day, or without a policy.',
  })
  readonly startOffset: string | null;

  @Field(() => GraphQLISO8601Duration, {
    nullable: true,
    description:
      'How long before a run its days end; null: to the newest day, or without a policy.',
  })
  readonly endOffset: string | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When the policy runs next; null when not known.',
  })
  readonly nextRefresh: Date | null;

  @Field(() => String, {
    nullable: true,
    description: "How the policy's last run ended: Success or Failed; null before the first.",
  })
  readonly lastRunStatus: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The policy's last error; null when there was none.",
  })
  readonly lastError: string | null;

  @Field(() => Int, { description: 'Runs of the policy.' })
  readonly totalRuns: number;

  @Field(() => Int, { description: 'Runs of the policy that failed.' })
  readonly totalFailures: number;

  @Field(() => Float, {
    description: 'Rows it holds, as the statistics of the database estimate them.',
  })
  readonly totalRows: number;

  @Field(() => Float, { description: 'Bytes on disk, indexes included.' })
  readonly sizeBytes: number;

  @Field(() => LocalDate, {
    nullable: true,
    description: "The watermark's last day; null before the first refresh.",
  })
  readonly materializedThrough: string | null;

  @Field(() => LocalDate, {
    nullable: true,
    description: 'Last day with a row in portfolio_metrics; null when it is empty.',
  })
  readonly newestSourceDay: string | null;

  @Field(() => [PendingInvalidationType], {
    description:
      'Days that changed since they were last materialized, or hold source rows and never were: inclusive ranges, merged, in order, split where coveredByPolicy changes.',
  })
  readonly pendingInvalidations: readonly PendingInvalidationType[];

  @Field(() => AggregateHealthType, { description: 'What is wrong with it, if anything.' })
  readonly health: AggregateHealthType;

  constructor(status: AggregateStatus, now: Date, thresholds: HealthThresholds) {
    const { policy, lastRefresh } = status;
    const duration = (interval: Interval | null | undefined): string | null =>
      interval ? formatDuration(interval) : null;
    const day = (number: DayNumber | null): string | null =>
      number === null ? null : formatDay(number);
    this.viewName = status.name;
    this.sqlName = AGGREGATES[status.name].sqlName;
    this.materializationHypertable = status.materializationHypertable;
    this.lastRefresh = lastRefresh;
    this.refreshLagSeconds = lastRefresh && (now.getTime() - lastRefresh.getTime()) / 1000;
    this.refreshPolicyEnabled = policy?.enabled ?? false;
    this.scheduleInterval = duration(policy?.scheduleInterval);
    this.startOffset = duration(policy?.startOffset);
    this.endOffset = duration(policy?.endOffset);
    this.nextRefresh = policy?.nextRun ?? null;
    this.lastRunStatus = policy?.lastRunStatus ?? null;
    this.lastError = policy?.lastError ?? null;
    this.totalRuns = policy?.totalRuns ?? 0;
    this.totalFailures = policy?.totalFailures ?? 0;
    this.totalRows = status.totalRows;
    this.sizeBytes = status.sizeBytes;
    this.materializedThrough = day(status.materializedThrough);
    this.newestSourceDay = day(status.newestSourceDay);
    this.pendingInvalidations = status.pending.map((range) => new PendingInvalidationType(range));
    this.health = new AggregateHealthType(healthOf(status.name, status, now, thresholds));
  }
}

@ObjectType('AggregatePerformance', {
  description:
    'How the materialization of an aggregate is used, summed over its chunks, and how its policy runs.',
  simpleResolvers: true,
})
export class AggregatePerformanceType {
  @Field(() => AggregateNameEnum, { description: 'The aggregate.' })
  readonly viewName: AggregateName;

  @Field(() => Float, { description: 'Sequential scans since the statistics began.' })
  readonly sequentialScans: number;

  @Field(() => Float, { description: 'Index scans since the statistics began.' })
  readonly indexScans: number;

  @Field(() => Float, { description: 'Live rows, estimated.' })
  readonly liveRows: number;

  @Field(() => Float, { description: 'Dead rows that wait for a vacuum, estimated.' })
  readonly deadRows: number;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When a chunk was last analyzed; null when none was.',
  })
  readonly lastAnalyze: Date | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When a chunk was last vacuumed; null when none was.',
  })
  readonly lastVacuum: Date | null;

  @Field(() => Float, {
    nullable: true,
    description: "Seconds the policy's last run took; null before the first.",
  })
  readonly lastRunDurationSeconds: number | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When the policy last succeeded; null when it never has.',
  })
  readonly lastSuccessfulFinish: Date | null;

  @Field(() => Int, { description: 'Runs of the policy.' })
  readonly totalRuns: number;

  @Field(() => Int, { description: 'Runs of the policy that succeeded.' })
  readonly totalSuccesses: number;

  @Field(() => Int, { description: 'Runs of the policy that failed.' })
  readonly totalFailures: number;

  constructor({ name, ...performance }: AggregatePerformance) {
    this.viewName = name;
    this.sequentialScans = performance.sequentialScans;
    this.indexScans = performance.indexScans;
    this.liveRows = performance.liveRows;
    this.deadRows = performance.deadRows;
    this.lastAnalyze = performance.lastAnalyze;
    this.lastVacuum = performance.lastVacuum;
    this.lastRunDurationSeconds = performance.lastRunDurationSeconds;
    this.lastSuccessfulFinish = performance.lastSuccessfulFinish;
    this.totalRuns = performance.totalRuns;
    this.totalSuccesses = performance.totalSuccesses;
    this.totalFailures = performance.totalFailures;
  }
}
