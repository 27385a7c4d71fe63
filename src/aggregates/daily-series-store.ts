import DataLoader from 'dataloader';
import type { Database } from '../database/database.js';
import { onAbort } from '../database/on-abort.js';
import { SharedWork, until } from '../database/until.js';
import type { DayNumber } from '../metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../metrics/daily-series.js';
import type { AggregateState } from './aggregate-state.js';
import { readDailySeries, readDailySeriesAndState, readLastDay } from './daily-series-reader.js';
import type { DailySeriesRange } from './daily-series-reader.js';
import { isSameData } from './fingerprint.js';
import type { Generation, Generations } from './generations.js';
import { AGGREGATE_NAMES, dailyColumns } from './registry.js';
import type { AggregateName } from './registry.js';
import { covers, knownFrom, SeriesCache, widen } from './series-cache.js';
import type { KnownDays, SeriesCacheOptions } from './series-cache.js';

/** What is known already comes at once, which costs a fraction of a promise. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** What `then` makes of a value, as soon as it is there. */
export function whenLoaded<Value, Result>(
  value: MaybePromise<Value>,
  then: (value: Value) => Result,
): MaybePromise<Result> {
  return value instanceof Promise ? value.then(then) : then(value);
}

/** A portfolio's daily series and the state of its aggregate, of one snapshot. */
export interface LoadedSeries {
  /** At least the days asked for. */
  readonly series: DailySeries;
  readonly state: AggregateState;
}

/** The same of several portfolios, in the order in which they were asked for. */
export interface LoadedBatch {
  readonly series: readonly DailySeries[];
  readonly state: AggregateState;
}

/** A read that is under way; it ends with undefined when the rows had changed by then. */
interface Read {
  readonly generation: Generation;
  readonly columns: readonly DailyColumn[];
  readonly ranges: ReadonlyMap<string, DailySeriesRange>;
  readonly known: SharedWork<ReadonlyMap<string, KnownDays> | undefined>;
}

/** A request for the days of one portfolio, in a batch with those of others. */
interface Wanted {
  readonly range: DailySeriesRange;
  readonly signal: AbortSignal | undefined;
}

type PerAggregate<Value> = Readonly<Record<AggregateName, Value>>;

/**
 * The daily series of all portfolios: from memory where they are known in the aggregate's present
 * generation, else from the database. What is asked for in one tick of the event loop, by
 * whatever requests, is one statement an aggregate; who asks for what is being read waits for
 * that.
 */
export class DailySeriesStore {
  readonly cache: SeriesCache;
  private readonly reads: PerAggregate<Set<Read>>;
  private readonly batches: PerAggregate<DataLoader<Wanted, LoadedSeries>>;

  constructor(
    private readonly database: Database,
    readonly generations: Generations,
    options: SeriesCacheOptions,
  ) {
    this.cache = new SeriesCache(options);
    this.reads = forEach(() => new Set());
    this.batches = forEach(
      (name) => new DataLoader((wanted) => this.loadBatch(name, wanted), { cache: false }),
    );
  }

  /**
   * All columns of one portfolio; at once when they are known. Who has a signal waits until it
   * aborts; a read that nobody waits for any more is cancelled.
   */
  load(
    name: AggregateName,
    range: DailySeriesRange,
    signal?: AbortSignal,
  ): MaybePromise<LoadedSeries> {
    const generation = this.generations.peek()?.aggregates[name];
    const known = generation && this.cache.get(name, range.portfolioId, generation);
    if (known && covers(name, known, range, dailyColumns(name))) {
      return { series: known.series, state: generation.state };
    }
    return until(this.batches[name].load({ range, signal }), signal);
  }

  /** Some columns of many portfolios; each at most once. */
  async loadAll(
    name: AggregateName,
    ranges: readonly DailySeriesRange[],
    columns: readonly DailyColumn[],
    signal?: AbortSignal,
  ): Promise<LoadedBatch> {
    const generation = (await this.generations.current(signal)).aggregates[name];
    const found = new Map<string, KnownDays>();
    const missing: DailySeriesRange[] = [];
    const reads = new Set<Read>();
    for (const range of ranges) {
      const known = this.cache.get(name, range.portfolioId, generation);
      if (known && covers(name, known, range, columns)) {
        found.set(range.portfolioId, known);
        continue;
      }
      const read = this.findRead(name, generation, range, columns);
      if (read) reads.add(read);
      else missing.push(known ? widen(range, known) : range);
    }
    if (missing.length > 0) reads.add(this.startRead(name, generation, missing, columns));
    for (const batch of await Promise.all(Array.from(reads, ({ known }) => known.wait(signal)))) {
      if (!batch) return this.loadExactly(name, ranges, columns, signal);
      for (const { portfolioId } of ranges) {
        const known = found.has(portfolioId) ? undefined : batch.get(portfolioId);
        if (known) found.set(portfolioId, known);
      }
    }
    const series = ranges.map(({ portfolioId }) => found.get(portfolioId)!.series);
    return { series, state: generation.state };
  }

  /** The last day an aggregate holds for any portfolio; null where it holds none. */
  async lastDay(name: AggregateName, signal?: AbortSignal): Promise<DayNumber | null> {
    return (await this.generations.current(signal)).aggregates[name].lastDay;
  }

  /** The last day an aggregate holds for any of these portfolios; null where it holds none. */
  lastDayOf(
    name: AggregateName,
    portfolioIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<DayNumber | null> {
    return readLastDay(this.database.withSignal(signal), name, portfolioIds);
  }

  /** For when the rows change while they are read: everything anew, in one snapshot. */
  private async loadExactly(
    name: AggregateName,
    ranges: readonly DailySeriesRange[],
    columns: readonly DailyColumn[],
    signal: AbortSignal | undefined,
  ): Promise<LoadedBatch> {
    this.generations.expire();
    const database = this.database.withSignal(signal);
    const batch = await readDailySeriesAndState(database, name, ranges, columns);
    return {
      series: ranges.map(({ portfolioId }) => batch.series.get(portfolioId)!),
      state: batch.state,
    };
  }

  private findRead(
    name: AggregateName,
    generation: Generation,
    range: DailySeriesRange,
    columns: readonly DailyColumn[],
  ): Read | undefined {
    for (const read of this.reads[name]) {
      const other = read.ranges.get(range.portfolioId);
      if (!other || read.generation.number !== generation.number) continue;
      if (read.known.isStopped) continue;
      const isWider =
        (range.from > range.to || (other.from <= range.from && other.to >= range.to)) &&
        (other.latest || !range.latest);
      if (isWider && columns.every((column) => read.columns.includes(column))) return read;
    }
    return undefined;
  }

  private startRead(
    name: AggregateName,
    generation: Generation,
    ranges: readonly DailySeriesRange[],
    columns: readonly DailyColumn[],
  ): Read {
    const byId = new Map(ranges.map((range) => [range.portfolioId, range]));
    const known = new SharedWork((signal) => this.read(name, generation, byId, columns, signal));
    const read: Read = { generation, columns, ranges: byId, known };
    this.reads[name].add(read);
    const end = (): boolean => this.reads[name].delete(read);
    void known.result.then(end, end);
    return read;
  }

  private async read(
    name: AggregateName,
    generation: Generation,
    ranges: ReadonlyMap<string, DailySeriesRange>,
    columns: readonly DailyColumn[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, KnownDays> | undefined> {
    const database = this.database.withSignal(signal);
    const batch = await readDailySeries(database, name, [...ranges.values()], columns);
    if (!isSameData(generation.fingerprint, batch.fingerprint)) return undefined;
    const known = new Map<string, KnownDays>();
    for (const [portfolioId, series] of batch.series) {
      const days = knownFrom(name, ranges.get(portfolioId)!, series, generation.lastDay);
      known.set(portfolioId, days);
      this.cache.set(name, portfolioId, generation, days);
    }
    return known;
  }

  private async loadBatch(name: AggregateName, wanted: readonly Wanted[]): Promise<LoadedSeries[]> {
    const widest = new Map<string, DailySeriesRange>();
    for (const { range } of wanted) {
      const other = widest.get(range.portfolioId);
      widest.set(range.portfolioId, other ? widen(range, other) : range);
    }
    const ranges = [...widest.values()];
    const signal = whenAllAborted(wanted);
    const { series, state } = await this.loadAll(name, ranges, dailyColumns(name), signal);
    const byId = new Map([...widest.keys()].map((id, index) => [id, series[index]!]));
    return wanted.map(({ range }) => ({ series: byId.get(range.portfolioId)!, state }));
  }
}

/** Aborts when the signals of all have; undefined where one has none and so waits in any case. */
function whenAllAborted(wanted: readonly Wanted[]): AbortSignal | undefined {
  const signals = new Set(wanted.map(({ signal }) => signal));
  if (signals.has(undefined)) return undefined;
  const [first, ...others] = signals;
  if (others.length === 0) return first;
  const all = new AbortController();
  let left = signals.size;
  for (const signal of signals) {
    onAbort(signal!, () => {
      left -= 1;
      if (left === 0) all.abort(signal!.reason);
    });
  }
  return all.signal;
}

function forEach<Value>(make: (name: AggregateName) => Value): PerAggregate<Value> {
  const entries = AGGREGATE_NAMES.map((name) => [name, make(name)]);
  return Object.fromEntries(entries) as PerAggregate<Value>;
}
