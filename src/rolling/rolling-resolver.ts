import { Arg, Ctx, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import type { DailySeriesStore } from '../aggregates/daily-series-store.js';
import { freshnessOf } from '../aggregates/freshness.js';
import { RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import { AGGREGATE_OF_WINDOW, AGGREGATES } from '../aggregates/registry.js';
import type { RollingWindow } from '../aggregates/registry.js';
import { toDay, windowStart } from '../metrics/calendar.js';
import type { DailySeries } from '../metrics/daily-series.js';
import { SingleWindow } from '../metrics/single-window.js';
import { Portfolio } from '../portfolios/portfolio.js';
import { LocalDate } from '../scalars.js';
import { RISK_FREE_DAILY } from './arguments.js';
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
  ): Promise<Rolling30dMetrics | null> {
    return rollingMetrics(context, 'THIRTY_DAYS', id, asOf, riskFreeDaily);
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
  ): Promise<Rolling60dMetrics | null> {
    return rollingMetrics(context, 'SIXTY_DAYS', id, asOf, riskFreeDaily);
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
  ): Promise<Rolling90dMetrics | null> {
    return rollingMetrics(context, 'NINETY_DAYS', id, asOf, riskFreeDaily);
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
  ): Promise<Rolling1yMetrics | null> {
    return rollingMetrics(
      context,
      'ONE_YEAR',
      id,
      asOf,
      riskFreeDaily,
    ) as Promise<Rolling1yMetrics | null>;
  }

  @FieldResolver(() => WindowFreshness, {
    description: 'Also where a window is null: says whether the aggregate has caught up.',
  })
  async freshness(
    @Root() { id }: Portfolio,
    @Arg('window', () => RollingWindowEnum, { description: 'The window.' }) window: RollingWindow,
    @Arg('asOf', () => LocalDate, AS_OF) asOf: string | null,
    @Ctx() context: RollingContext,
  ): Promise<WindowFreshness> {
    return (await loadWindow(context, window, id, asOf)).freshness;
  }
}

async function rollingMetrics(
  context: RollingContext,
  window: RollingWindow,
  portfolioId: string,
  asOf: string | null,
  riskFreeDaily: number,
): Promise<Rolling30dMetrics | null> {
  const { series, asOfDay, freshness } = await loadWindow(context, window, portfolioId, asOf);
  if (asOfDay === undefined) return null;
  const { length } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  const days = SingleWindow.find(series, asOfDay, length, riskFreeDaily);
  return days && new ROLLING_TYPES[window](window, days, freshness);
}

/** The days behind one window, the day it ends on (none without rows), and their freshness. */
async function loadWindow(
  { dailySeries }: RollingContext,
  window: RollingWindow,
  portfolioId: string,
  asOf: string | null,
): Promise<{ series: DailySeries; asOfDay: number | undefined; freshness: WindowFreshness }> {
  const name = AGGREGATE_OF_WINDOW[window];
  const { length } = AGGREGATES[name];
  const asked = asOf ? toDay(asOf) : undefined;
  const range =
    asked === undefined
      ? { from: Infinity, to: -Infinity, latest: true }
      : { from: windowStart(asked, length), to: asked, latest: false };
  const { series, state } = await dailySeries.load(name, { portfolioId, ...range });
  const asOfDay = asked ?? series.days.at(-1);
  const days = {
    from: asOfDay === undefined ? -Infinity : windowStart(asOfDay, length),
    to: asked ?? Infinity,
  };
  return { series, asOfDay, freshness: new WindowFreshness(freshnessOf(name, state, days)) };
}
