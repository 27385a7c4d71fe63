import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, Float, Info, Resolver, Root } from 'type-graphql';
import { RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  ROLLING_WINDOWS,
  type RollingWindow,
} from '../aggregates/registry.js';
import type {
  DailySeriesStore,
  LoadedSeries,
  Reader,
} from '../aggregates/series/daily-series-store.js';
import { whenLoaded, type MaybePromise } from '../async/maybe-promise.js';
import type { Turns } from '../async/turns.js';
import { formatLength, toDay, windowStart, type DayNumber } from '../metrics/calendar.js';
import type { DailyColumn } from '../metrics/daily-series.js';
import { SingleWindow } from '../metrics/single-window.js';
import { Portfolio } from '../portfolios/portfolio.js';
import { LocalDate } from '../scalars.js';
import { checkRiskFreeDaily, RISK_FREE_DAILY } from './arguments.js';
import { requestedColumns } from './requested-columns.js';
import { ROLLING_TYPES, type RollingMetrics } from './rolling-metrics.js';

/** What the resolvers of rolling metrics take from a request's context. */
export interface RollingContext {
  readonly dailySeries: DailySeriesStore;
  readonly turns: Turns;
  readonly reader: Reader;
}

/** Which window of which portfolio. */
export interface WindowRequest {
  readonly window: RollingWindow;
  readonly portfolio: Pick<Portfolio, 'id' | 'periodsPerYear'>;
  /** The last day; null: the last that the aggregate holds for the portfolio. */
  readonly asOf: DayNumber | null;
}

const AS_OF = {
  nullable: true,
  description:
    'Last day of the window; by default the last day the aggregate holds for this portfolio, which may differ between windows.',
};

/** A resolver of the field that returns a window. */
function createWindowResolver(window: RollingWindow): new () => object {
  const { field, length } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  @Resolver(() => Portfolio)
  class WindowResolver {
    @FieldResolver(() => ROLLING_TYPES[window], {
      nullable: true,
      description: `Metrics over (asOf − ${formatLength(length)}, asOf]. Null when the aggregate holds no row for the portfolio inside the window.`,
    })
    // Without `public`, parsers disagree whether [field] belongs to the decorator.
    public [field](
      @Root() portfolio: Portfolio,
      @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
      @Arg('riskFreeDaily', () => Float, RISK_FREE_DAILY) riskFreeDaily: number,
      @Ctx() context: RollingContext,
      @Info() info: GraphQLResolveInfo,
    ): MaybePromise<RollingMetrics | null> {
      return rollingMetrics(context, info, requestOf(window, portfolio, asOf), riskFreeDaily);
    }
  }
  return WindowResolver;
}

@Resolver(() => Portfolio)
class FreshnessResolver {
  @FieldResolver(() => WindowFreshness, {
    description: 'Also where a window is null: says whether the aggregate has caught up.',
  })
  freshness(
    @Root() portfolio: Portfolio,
    @Arg('window', () => RollingWindowEnum, { description: 'The window.' }) window: RollingWindow,
    @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
    @Ctx() context: RollingContext,
  ): MaybePromise<WindowFreshness> {
    const request = requestOf(window, portfolio, asOf);
    return whenLoaded(findWindow(context, [], request, 0), (found) => found.freshness());
  }
}

/** The fields of a portfolio that return its windows, and how fresh these are. */
export const ROLLING_RESOLVERS = [
  ...ROLLING_WINDOWS.map(createWindowResolver),
  FreshnessResolver,
] as const;

function requestOf(
  window: RollingWindow,
  portfolio: Portfolio,
  asOf: string | null,
): WindowRequest {
  return { window, portfolio, asOf: asOf ? toDay(asOf) : null };
}

function rollingMetrics(
  context: RollingContext,
  info: GraphQLResolveInfo,
  request: WindowRequest,
  riskFreeDaily: number,
): MaybePromise<RollingMetrics | null> {
  checkRiskFreeDaily(riskFreeDaily);
  const found = findWindow(context, requestedColumns(info), request, riskFreeDaily);
  return whenLoaded(found, ({ metrics }) => metrics);
}

/** A window, null where it holds no row, and its freshness in either case. */
export interface FoundWindow {
  readonly metrics: RollingMetrics | null;
  readonly freshness: () => WindowFreshness;
}

/** Loads the columns behind one window; its metrics are computed when they are read. */
export function findWindow(
  context: RollingContext,
  columns: readonly DailyColumn[],
  request: WindowRequest,
  riskFreeDaily: number,
): MaybePromise<FoundWindow> {
  const {
    window,
    portfolio: { periodsPerYear },
  } = request;
  const { length } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  return whenLoaded(loadWindow(context, columns, request), (loaded) => {
    const asOf = lastDayOf(request, loaded);
    const terms = { riskFreeDaily, periodsPerYear };
    const days = asOf === undefined ? null : SingleWindow.find(loaded.series, asOf, length, terms);
    const freshnessOfDays = (): WindowFreshness => freshness(context, request, loaded);
    const Type = ROLLING_TYPES[window];
    return { metrics: days && new Type(window, days, freshnessOfDays), freshness: freshnessOfDays };
  });
}

/** The days behind one window. */
function loadWindow(
  { dailySeries, reader }: RollingContext,
  columns: readonly DailyColumn[],
  { window, portfolio: { id: portfolioId }, asOf }: WindowRequest,
): MaybePromise<LoadedSeries> {
  const name = AGGREGATE_OF_WINDOW[window];
  const range =
    asOf === null
      ? { portfolioId, from: Infinity, to: -Infinity, latest: true }
      : { portfolioId, from: windowStart(asOf, AGGREGATES[name].length), to: asOf, latest: false };
  return dailySeries.load(name, range, columns, reader);
}

/** The day a window ends on; undefined where none was given and there is no row. */
function lastDayOf({ asOf }: WindowRequest, { series }: LoadedSeries): DayNumber | undefined {
  return asOf ?? series.days.at(-1);
}

function freshness(
  { reader }: RollingContext,
  request: WindowRequest,
  loaded: LoadedSeries,
): WindowFreshness {
  const name = AGGREGATE_OF_WINDOW[request.window];
  const last = lastDayOf(request, loaded);
  const days = {
    from: last === undefined ? -Infinity : windowStart(last, AGGREGATES[name].length),
    to: request.asOf ?? Infinity,
  };
  return new WindowFreshness(name, loaded.state, days, reader.dependencies);
}
