import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Float,
  Int,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { Allow } from '../access/allow.js';
import { enumOf, RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  ROLLING_WINDOWS,
  type RollingWindow,
} from '../aggregates/registry.js';
import { Cacheable } from '../aggregates/revisions/cacheable.js';
import { formatDay, toDay, windowStart } from '../metrics/calendar.js';
import type { MetricName } from '../metrics/metrics.js';
import { checkFirst } from '../pagination.js';
import type { PortfolioContext } from '../portfolios/portfolio-resolver.js';
import { Portfolio } from '../portfolios/portfolio.js';
import { LocalDate } from '../scalars.js';
import { checkMinObservations, checkRiskFreeDaily, RISK_FREE_DAILY } from './arguments.js';
import { checkServed, RollingMetricEnum } from './metric-enum.js';
import { LEFT_OUT_REASONS, rank, type LeftOutReason, type Ranked } from './ranking.js';
import type { RollingContext } from './rolling-resolver.js';

/** "10 for THIRTY_DAYS, 20 for SIXTY_DAYS, …". */
const DEFAULT_MIN_OBSERVATIONS = ROLLING_WINDOWS.map(
  (window) => `${AGGREGATES[AGGREGATE_OF_WINDOW[window]].rankingMinObservations} for ${window}`,
).join(', ');

const SORT_DIRECTIONS = ['ASC', 'DESC'] as const;
type SortDirection = (typeof SORT_DIRECTIONS)[number];
const SortDirectionEnum = enumOf(SORT_DIRECTIONS);
registerEnumType(SortDirectionEnum, {
  name: 'SortDirection',
  description: 'Which end of a list comes first.',
  valuesConfig: {
    ASC: { description: 'The smallest first.' },
    DESC: { description: 'The greatest first.' },
  },
});

const RankingLeftOutReasonEnum = enumOf(LEFT_OUT_REASONS);
registerEnumType(RankingLeftOutReasonEnum, {
  name: 'RankingLeftOutReason',
  description: 'Why a portfolio has no value in a ranking: the first of these that is so.',
  valuesConfig: {
    NO_ROWS: {
      description:
        'The aggregate holds no row of it in the window: its rows end before, begin after, or are not refreshed yet.',
    },
    TOO_FEW_OBSERVATIONS: {
      description:
        'The window has fewer observations than minObservations, or than the metric needs.',
    },
    UNDEFINED: {
      description: 'The metric is not defined, such as a Sharpe ratio of constant returns.',
    },
  },
});

@ObjectType({
  description: 'How many portfolios have no value in a ranking for one reason.',
  simpleResolvers: true,
})
export class RankingLeftOut {
  @Field(() => RankingLeftOutReasonEnum, { description: 'The reason.' })
  reason!: LeftOutReason;

  @Field(() => Int, { description: 'How many portfolios, at least 1.' })
  count!: number;
}

@ObjectType({ description: 'A portfolio’s place in a ranking.', simpleResolvers: true })
export class RankingEntry {
  @Field(() => Int, { description: 'Place, from 1; equal values are ordered by portfolio id.' })
  rank!: number;

  @Field(() => Float, {
    description: 'The metric’s value; its unit is in the metric’s description.',
  })
  value!: number;

  @Field(() => Int, { description: 'Daily returns in the window.' })
  observations!: number;

  readonly portfolioId!: string;
}

@ObjectType({
  description: 'The portfolios whose value is not null, ordered by it.',
  simpleResolvers: true,
})
export class Ranking {
  @Field(() => RollingMetricEnum, { description: 'The metric.' })
  metric!: MetricName;

  @Field(() => RollingWindowEnum, { description: 'The window.' })
  window!: RollingWindow;

  @Field(() => LocalDate, {
    nullable: true,
    description: 'Last day of the window; null when the aggregate is empty and none was given.',
  })
  asOf!: string | null;

  @Field(() => Float, { description: 'The risk-free rate used, decimal fraction per day.' })
  riskFreeDaily!: number;

  @Field(() => Int, { description: 'Portfolios with fewer observations are left out.' })
  minObservations!: number;

  @Field(() => WindowFreshness, { description: 'Whether the numbers are as new as their source.' })
  freshness!: WindowFreshness;

  @Field(() => Int, { description: 'How many portfolios have a value.' })
  total!: number;

  @Field(() => [RankingLeftOut], {
    description:
      'How many of the portfolios that were looked at (in baseCurrency, with benchmarkId) have no value, by reason; empty where all have one. `total` and these counts add up to all that were looked at.',
  })
  leftOut!: readonly RankingLeftOut[];

  @Field(() => [RankingEntry], { description: 'The first of them.' })
  entries!: readonly RankingEntry[];
}

@Resolver(() => RankingEntry)
export class RankingResolver {
  @Allow('reader')
  @Cacheable()
  @Query(() => Ranking, {
    description: 'All portfolios by one metric of one window, as of one day.',
  })
  async ranking(
    @Arg('metric', () => RollingMetricEnum, { description: 'Must be served by the window.' })
    metric: MetricName,
    @Arg('window', () => RollingWindowEnum, { description: 'The window.' }) window: RollingWindow,
    @Arg('asOf', () => LocalDate, {
      nullable: true,
      description:
        'Last day of the window; by default the last day the aggregate holds for any portfolio that is looked at, so that all are compared over the same days. Those whose rows end earlier have a shorter window, or none: `leftOut` counts them.',
    })
    asOf: string | null,
    @Arg('direction', () => SortDirectionEnum, {
      defaultValue: 'DESC',
      description: 'Which end comes first.',
    })
    direction: SortDirection,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many entries, 1 to 200.' })
    first: number,
    @Arg('minObservations', () => Int, {
      nullable: true,
      description: `Portfolios with fewer observations are left out. Defaults to ${DEFAULT_MIN_OBSERVATIONS}: a portfolio three days old leads no table.`,
    })
    minObservations: number | null,
    @Arg('baseCurrency', () => String, {
      nullable: true,
      description:
        'Only portfolios in this currency; PEAK_VALUE and TROUGH_VALUE over several are BAD_USER_INPUT.',
    })
    baseCurrency: string | null,
    @Arg('benchmarkId', () => String, {
      nullable: true,
      description:
        'Only portfolios with this benchmark; benchmark metrics over several are BAD_USER_INPUT.',
    })
    benchmarkId: string | null,
    @Arg('riskFreeDaily', () => Float, RISK_FREE_DAILY) riskFreeDaily: number,
    @Ctx()
    { portfolioStore, portfolios, dailySeries, turns, reader }: RollingContext & PortfolioContext,
  ): Promise<Ranking> {
    checkFirst(first);
    checkServed(metric, window);
    checkRiskFreeDaily(riskFreeDaily);
    const name = AGGREGATE_OF_WINDOW[window];
    const min = minObservations ?? AGGREGATES[name].rankingMinObservations;
    checkMinObservations(min);
    const result = await rank(portfolioStore, dailySeries, turns, {
      metric,
      window,
      asOf: asOf ? toDay(asOf) : null,
      direction,
      minObservations: min,
      baseCurrency: baseCurrency ?? null,
      benchmarkId: benchmarkId ?? null,
      riskFreeDaily,
      reader,
    });
    const shown = result.ranked.slice(0, first);
    // One that was deleted while the others were ranked is gone from the ranking too.
    const found = await Promise.all(shown.map(({ portfolioId: id }) => portfolios.byId.load(id)));
    const entries = shown.filter((_, index) => found[index] !== null);
    const days = {
      from: result.asOf === null ? -Infinity : windowStart(result.asOf, AGGREGATES[name].length),
      to: asOf ? toDay(asOf) : Infinity,
    };
    return {
      metric,
      window,
      asOf: result.asOf === null ? null : formatDay(result.asOf),
      riskFreeDaily,
      minObservations: min,
      freshness: new WindowFreshness(name, result.state, days, reader.dependencies),
      total: result.ranked.length - (shown.length - entries.length),
      leftOut: LEFT_OUT_REASONS.flatMap((reason) => {
        const count = result.leftOut[reason];
        return count > 0 ? { reason, count } : [];
      }),
      entries: entries.map(toEntry),
    };
  }

  @FieldResolver(() => Portfolio, { description: 'The portfolio.' })
  async portfolio(
    @Root() { portfolioId }: RankingEntry,
    @Ctx() { portfolios }: RollingContext & PortfolioContext,
  ): Promise<Portfolio> {
    const portfolio = await portfolios.byId.load(portfolioId);
    if (!portfolio) throw new Error(`portfolio ${portfolioId} was ranked but is gone`);
    return portfolio;
  }
}

function toEntry(ranked: Ranked, index: number): RankingEntry {
  return { rank: index + 1, ...ranked };
}
