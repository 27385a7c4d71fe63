import { GraphQLISO8601Duration } from 'graphql-scalars';
import { Arg, Ctx, Field, InputType, Mutation, Query, Resolver } from 'type-graphql';
import { Allow } from '../../access/allow.js';
import type { Caller } from '../../access/caller.js';
import type { Database } from '../../database/database.js';
import { AggregateNameEnum } from '../graphql-types.js';
import { setRefreshPolicy } from '../refresh/refresh-policy.js';
import type { AggregateName } from '../registry.js';
import { readAggregatePerformance } from './aggregate-performance.js';
import { readAggregateStatuses } from './aggregate-status.js';
import { freshnessReport } from './freshness-report.js';
import type { HealthThresholds } from './health.js';
import type { PeriodsCheck } from './periods-check.js';
import type { PolicyRunner } from './policy-runs.js';
import { readHealth } from './read-health.js';
import {
  AggregateHealthType,
  AggregatePerformanceType,
  AggregateStatusType,
  Health,
} from './status-types.js';

/** What the resolvers of status and health take from a request's context. */
export interface StatusContext {
  readonly database: Database;
  readonly now: () => Date;
  readonly policyRunner: PolicyRunner;
  readonly thresholds: HealthThresholds;
  readonly periodsCheck: PeriodsCheck;
  readonly caller: Pick<Caller, 'tenant'>;
}

const VIEW_NAME = { nullable: true, description: 'Only this one.' };

@InputType({ description: 'Changes to a refresh policy: what is absent stays as it is.' })
export class RefreshPolicyInput {
  @Field(() => Boolean, { nullable: true, description: 'Whether it is scheduled.' })
  enabled?: boolean | null;

  @Field(() => GraphQLISO8601Duration, { nullable: true, description: 'How often it runs.' })
  scheduleInterval?: string | null;

  @Field(() => GraphQLISO8601Duration, {
    nullable: true,
    description: 'How far back before a run its days begin; null: from the oldest day.',
  })
  startOffset?: string | null;

  @Field(() => GraphQLISO8601Duration, {
    nullable: true,
    description: 'How long before a run its days end; null: to the newest day.',
  })
  endOffset?: string | null;
}

interface SetRefreshPolicyArguments {
  readonly viewName: AggregateName;
  readonly input: RefreshPolicyInput;
}

@Resolver()
export class StatusResolver {
  @Allow('reader')
  @Query(() => [AggregateStatusType], {
    description:
      'What the database knows of the continuous aggregates: how fresh, how large, what is pending.',
  })
  async aggregateStatus(
    @Arg('viewName', () => AggregateNameEnum, VIEW_NAME) viewName: AggregateName | null,
    @Ctx() { database, policyRunner, now, thresholds }: StatusContext,
  ): Promise<AggregateStatusType[]> {
    const statuses = await readAggregateStatuses(
      database,
      policyRunner,
      viewName ? [viewName] : undefined,
    );
    return statuses.map((status) => new AggregateStatusType(status, now(), thresholds));
  }

  @Allow('reader')
  @Query(() => [AggregatePerformanceType], {
    description: 'How the continuous aggregates are used and how their policies run.',
  })
  async aggregatePerformance(
    @Arg('viewName', () => AggregateNameEnum, VIEW_NAME) viewName: AggregateName | null,
    @Ctx() { database, policyRunner }: StatusContext,
  ): Promise<AggregatePerformanceType[]> {
    const all = await readAggregatePerformance(
      database,
      policyRunner,
      viewName ? [viewName] : undefined,
    );
    return all.map((performance) => new AggregatePerformanceType(performance));
  }

  @Allow('reader')
  @Query(() => Health, {
    description: 'Whether the numbers can be relied on now, and if not, why.',
  })
  async health(
    @Ctx()
    { database, policyRunner, now, thresholds, periodsCheck, caller }: StatusContext,
  ): Promise<Health> {
    const { status, issues, warnings, aggregates } = await readHealth(
      database,
      policyRunner,
      now(),
      thresholds,
      () => periodsCheck.warnings(database, caller.tenant),
    );
    const types = aggregates.map((health) => new AggregateHealthType(health));
    return { status, checkedAt: now(), issues, warnings, aggregates: types };
  }

  @Allow('reader')
  @Query(() => String, { description: 'How fresh the aggregates are, as a text to read.' })
  async freshnessReport(
    @Ctx() { database, policyRunner, now, thresholds }: StatusContext,
  ): Promise<string> {
    return freshnessReport(await readAggregateStatuses(database, policyRunner), now(), thresholds);
  }

  @Allow(
    'operator',
    ({ viewName, input }: SetRefreshPolicyArguments) => ({ viewName, policy: input }),
    { everyTenant: true },
  )
  @Mutation(() => AggregateStatusType, {
    description:
      'Changes the refresh policy of an aggregate, making one where there is none; for callers with all tenants. BAD_USER_INPUT with the reason where TimescaleDB would refuse it.',
  })
  async setRefreshPolicy(
    @Arg('viewName', () => AggregateNameEnum, { description: 'The aggregate.' })
    viewName: AggregateName,
    @Arg('input', () => RefreshPolicyInput, { description: 'What is to change.' })
    input: RefreshPolicyInput,
    @Ctx() { database, policyRunner, now, thresholds }: StatusContext,
  ): Promise<AggregateStatusType> {
    const { enabled, scheduleInterval, startOffset, endOffset } = input;
    await setRefreshPolicy(database, viewName, {
      ...(typeof enabled === 'boolean' ? { enabled } : {}),
      ...(typeof scheduleInterval === 'string' ? { scheduleInterval } : {}),
      ...(startOffset === undefined ? {} : { startOffset }),
      ...(endOffset === undefined ? {} : { endOffset }),
    });
    // The policy is changed: the response says so, however long it took.
    const [status] = await readAggregateStatuses(database.withSignal(undefined), policyRunner, [
      viewName,
    ]);
    return new AggregateStatusType(status!, now(), thresholds);
  }
}
