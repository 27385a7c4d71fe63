import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Float,
  Int,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import { RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import { AGGREGATE_OF_WINDOW, AGGREGATES, type RollingWindow } from '../aggregates/registry.js';
import { whenLoaded, type MaybePromise } from '../async/maybe-promise.js';
import { badUserInput } from '../errors.js';
import { formatDay, windowStart, type DayNumber } from '../metrics/calendar.js';
import { columnsOf, METRICS, type MetricName } from '../metrics/metrics.js';
import { rollingSeries } from '../metrics/rolling-series.js';
import { Portfolio } from '../portfolios/portfolio.js';
import { LocalDate } from '../scalars.js';
import { seriesRange } from '../series-range.js';
import { checkMinObservations, checkRiskFreeDaily, RISK_FREE_DAILY } from './arguments.js';
import { checkServed, RollingMetricEnum } from './metric-enum.js';
import type { RollingContext } from './rolling-resolver.js';

@ObjectType({ description: 'One metric of a series.', simpleResolvers: true })
export class MetricColumn {
  @Field(() => RollingMetricEnum, { description: 'The metric; its unit is in its description.' })
  metric!: MetricName;

  @Field(() => [Float], {
    nullable: 'items',
    description: 'One value for each of the series’ days; null where the data cannot define it.',
  })
  values!: readonly (number | null)[];
}

@ObjectType({
  description:
    'Metrics over the window that ends on each day with a row, column by column: days[i] belongs to observations[i] and to values[i] of every column.',
  simpleResolvers: true,
})
export class RollingSeries {
  @Field(() => RollingWindowEnum, { description: 'The window.' })
  window!: RollingWindow;

  @Field(() => Float, { description: 'The risk-free rate used, decimal fraction per day.' })
  riskFreeDaily!: number;

  @Field(() => Int, {
    description: 'How many rows make a year, as it is set for the portfolio: A of the formulas.',
  })
  periodsPerYear!: number;

  @Field(() => WindowFreshness, { description: 'Whether the numbers are as new as their source.' })
  freshness!: WindowFreshness;

  @Field(() => [LocalDate], { description: 'The days with a row, ascending.' })
  days!: readonly string[];

  @Field(() => [Int], { description: 'Daily returns in the window that ends on each day.' })
  observations!: readonly number[];

  @Field(() => [MetricColumn], {
    description: 'A column for each requested metric, in that order.',
  })
  columns!: readonly MetricColumn[];
}

@Resolver(() => Portfolio)
export class SeriesResolver {
  @FieldResolver(() => RollingSeries, {
    description:
      'Metrics over the window that ends on each day with a row from `from` to `to`. Rows before `from` count where a window reaches them.',
  })
  rollingSeries(
    @Root() portfolio: Portfolio,
    @Arg('window', () => RollingWindowEnum, { description: 'The window.' }) window: RollingWindow,
    @Arg('metrics', () => [RollingMetricEnum], {
      description: 'At least one; each must be served by the window.',
    })
    metrics: MetricName[],
    @Arg('from', () => LocalDate, { description: 'First day, inclusive.' }) from: string,
    @Arg('to', () => LocalDate, {
      description: 'Last day, inclusive; at most 40 years after `from`.',
    })
    to: string,
    @Arg('riskFreeDaily', () => Float, RISK_FREE_DAILY) riskFreeDaily: number,
    @Arg('minObservations', () => Int, {
      defaultValue: 1,
      description: 'Values from fewer observations than this are null.',
    })
    minObservations: number,
    @Ctx() context: RollingContext,
  ): MaybePromise<RollingSeries> {
    const request = { window, metrics, from, to, riskFreeDaily, minObservations };
    return loadSeries(context, portfolio, checkSeriesRequest(request));
  }
}

/** Which metrics of a portfolio, over which days. */
export interface SeriesRequest {
  readonly window: RollingWindow;
  readonly metrics: readonly MetricName[];
  readonly from: string;
  readonly to: string;
  readonly riskFreeDaily: number;
  readonly minObservations: number;
}

/** A request that keeps the rules, its days as numbers. */
export interface CheckedSeriesRequest extends Omit<SeriesRequest, 'from' | 'to'> {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

/** Throws BAD_USER_INPUT for a request that breaks a rule. */
export function checkSeriesRequest(request: SeriesRequest): CheckedSeriesRequest {
  const { window, metrics, from, to, riskFreeDaily, minObservations } = request;
  if (metrics.length === 0) throw badUserInput('metrics must name at least one metric, but got []');
  for (const metric of metrics) checkServed(metric, window);
  checkMinObservations(minObservations);
  checkRiskFreeDaily(riskFreeDaily);
  return { ...request, ...seriesRange('rollingSeries', from, to) };
}

/** A series of one portfolio. */
export function loadSeries(
  { dailySeries, reader }: RollingContext,
  { id: portfolioId, periodsPerYear }: Pick<Portfolio, 'id' | 'periodsPerYear'>,
  { window, metrics, from, to, riskFreeDaily, minObservations }: CheckedSeriesRequest,
): MaybePromise<RollingSeries> {
  const name = AGGREGATE_OF_WINDOW[window];
  const { length } = AGGREGATES[name];
  const needed = { from: windowStart(from, length), to };
  const wanted = metrics.flatMap((metric) => columnsOf(METRICS[metric]));
  const loaded = dailySeries.load(name, { portfolioId, ...needed, latest: false }, wanted, reader);
  return whenLoaded(loaded, ({ series, state }) => {
    const { days, observations, columns } = rollingSeries(series, {
      metrics: metrics.map((metric) => METRICS[metric]),
      window: length,
      from,
      to,
      terms: { riskFreeDaily, periodsPerYear },
      minObservations,
    });
    return {
      window,
      riskFreeDaily,
      periodsPerYear,
      freshness: new WindowFreshness(name, state, needed, reader.dependencies),
      days: Array.from(days, formatDay),
      observations,
      columns: metrics.map((metric, index) => ({ metric, values: columns[index]! })),
    };
  });
}
