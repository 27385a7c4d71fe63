import {
  AGGREGATE_NAMES,
  AGGREGATE_OF_WINDOW,
  AGGREGATES,
  ROLLING_WINDOWS,
  type RollingWindow,
} from '../aggregates/registry.js';
import { parseDay } from '../metrics/calendar.js';
import { MAX_FINDINGS } from '../metrics/data-quality.js';
import { METRIC_NAMES, METRICS, SHARPE_STANDARD_ERROR } from '../metrics/metrics.js';
import { MAX_FIRST } from '../pagination.js';
import { LEFT_OUT_REASONS } from '../rolling/ranking.js';
import { typeNameOf } from '../rolling/rolling-metrics.js';
import { MAX_SERIES_DAYS } from '../series-range.js';
import type { GivenArguments } from './given-arguments.js';

/** What a field costs; what is absent is 1. */
export interface FieldCost {
  /** Of the field by itself. */
  readonly own?: (args: GivenArguments, series: GivenArguments) => number;
  /** How often the fields below it are computed. */
  readonly times?: (args: GivenArguments, series: GivenArguments) => number;
  /** Whether the fields below it cost by its arguments. */
  readonly isSeries?: true;
  /** Whether it costs by the arguments of the series that it is in, and not by its own. */
  readonly isOfSeries?: true;
}

/** A ranking reads all portfolios, and how many there are is not known before: as of 1,370 over a year. */
const RANKING = 500_000;
/** What is read from the catalogs of the database. */
const STATUS = 10_000;
/** A row that is written goes through a staging table and several indexes. */
const WRITTEN_ROW = 10;
/** A value that is delivered takes longer than a day that is only computed with. */
export const DELIVERED = 4;

/** The cost of checking one day, in days of one metric. */
const DATA_QUALITY_STEPS = 5;

const AGGREGATE_COUNT = AGGREGATE_NAMES.length;

const free: FieldCost = { own: () => 0, times: () => 0 };
const status: FieldCost = { own: () => STATUS };
const listOf = (length: number): FieldCost => ({ times: () => length });
const ofEachDay: FieldCost = {
  own: (_, { from, to }) => DELIVERED * daysBetween(from, to),
  isOfSeries: true,
};
/** Without both of its bounds, a series of the source may have as many days as one can have. */
const sourceDays = ({ from, to }: GivenArguments): number =>
  typeof from === 'string' && typeof to === 'string' ? daysBetween(from, to) : MAX_SERIES_DAYS;
const ofEachSourceDay: FieldCost = {
  own: (_, series) => DELIVERED * sourceDays(series),
  isOfSeries: true,
};
const page: FieldCost = { times: ({ first }) => bounded(first, MAX_FIRST) };

/** The fields that cost something else than 1. The unit is one day of one metric of one portfolio. */
export const FIELD_COSTS: Readonly<Record<string, FieldCost>> = {
  'Query.portfolios': {
    times: ({ first, ids }) => bounded(first, ids ? Math.min(MAX_FIRST, listed(ids)) : MAX_FIRST),
  },
  'Query.ranking': { own: () => RANKING, ...page },
  'Ranking.leftOut': listOf(LEFT_OUT_REASONS.length),
  'Query.aggregateRefreshes': page,
  'AggregateRefresh.pendingAfter': listOf(50),
  'Query.aggregateStatus': { ...status, ...listOf(AGGREGATE_COUNT) },
  'AggregateStatus.pendingInvalidations': listOf(50),
  'Query.aggregatePerformance': { ...status, ...listOf(AGGREGATE_COUNT) },
  'Query.freshnessReport': status,
  'Query.health': status,
  'Health.aggregates': listOf(AGGREGATE_COUNT),
  'Mutation.recordDailyMetrics': { own: ({ rows }) => WRITTEN_ROW * listed(rows) },
  'Portfolio.freshness': { own: ({ window }) => daysOf(window) },
  'Portfolio.rollingSeries': {
    own: ({ window, from, to, metrics }) =>
      listed(metrics) * (daysOf(window) + daysBetween(from, to)),
    isSeries: true,
  },
  'RollingSeries.days': ofEachDay,
  'RollingSeries.observations': ofEachDay,
  'RollingSeries.columns': { times: (_, { metrics }) => listed(metrics), isOfSeries: true },
  'MetricColumn.values': ofEachDay,
  'Portfolio.dailySeries': { own: sourceDays, isSeries: true },
  'DailySeries.days': ofEachSourceDay,
  'DailySeries.pricingPackIds': ofEachSourceDay,
  'DailySeries.returns': ofEachSourceDay,
  'DailySeries.values': ofEachSourceDay,
  'DailySeries.benchmarkReturns': ofEachSourceDay,
  // It reads and looks at as many days, whatever it finds.
  'Portfolio.dataQuality': {
    own: () => DATA_QUALITY_STEPS * MAX_SERIES_DAYS,
    times: () => MAX_FINDINGS,
  },
  // About as many as there are at most: introspection is not interrupted.
  '__Schema.types': listOf(100),
  '__Schema.directives': listOf(10),
  '__Type.fields': listOf(50),
  '__Type.enumValues': listOf(50),
  '__Type.inputFields': listOf(10),
  '__Type.interfaces': listOf(10),
  '__Type.possibleTypes': listOf(10),
  '__Field.args': listOf(10),
  '__Directive.args': listOf(10),
};

const METRIC_FIELDS = new Set(
  [...METRIC_NAMES.map((name) => METRICS[name]), SHARPE_STANDARD_ERROR].map(({ field }) => field),
);
const DAYS_OF_TYPE = new Map(ROLLING_WINDOWS.map((window) => [typeNameOf(window), daysOf(window)]));

/** The cost of a field of `parent` that gives `type`. */
export function fieldCost(parent: string, field: string, type: string): FieldCost {
  const days = DAYS_OF_TYPE.get(type);
  // A window is its days, and those for each metric that is requested of it.
  if (days !== undefined) return { own: () => days, times: () => days };
  if (parent === 'RollingMetrics' || DAYS_OF_TYPE.has(parent)) {
    return METRIC_FIELDS.has(field) ? {} : free;
  }
  return FIELD_COSTS[`${parent}.${field}`] ?? {};
}

/** The days of a window; of one that is not known yet, of the longest. */
function daysOf(window: unknown): number {
  const name = ROLLING_WINDOWS.includes(window as RollingWindow)
    ? AGGREGATE_OF_WINDOW[window as RollingWindow]
    : undefined;
  if (!name) return Math.max(...ROLLING_WINDOWS.map(daysOf));
  const { length } = AGGREGATES[name];
  return 'days' in length ? length.days : 365 * length.years;
}

/** The days of a series; more than it takes are refused by itself. */
function daysBetween(from: unknown, to: unknown): number {
  const [first, last] = [from, to].map((day) => (typeof day === 'string' ? parseDay(day) : null));
  if (typeof first !== 'number' || typeof last !== 'number') return 0;
  return bounded(last - first + 1, MAX_SERIES_DAYS);
}

/** How many values a list has; one by itself is a list of one. */
function listed(list: unknown): number {
  return Array.isArray(list) ? list.length : 1;
}

/** A count that is refused by its own field where it is out of bounds. */
function bounded(count: unknown, max: number): number {
  return typeof count === 'number' ? Math.max(0, Math.min(max, count)) : max;
}
