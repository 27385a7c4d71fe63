import { Field, Float, Int, InterfaceType, ObjectType } from 'type-graphql';
import { RollingWindowEnum, WindowFreshness } from '../aggregates/graphql-types.js';
import {
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  metricsOf,
  ROLLING_WINDOWS,
  type RollingWindow,
} from '../aggregates/registry.js';
import { formatDay, formatLength } from '../metrics/calendar.js';
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
 * The metrics of one window. Its metric fields are declared from the table of metrics, and computed
 * when they are read.
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

type RollingType = new (...fields: ConstructorParameters<typeof RollingMetrics>) => RollingMetrics;

/** The name of a window's type: Rolling30dMetrics where the field is rolling30d. */
export function typeNameOf(window: RollingWindow): string {
  const { field } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  return `${field[0]!.toUpperCase()}${field.slice(1)}Metrics`;
}

function createType(window: RollingWindow): RollingType {
  const { length } = AGGREGATES[AGGREGATE_OF_WINDOW[window]];
  @ObjectType(typeNameOf(window), {
    description: `Metrics over (asOf − ${formatLength(length)}, asOf].`,
    implements: RollingMetrics,
    simpleResolvers: true,
  })
  class WindowMetrics extends RollingMetrics {}
  return WindowMetrics;
}

/** The type of each window. */
export const ROLLING_TYPES = Object.fromEntries(
  ROLLING_WINDOWS.map((window) => [window, createType(window)]),
) as Readonly<Record<RollingWindow, RollingType>>;

const columnsOfFields = new Map<string, readonly DailyColumn[]>();

/** The columns of the daily series that a field of a window is computed from. */
export function columnsOfField(name: string): readonly DailyColumn[] {
  return columnsOfFields.get(name) ?? [];
}

/** Declares a field of a type, or of all where it is RollingMetrics, that is read from the window's days. */
function declareField(
  { prototype }: { readonly prototype: RollingMetrics },
  name: string,
  columns: readonly DailyColumn[],
  decorator: PropertyDecorator,
  read: (days: SingleWindow) => number | null,
): void {
  Object.defineProperty(prototype, name, {
    get(this: RollingMetrics) {
      return read(this.days);
    },
  });
  columnsOfFields.set(name, columns);
  decorator(prototype, name);
}

function declareMetric(type: { readonly prototype: RollingMetrics }, metric: Metric): void {
  const decorator = Field(() => Float, { nullable: true, description: describe(metric) });
  declareField(type, metric.field, columnsOf(metric), decorator, (days) => days.value(metric));
}

function declareBenchmarkObservations(type: { readonly prototype: RollingMetrics }): void {
  const description = 'Days with both a return and a benchmark return.';
  const decorator = Field(() => Int, { description });
  const { columns } = BASES.pairs;
  declareField(type, 'benchmarkObservations', columns, decorator, (days) => days.count('pairs'));
}

const ofEveryWindow = METRIC_NAMES.filter((name) =>
  ROLLING_WINDOWS.every((window) => metricsOf(window).includes(name)),
);
for (const name of ofEveryWindow) declareMetric(RollingMetrics, METRICS[name]);
for (const window of ROLLING_WINDOWS) {
  const type = ROLLING_TYPES[window];
  for (const name of metricsOf(window)) {
    if (!ofEveryWindow.includes(name)) declareMetric(type, METRICS[name]);
  }
  if (metricsOf(window).includes('BETA')) declareBenchmarkObservations(type);
}
declareMetric(ROLLING_TYPES.NINETY_DAYS, SHARPE_STANDARD_ERROR);
