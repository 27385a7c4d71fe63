import { Arg, Ctx, Field, FieldResolver, Float, ObjectType, Resolver, Root } from 'type-graphql';
import type { Turns } from '../async/turns.js';
import { formatDay, toDay } from '../metrics/calendar.js';
import { findDataFaults } from '../metrics/data-quality.js';
import { LocalDate } from '../scalars.js';
import { MAX_SERIES_DAYS, seriesRange } from '../series-range.js';
import { DataQualityFinding } from './data-quality-type.js';
import type { PortfolioContext } from './portfolio-resolver.js';
import { Portfolio } from './portfolio.js';

/** What the resolvers of source rows take from a request's context. */
export interface SourceContext extends PortfolioContext {
  readonly turns: Turns;
}

@ObjectType('DailySeries', {
  description:
    'The official daily rows as the source holds them, column by column: days[i] belongs to index i of every column.',
  simpleResolvers: true,
})
export class DailySeriesType {
  @Field(() => [LocalDate], { description: 'The days with a row, ascending.' })
  days!: readonly string[];

  @Field(() => [String], {
    description: 'The pricing pack of each day: of several, the one whose row was sent last.',
  })
  pricingPackIds!: readonly string[];

  @Field(() => [Float], {
    nullable: 'items',
    description: 'Time-weighted return of each day, decimal fraction; null where none is recorded.',
  })
  returns!: readonly (number | null)[];

  @Field(() => [Float], {
    nullable: 'items',
    description:
      "Value at each day's end, in the base currency, as a double; null where none is recorded.",
  })
  values!: readonly (number | null)[];

  @Field(() => [Float], {
    nullable: 'items',
    description:
      "The benchmark's return of each day, decimal fraction; null where none is recorded.",
  })
  benchmarkReturns!: readonly (number | null)[];
}

@Resolver(() => Portfolio)
export class SourceResolver {
  @FieldResolver(() => DailySeriesType, {
    description:
      'The official daily rows as the source holds them now: what was imported, and what windows are computed from once it is materialized. At most 40 years (BAD_USER_INPUT); empty without rows.',
  })
  async dailySeries(
    @Root() { id }: Portfolio,
    @Arg('from', () => LocalDate, {
      nullable: true,
      description: 'First day, inclusive; the first with a row unless given.',
    })
    from: string | null,
    @Arg('to', () => LocalDate, {
      nullable: true,
      description: 'Last day, inclusive; the last with a row unless given.',
    })
    to: string | null,
    @Ctx() { portfolios, turns }: SourceContext,
  ): Promise<DailySeriesType> {
    const { first_day, last_day } =
      from && to ? { first_day: from, last_day: to } : await portfolios.dayBounds.load(id);
    if (first_day === null || last_day === null) return NO_DAYS;
    const [first, last] = [from ?? first_day, to ?? last_day];
    // One bound beyond all rows leaves none; both of them have to be in order.
    if (first > last && !(from && to)) return NO_DAYS;
    const range = seriesRange('dailySeries', first, last);
    const { series, packs } = await portfolios.officialDays.load({ portfolioId: id, ...range });
    await turns.next();
    return {
      days: Array.from(series.days, formatDay),
      pricingPackIds: packs,
      returns: nullable(series.returns),
      values: nullable(series.values),
      benchmarkReturns: nullable(series.benchmarkReturns),
    };
  }

  @FieldResolver(() => [DataQualityFinding], {
    description:
      'What looks wrong in its official rows, the last 40 years of them, by kind, then day: gaps, repeated values, extreme returns, moves of the value that the return does not explain, missing benchmark returns. Of each kind the first 20, and one finding for all further ones. Empty where nothing does, and without rows.',
  })
  async dataQuality(
    @Root() { id, benchmarkId }: Portfolio,
    @Ctx() { portfolios, turns }: SourceContext,
  ): Promise<readonly DataQualityFinding[]> {
    const { first_day, last_day } = await portfolios.dayBounds.load(id);
    if (first_day === null || last_day === null) return [];
    const to = toDay(last_day);
    const from = Math.max(toDay(first_day), to - MAX_SERIES_DAYS + 1);
    const { series } = await portfolios.officialDays.load({ portfolioId: id, from, to });
    await turns.next();
    return findDataFaults(series, { hasBenchmark: benchmarkId !== null }).map((fault) => ({
      kind: fault.kind,
      from: formatDay(fault.from),
      to: formatDay(fault.to),
      sentence: fault.sentence,
    }));
  }
}

const NO_DAYS: DailySeriesType = {
  days: [],
  pricingPackIds: [],
  returns: [],
  values: [],
  benchmarkReturns: [],
};

function nullable(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
}
