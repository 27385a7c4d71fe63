import { Field, Float, Int, InterfaceType, ObjectType } from 'type-graphql';
import { RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import { metricsOf, ROLLING_WINDOWS } from '../aggregates/registry.js';
import type { RollingWindow } from '../aggregates/registry.js';
import { formatDay } from '../metrics/calendar.js';
import { describe, METRIC_NAMES, METRICS, SHARPE_STANDARD_ERROR } from '../metrics/metrics.js';
import type { Metric } from '../metrics/metrics.js';
import type { SingleWindow } from '../metrics/single-window.js';
import { LocalDate } from '../scalars.js';

/**
 * The answer for one window. Its metric fields are declared from the table of metrics, and each
 * is computed when it is read.
 */
@InterfaceType({
  description:
    'Metrics over one rolling window of daily returns. Returns, ratios and drawdowns are decimal fractions; a metric that the data cannot define is null.',
})
export abstract class RollingMetrics {
  @Field(() => RollingWindowEnum, { description: 'The window.' })
  readonly window: RollingWindow;

  @Field(() => LocalDate, { description: 'Last calendar day of the window.' })
  readonly asOf: string;

  @Field(() => LocalDate, { description: 'First calendar day inside the window.' })
  readonly windowStart: string;

  @Field(() => LocalDate, { description: 'First day with a row in the window.' })
  readonly firstObservation: string;

  @Field(() => LocalDate, { description: 'Last day with a row in the window.' })
  readonly lastObservation: string;

  @Field(() => Int, { description: 'Daily returns inside the window.' })
  readonly observations: number;

  @Field(() => Float, { description: 'The risk-free rate used, decimal fraction per day.' })
  readonly riskFreeDaily: number;

  @Field(() => WindowFreshness, { description: 'Whether the numbers are as new as their source.' })
  readonly freshness: WindowFreshness;

  constructor(
    window: RollingWindow,
    readonly days: SingleWindow,
    freshness: WindowFreshness,
  ) {
    this.window = window;
    this.asOf = formatDay(days.asOf);
    this.windowStart = formatDay(days.start);
    this.firstObservation = formatDay(days.firstObservation);
    this.lastObservation = formatDay(days.lastObservation);
    this.observations = days.count('returns');
    this.riskFreeDaily = days.riskFreeDaily;
    this.freshness = freshness;
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
  readonly benchmarkObservations: number;

  constructor(...parameters: ConstructorParameters<typeof Rolling30dMetrics>) {
    super(...parameters);
    this.benchmarkObservations = this.days.count('pairs');
  }
}

/** The type that answers for each window. */
export const ROLLING_TYPES = {
  THIRTY_DAYS: Rolling30dMetrics,
  SIXTY_DAYS: Rolling60dMetrics,
  NINETY_DAYS: Rolling90dMetrics,
  ONE_YEAR: Rolling1yMetrics,
} as const satisfies Record<RollingWindow, typeof Rolling30dMetrics>;

/** Declares a field that reads the metric from the window's days. */
function declareMetric(type: { readonly prototype: RollingMetrics }, metric: Metric): void {
  Object.defineProperty(type.prototype, metric.field, {
    get(this: RollingMetrics) {
      return this.days.value(metric);
    },
  });
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
