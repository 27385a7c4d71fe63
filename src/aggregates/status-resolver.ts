import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Database } from '../database/database.js';
import { readAggregateStatuses } from './aggregate-status.js';
import { AggregateNameEnum } from './graphql-types.js';
import { healthOfAll, worstOf } from './health.js';
import type { AggregateName } from './registry.js';
import { AggregateHealthType, AggregateStatusType, Health } from './status-types.js';

/** What the resolvers of status and health take from a request's context. */
export interface StatusContext {
  readonly database: Database;
  readonly now: () => Date;
}

@Resolver()
export class StatusResolver {
  @Query(() => [AggregateStatusType], {
    description:
      'What the database knows of the continuous aggregates: how fresh, how large, what is pending.',
  })
  async aggregateStatus(
    @Arg('viewName', () => AggregateNameEnum, { nullable: true, description: 'Only this one.' })
    viewName: AggregateName | null,
    @Ctx() { database, now }: StatusContext,
  ): Promise<AggregateStatusType[]> {
    const statuses = await readAggregateStatuses(database, viewName ? [viewName] : undefined);
    return statuses.map((status) => new AggregateStatusType(status, now()));
  }

  @Query(() => Health, {
    description: 'Whether the numbers can be relied on now, and if not, why.',
  })
  async health(@Ctx() { database, now }: StatusContext): Promise<Health> {
    const healths = healthOfAll(await readAggregateStatuses(database));
    return {
      status: worstOf(healths),
      checkedAt: now(),
      issues: healths.flatMap(({ issues }) => issues),
      warnings: healths.flatMap(({ warnings }) => warnings),
      aggregates: healths.map((health) => new AggregateHealthType(health)),
    };
  }
}
