import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, Float, Info, Resolver, Root } from 'type-graphql';
import { whenLoaded } from '../async/maybe-promise.js';
import type { Turns } from '../async/turns.js';
import type { DailySeriesStore, LoadedSeries } from '../aggregates/series/daily-series-store.js';
import type { MaybePromise } from '../async/maybe-promise.js';
import { freshnessOf } from '../aggregates/freshness.js';
import { RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import { AGGREGATE_OF_WINDOW, AGGREGATES } from '../aggregates/registry.js';
import type { RollingWindow } from '../aggregates/registry.js';
import { toDay, windowStart } from '../metrics/calendar.js';
import type { DailyColumn } from '../metrics/daily-series.js';
import { SingleWindow } from '../metrics/single-window.js';
import { Portfolio } from '../portfolios/portfolio.js';
import { LocalDate } from '../scalars.js';
import { RISK_FREE_DAILY } from './arguments.js';
import { askedColumns } from './asked-columns.js';
import {
  ROLLING_TYPES,
  Rolling1yMetrics,
  Rolling30dMetrics,
  Rolling60dMetrics,
  Rolling90dMetrics,
} from './rolling-metrics.js';

/** What the resolvers of rolling metrics take from a request's context. */
export interface RollingContext {
  readonly dailySeries: DailySeriesStore;
  readonly turns: Turns;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

const AS_OF = {
  nullable: true,
  description:
    'Last day of the window; by default the last day the aggregate holds for this portfolio, which may differ between windows.',
};
const NULL_WHEN = 'Null when the aggregate holds no row for the portfolio inside the window.';

@Resolver(() => Portfolio)
export class RollingResolver {
  @FieldResolver(() => Rolling30dMetrics, {
    nullable: true,
    description: `Metrics over (asOf − 30 days, asOf]. ${NULL_WHEN}`,
  })
  rolling30d(
    @Root() { id }: Portfolio,
    @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
    @Arg('riskFreeDaily', () => Float, RISK_FREE_DAILY) riskFreeDaily: number,
    @Ctx() context: RollingContext,
    @Info() info: GraphQLResolveInfo,
  ): MaybePromise<Rolling30dMetrics | null> {
    return rollingMetrics(context, info, 'THIRTY_DAYS', id, asOf, riskFreeDaily);
  }

  @FieldResolver(() => Rolling60dMetrics, {
    nullable: true,
    description: `Metrics over (asOf − 60 days, asOf]. ${NULL_WHEN}`,
  })
  rolling60d(
    @Root() { id }: Portfolio,
    @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
    @Arg('riskFreeDaily', () => Float, RISK_FREE_DAILY) riskFreeDaily: number,
    @Ctx() context: RollingContext,
    @Info() info: GraphQLResolveInfo,
  ): MaybePromise<Rolling60dMetrics | null> {
    return rollingMetrics(context, info, 'SIXTY_DAYS', id, asOf, riskFreeDaily);
  }

  @FieldResolver(() => Rolling90dMetrics, {
    nullable: true,
    description: `Metrics over (asOf − 90 days, asOf]. ${NULL_WHEN}`,
  })
  rolling90d(
    @Root() { id }: Portfolio,
    @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
    @Arg('riskFreeDaily', () => Float, RISK_FREE_DAILY) riskFreeDaily: number,
    @Ctx() context: RollingContext,
    @Info() info: GraphQLResolveInfo,
  ): MaybePromise<Rolling90dMetrics | null> {
    return rollingMetrics(context, info, 'NINETY_DAYS', id, asOf, riskFreeDaily);
  }

  @FieldResolver(() => Rolling1yMetrics, {
    nullable: true,
    description: `Metrics over (asOf − 1 year, asOf]. ${NULL_WHEN}`,
  })
  rolling1y(
    @Root() { id }: Portfolio,
    @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
    @Arg('riskFreeDaily', () => Float, RISK_FREE_DAILY) riskFreeDaily: number,
    @Ctx() context: RollingContext,
    @Info() info: GraphQLResolveInfo,
  ): MaybePromise<Rolling1yMetrics | null> {
    return rollingMetrics(
      context,
      info,
      'ONE_YEAR',
      id,
      asOf,
      riskFreeDaily,
    ) as MaybePromise<Rolling1yMetrics | null>;
  }

  @FieldResolver(() => WindowFreshness, {
    description: 'Also where a window is null: says whether the aggregate has caught up.',
  })
  freshness(
    @Root() { id }: Portfolio,
    @Arg('window', () => RollingWindowEnum, { description: 'The window.' }) window: RollingWindow,
    @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
    @Ctx() context: RollingContext,
  ): MaybePromise<WindowFreshness> {
    return whenLoaded(loadWindow(context, [], window, id, asOf), (loaded) =>
      freshness(window, loaded, asOf),
    );
  }
}

function rollingMetrics(
  context: RollingContext,
  info: GraphQLResolveInfo,
  window: RollingWindow,
  portfolioId: string,
  asOf: string | null,
  riskFreeDaily: number,
): MaybePromise<Rolling30dMetrics | null> {
  const { length } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  const columns = askedColumns(info);
  return whenLoaded(loadWindow(context, columns, window, portfolioId, asOf), (loaded) => {
    const asOfDay = lastDayOf(loaded, asOf);
    if (asOfDay === undefined) return null;
    const days = SingleWindow.find(loaded.series, asOfDay, length, riskFreeDaily);
    return days && new ROLLING_TYPES[window](window, days, () => freshness(window, loaded, asOf));
  });
}

/** The days behind one window. */
function loadWindow(
  { dailySeries, signal }: RollingContext,
  columns: readonly DailyColumn[],
  window: RollingWindow,
  portfolioId: string,
  asOf: string | null,
): MaybePromise<LoadedSeries> {
  const name = AGGREGATE_OF_WINDOW[window];
  if (!asOf)
    return dailySeries.load(
      name,
      { portfolioId, from: Infinity, to: -Infinity, latest: true },
      signal,
      columns,
    );
  const to = toDay(asOf);
  const from = windowStart(to, AGGREGATES[name].length);
  return dailySeries.load(name, { portfolioId, from, to, latest: false }, signal, columns);
}

/** The day a window ends on; undefined where none was given and there is no row. */
function lastDayOf({ series }: LoadedSeries, asOf: string | null): number | undefined {
  return asOf ? toDay(asOf) : series.days.at(-1);
}

function freshness(
  window: RollingWindow,
  loaded: LoadedSeries,
  asOf: string | null,
): WindowFreshness {
  const name = AGGREGATE_OF_WINDOW[window];
  const last = lastDayOf(loaded, asOf);
  const days = {
    from: last === undefined ? -Infinity : windowStart(last, AGGREGATES[name].length),
    to: asOf ? toDay(asOf) : Infinity,
  };
  return new WindowFreshness(freshnessOf(name, loaded.state, days));
}
