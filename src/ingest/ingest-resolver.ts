import {
  Arg,
  Ctx,
  Field,
  Float,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
} from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { Caller } from '../access/caller.js';
import type { RefreshContext } from '../aggregates/refresh/refresh-resolver.js';
import { AggregateRefreshType } from '../aggregates/refresh/refresh-types.js';
import type { Database } from '../database/database.js';
import { dayOf } from '../metrics/calendar.js';
import { LocalDate, UUID } from '../scalars.js';
import { describeRows } from './describe-rows.js';
import { recordDailyMetrics } from './record-daily-metrics.js';
import { refreshWritten } from './refresh-written.js';

/** What the resolvers of ingest take from a request's context. */
export interface IngestContext extends RefreshContext {
  readonly database: Database;
  readonly caller: Pick<Caller, 'tenant'>;
}

@InputType({
  description:
    'A day of a portfolio: null clears what is stored, a field that is absent leaves it. Returns and ratios are decimal fractions.',
})
export class DailyMetricsInput {
  @Field(() => UUID, { description: 'A known portfolio.' })
  portfolioId!: string;

  @Field(() => LocalDate, { description: 'The day, from 1900-01-01 to tomorrow (UTC).' })
  asofDate!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The pricing pack, "default" unless given; another pack restates the day, whole.',
  })
  pricingPackId?: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Time-weighted return of the day, decimal fraction, at least -1.',
  })
  twr1d?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Value at the day's end, in the base currency.",
  })
  portfolioValueBase?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "The benchmark's return of the day, decimal fraction.",
  })
  benchmarkTwr1d?: number | null;

  @Field(() => Float, { nullable: true, description: 'Beta over one year, as reported.' })
  beta1y?: number | null;

  @Field(() => Float, { nullable: true, description: 'Alpha over one year, as reported.' })
  alpha1y?: number | null;

  @Field(() => Float, { nullable: true, description: 'Tracking error over one year, as reported.' })
  trackingError1y?: number | null;
}

@ObjectType({ description: 'What became of rows that were recorded.', simpleResolvers: true })
export class RecordDailyMetricsResult {
  @Field(() => Int, { description: 'Rows that are new.' })
  inserted!: number;

  @Field(() => Int, {
    description:
      'Rows that changed one with the same portfolio, day and pricing pack, or made it the official one of its day.',
  })
  updated!: number;

  @Field(() => Int, { description: 'Rows that were there already, just so.' })
  unchanged!: number;

  @Field(() => LocalDate, {
    nullable: true,
    description: 'First day of the rows; null without any.',
  })
  from!: string | null;

  @Field(() => LocalDate, {
    nullable: true,
    description: 'Last day of the rows; null without any.',
  })
  to!: string | null;

  @Field(() => [AggregateRefreshType], {
    description:
      'The refreshes over those days, also failed ones: the rows are recorded all the same.',
  })
  refreshes!: AggregateRefreshType[];
}

@Resolver()
export class IngestResolver {
  @Allow('writer', describeRows)
  @Mutation(() => RecordDailyMetricsResult, {
    description:
      'Records up to 10,000 rows in their order, all or nothing: BAD_USER_INPUT names bad rows by index and field. The row of a day that is sent last is its official one; recording the same again changes nothing. Then refreshes all aggregates over their days.',
  })
  async recordDailyMetrics(
    @Arg('rows', () => [DailyMetricsInput], { description: 'The rows.' }) rows: DailyMetricsInput[],
    @Arg('refresh', () => Boolean, {
      defaultValue: true,
      description: 'Whether to refresh the aggregates and wait for it.',
    })
    refresh: boolean,
    @Ctx() context: IngestContext,
  ): Promise<RecordDailyMetricsResult> {
    const { caller, database, now } = context;
    const counts = await recordDailyMetrics(database, caller.tenant, rows, dayOf(now()));
    return { ...counts, refreshes: await refreshWritten(context, counts, refresh) };
  }
}
