import { Arg, Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { AggregateRefreshType } from '../aggregates/refresh/refresh-types.js';
import type { PortfolioContext } from '../portfolios/portfolio-resolver.js';
import { LocalDate, UUID } from '../scalars.js';
import { deleteDays, deletePortfolios, type DeletedRows } from './delete-rows.js';
import type { IngestContext } from './ingest-resolver.js';
import type { DaysOfPortfolio } from './price-returns.js';
import { refreshWritten } from './refresh-written.js';

const REFRESH = {
  defaultValue: true,
  description: 'Whether to refresh the aggregates over the days of the rows and wait for it.',
};
const DRY_RUN = {
  defaultValue: false,
  description: 'Whether to change nothing, and only say what would be deleted.',
};

@ObjectType({ description: 'What was deleted.', simpleResolvers: true })
export class DeleteResult {
  @Field(() => Int, { description: 'Rows that are deleted, those of all pricing packs.' })
  deleted!: number;

  @Field(() => LocalDate, {
    nullable: true,
    description:
      'First day of those rows, and of rows after them whose returns were computed again; null without any.',
  })
  from!: string | null;

  @Field(() => LocalDate, {
    nullable: true,
    description:
      'Last day of those rows, and of rows after them whose returns were computed again; null without any.',
  })
  to!: string | null;

  @Field(() => [AggregateRefreshType], {
    description:
      'The refreshes over those days, also failed ones: the rows are deleted all the same. Empty for a dry run.',
  })
  refreshes!: AggregateRefreshType[];
}

/** What the audit records of a deletion. */
function counted(result: DeletedRows | undefined): object {
  return result ? { deleted: result.deleted } : {};
}

@Resolver()
export class DeleteResolver {
  @Allow(
    'writer',
    ({ id, dryRun }: { id: string; dryRun: boolean }, result: DeletedRows | undefined) => ({
      portfolio: id,
      dryRun,
      ...counted(result),
    }),
  )
  @Mutation(() => DeleteResult, {
    description:
      'Deletes a portfolio with all its rows, all or nothing, then refreshes the aggregates over the days it had. BAD_USER_INPUT where there is no such portfolio.',
  })
  async deletePortfolio(
    @Arg('id', () => UUID, { description: 'The portfolio.' }) id: string,
    @Arg('refresh', () => Boolean, REFRESH) refresh: boolean,
    @Arg('dryRun', () => Boolean, DRY_RUN) dryRun: boolean,
    @Ctx() context: IngestContext & PortfolioContext,
  ): Promise<DeleteResult> {
    const { database, caller, portfolios } = context;
    const rows = await deletePortfolios(database, [id], { tenant: caller.tenant, dryRun });
    if (!dryRun) portfolios.byId.clear(id);
    return { ...rows, refreshes: await refreshWritten(context, rows, refresh && !dryRun) };
  }

  @Allow(
    'writer',
    (
      { portfolioId, from, to, pricingPackId, dryRun }: DaysOfPortfolio & { dryRun: boolean },
      result: DeletedRows | undefined,
    ) => ({ portfolio: portfolioId, from, to, pricingPackId, dryRun, ...counted(result) }),
  )
  @Mutation(() => DeleteResult, {
    description:
      'Deletes the rows of inclusive days, all or nothing, then refreshes the aggregates over the days of those rows. Returns after them that were computed from prices are computed from the prices that are left. Where a day keeps rows of other pricing packs, the one sent last is its official one. BAD_USER_INPUT where there is no such portfolio, or where the returns of both follow their prices and the return of that one was computed from a price that was replaced since.',
  })
  async deleteDailyMetrics(
    @Arg('portfolioId', () => UUID, { description: 'The portfolio.' }) portfolioId: string,
    @Arg('from', () => LocalDate, { description: 'First day, inclusive.' }) from: string,
    @Arg('to', () => LocalDate, { description: 'Last day, inclusive.' }) to: string,
    @Arg('pricingPackId', () => String, {
      nullable: true,
      description: 'Only rows of this pricing pack; those of all unless given.',
    })
    pricingPackId: string | null,
    @Arg('refresh', () => Boolean, REFRESH) refresh: boolean,
    @Arg('dryRun', () => Boolean, DRY_RUN) dryRun: boolean,
    @Ctx() context: IngestContext & PortfolioContext,
  ): Promise<DeleteResult> {
    const { database, caller } = context;
    const rows = await deleteDays(
      database,
      { portfolioId, from, to, pricingPackId: pricingPackId ?? null },
      { tenant: caller.tenant, dryRun },
    );
    return { ...rows, refreshes: await refreshWritten(context, rows, refresh && !dryRun) };
  }
}
