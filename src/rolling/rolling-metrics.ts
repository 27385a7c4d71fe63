import { Field, Float, Int, InterfaceType, ObjectType } from 'type-graphql';
import { RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import { metricsOf, ROLLING_WINDOWS, type RollingWindow } from '../aggregates/registry.js';
import { formatDay } from '../metrics/calendar.js';
import type { DailyColumn } from '../metrics/daily-series.js';
import {
  BASES,
  columnsOf,
  describe,
  METRIC_NAMES,
  METRICS,
  SHARPE_STANDARD_ERROR,
  type Metric,
} from '../metrics/metrics.js';
import type { SingleWindow } from '../metrics/single-window.js';
import { LocalDate } from '../scalars.js';

/**
 * The answer for one window. Its metric fields are declared from the table of metrics; whatever
 * is asked for is computed when it is read.
 */
@InterfaceType({
  description:
    'Metrics over one rolling window of daily returns. Returns, ratios and drawdowns are decimal fractions; a metric that the data cannot define is null.',
})
export abstract class RollingMetrics {
  @Field(() => RollingWindowEnum, { description: 'The window.' })
  readonly window: RollingWindow;

  constructor(
    window: RollingWindow,
    readonly days: SingleWindow,
    private readonly freshnessOfDays: () => WindowFreshness,
  ) {
    this.window = window;
  }

  @Field(() => LocalDate, { description: 'Last calendar day of the window.' })
  get asOf(): string {
    return formatDay(this.days.asOf);
  }

  @Field(() => LocalDate, { description: 'First calendar day inside the window.' })
  get windowStart(): string {
    return formatDay(this.days.start);
  }

  @Field(() => LocalDate, { description: 'First day with a row in the window.' })
  get firstObservation(): string {
    return formatDay(this.days.firstObservation);
  }

  @Field(() => LocalDate, { description: 'Last day with a row in the window.' })
  get lastObservation(): string {
    return formatDay(this.days.lastObservation);
  }

  @Field(() => Int, { description: 'Daily returns inside the window.' })
  get observations(): number {
    return this.days.count('returns');
  }

  @Field(() => Float, { description: 'The risk-free rate used, decimal fraction per day.' })
  get riskFreeDaily(): number {
    return this.days.terms.riskFreeDaily;
  }

  @Field(() => Int, {
    description: 'How many rows make a year, as it is set for the portfolio: A of the formulas.',
  })
  get periodsPerYear(): number {
    return this.days.terms.periodsPerYear;
  }

  @Field(() => WindowFreshness, { description: 'Whether the numbers are as new as their source.' })
  get freshness(): WindowFreshness {
    return this.freshnessOfDays();
  }
}

@ObjectType({
  description: 'Metrics over (asOf − 30 days, asOf].',
  implements: RollingMetrics,
  simpleResolvers: true,
})
export class Rolling30dMetrics extends RollingMetrics {}

@ObjectType({
  description: 'Metrics over (asOf − 60 days, asOf].',
  implements: RollingMetrics,
  simpleResolvers: true,
})
export class Rolling60dMetrics extends RollingMetrics {}

@ObjectType({
  description: 'Metrics over (asOf − 90 days, asOf].',
  implements: RollingMetrics,
  simpleResolvers: true,
})
export class Rolling90dMetrics extends RollingMetrics {}

@ObjectType({
  description: 'Metrics over (asOf − 1 year, asOf].',
  implements: RollingMetrics,
  simpleResolvers: true,
})
export class Rolling1yMetrics extends RollingMetrics {
  @Field(() => Int, { description: 'Days with both a return and a benchmark return.' })
  get benchmarkObservations(): number {
    return this.days.count('pairs');
  }
}

/** The type that answers for each window. */
export const ROLLING_TYPES = {
  THIRTY_DAYS: Rolling30dMetrics,
  SIXTY_DAYS: Rolling60dMetrics,
  NINETY_DAYS: Rolling90dMetrics,
  ONE_YEAR: Rolling1yMetrics,
} as const satisfies Record<RollingWindow, typeof Rolling30dMetrics>;

const columnsOfFields = new Map<string, readonly DailyColumn[]>([
  ['benchmarkObservations', BASES.pairs.columns],
]);

/** The columns of the daily series that a field of a window is computed from. */
export function columnsOfField(name: string): readonly DailyColumn[] {
  return columnsOfFields.get(name) ?? [];
}

/** Declares a field that reads the metric from the window's days. */
function declareMetric(type: { readonly prototype: RollingMetrics }, metric: Metric): void {
  Object.defineProperty(type.prototype, metric.field, {
    get(this: RollingMetrics) {
      return this.days.value(metric);
    },
  });
  columnsOfFields.set(metric.field, columnsOf(metric));
  Field(() => Float, { nullable: true, description: describe(metric) })(
    type.prototype,
    metric.field,
  );
}

const ofEveryWindow = METRIC_NAMES.filter((name) =>
  ROLLING_WINDOWS.every((window) => metricsOf(window).includes(name)),
);
for (const name of ofEveryWindow) declareMetric(RollingMetrics, METRICS[name]);
for (const window of ROLLING_WINDOWS) {
  for (const name of metricsOf(window)) {
    if (!ofEveryWindow.includes(name)) declareMetric(ROLLING_TYPES[window], METRICS[name]);
  }
}
declareMetric(Rolling90dMetrics, SHARPE_STANDARD_ERROR);
