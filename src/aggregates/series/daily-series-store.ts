import DataLoader from 'dataloader';
import type { Database } from '../../database/database.js';
import { onAbort } from '../../async/on-abort.js';
import type { MaybePromise } from '../../async/maybe-promise.js';
import { Turns } from '../../async/turns.js';
import { SharedWork, until } from '../../async/until.js';
import type { DayNumber } from '../../metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../../metrics/daily-series.js';
import type { AggregateState } from '../aggregate-state.js';
import { BatchSchedule } from './batch-schedule.js';
import { readDailySeries, readDailySeriesAndStates, readLastDay } from './daily-series-reader.js';
import type { DailySeriesBatch, DailySeriesRange, WantedSeries } from './daily-series-reader.js';
import { isSameData } from '../revisions/fingerprints.js';
import type { Generation, Generations, Reading } from '../revisions/generations.js';
import { AGGREGATE_NAMES, columnsToRead, dailyColumns } from '../registry.js';
import type { AggregateName } from '../registry.js';
import { covers, knownFrom, SeriesCache, touches, widen } from './series-cache.js';
import type { KnownDays, CacheOptions } from './series-cache.js';

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

/** A read that is under way, with others in one statement. */
interface Read {
  readonly batch: SharedWork<DailySeriesBatch>;
  readonly generation: Generation;
  readonly columns: readonly DailyColumn[];
  readonly ranges: ReadonlyMap<string, DailySeriesRange>;
  /** Undefined when the rows had changed by then. */
  readonly known: Promise<KnownSeries | undefined>;
}

type KnownSeries = ReadonlyMap<string, KnownDays>;

/** A range of one portfolio in one aggregate. */
interface Key extends DailySeriesRange {
  readonly name: AggregateName;
  readonly columns: readonly DailyColumn[];
  readonly signal: AbortSignal | undefined;
}

/**
 * The daily series of all portfolios: from memory where they are known in the aggregate's present
 * generation, else from the database. What is asked for at the same time, by whatever
 * requests, is one statement; who asks for what is being read waits for that. Who gives a
 * signal waits until it aborts, and a statement that nobody waits for any more is cancelled.
 */
export class DailySeriesStore {
  readonly cache: SeriesCache;
  private readonly reads = new Map<AggregateName, Set<Read>>(
    AGGREGATE_NAMES.map((name) => [name, new Set()]),
  );
  private readonly schedule = new BatchSchedule();
  private readonly batches = new DataLoader<Key, LoadedSeries>(
    (keys) => this.schedule.track(() => this.loadBatch(keys)),
    { cache: false, batchScheduleFn: (send) => this.schedule.schedule(send) },
  );

  constructor(
    private readonly database: Database,
    readonly generations: Generations,
    options: CacheOptions,
    private readonly turns: Turns = new Turns(),
  ) {
    this.cache = new SeriesCache(options);
  }

  /**
   * At least these columns of one portfolio, by default all; at once when they are known and there
   * is a turn to compute with them.
   */
  load(
    name: AggregateName,
    range: DailySeriesRange,
    signal?: AbortSignal,
    wanted: readonly DailyColumn[] = dailyColumns(name),
  ): MaybePromise<LoadedSeries> {
    const columns = columnsToRead(name, wanted);
    const generation = this.generations.peek()?.aggregates[name];
    const known = generation && this.cache.get(name, range.portfolioId, generation);
    if (known && covers(known, range, columns)) {
      return this.turns.with({ series: known.series, state: generation.state });
    }
    const loaded = this.batches.load({ name, columns, signal, ...range });
    return until(loaded, signal).then((series) => this.turns.with(series));
  }

  /** What is wanted of several aggregates, each in the snapshot of its state. */
  async loadAll(wanted: readonly WantedSeries[], signal?: AbortSignal): Promise<LoadedBatch[]> {
    const reading = await this.generations.current(signal);
    const found = wanted.map((each) => this.findKnown(reading, each));
    const missing = wanted.map(({ name, columns }, index) => {
      return { name, columns, ranges: found[index]!.missing };
    });
    const started = this.startReads(reading, missing);
    // Waits for all at once: one that is not waited for yet could be given up meanwhile.
    const waits = found.flatMap(({ known, reads }, index) =>
      [...reads, ...(started[index] ? [started[index]] : [])].map(async (read) => {
        await read.batch.wait(signal);
        return { known, series: await read.known, ...wanted[index]! };
      }),
    );
    for (const { known, series, ranges, columns } of await Promise.all(waits)) {
      if (!series) return this.loadExactly(wanted, signal);
      for (const range of ranges) {
        // A read of others may hold fewer days of a portfolio than are wanted here.
        const days = known.has(range.portfolioId) ? undefined : series.get(range.portfolioId);
        if (days && covers(days, range, columns)) known.set(range.portfolioId, days);
      }
    }
    const isKnown = ({ ranges }: WantedSeries, index: number): boolean =>
      ranges.every(({ portfolioId }) => found[index]!.known.has(portfolioId));
    if (!wanted.every(isKnown)) return this.loadExactly(wanted, signal);
    return wanted.map(({ name, ranges }, index) => ({
      series: ranges.map(({ portfolioId }) => found[index]!.known.get(portfolioId)!.series),
      state: reading.aggregates[name].state,
    }));
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
    wanted: readonly WantedSeries[],
    signal: AbortSignal | undefined,
  ): Promise<LoadedBatch[]> {
    this.generations.expire();
    const database = this.database.withSignal(signal);
    const { series, states } = await readDailySeriesAndStates(database, wanted);
    return wanted.map(({ ranges }, index) => ({
      series: ranges.map(({ portfolioId }) => series[index]!.get(portfolioId)!),
      state: states[index]!,
    }));
  }

  /** What is in memory, what is being read, and what has to be. */
  private findKnown(
    reading: Reading,
    { name, ranges, columns }: WantedSeries,
  ): { known: Map<string, KnownDays>; reads: Set<Read>; missing: DailySeriesRange[] } {
    const generation = reading.aggregates[name];
    const found = { known: new Map<string, KnownDays>(), reads: new Set<Read>() };
    const missing: DailySeriesRange[] = [];
    for (const range of ranges) {
      const days = this.cache.get(name, range.portfolioId, generation);
      if (days && covers(days, range, columns)) {
        found.known.set(range.portfolioId, days);
        continue;
      }
      const read = this.findRead(name, generation, range, columns);
      if (read) found.reads.add(read);
      else missing.push(days && touches(range, days) ? widen(range, days) : range);
    }
    return { ...found, missing };
  }

  private findRead(
    name: AggregateName,
    generation: Generation,
    range: DailySeriesRange,
    columns: readonly DailyColumn[],
  ): Read | undefined {
    // Whoever reads to the last day there is has all days after it.
    const end = ({ to }: DailySeriesRange, { lastDay }: Generation): DayNumber =>
      to >= (lastDay ?? -Infinity) ? Infinity : to;
    for (const read of this.reads.get(name)!) {
      const other = read.ranges.get(range.portfolioId);
      if (!other || read.generation.number !== generation.number) continue;
      if (read.batch.isStopped) continue;
      const isWider =
        (range.from > range.to ||
          (other.from <= range.from && end(other, read.generation) >= end(range, generation))) &&
        (other.latest || !range.latest);
      if (isWider && columns.every((column) => read.columns.includes(column))) return read;
    }
    return undefined;
  }

  /** Reads what is missing in one statement; undefined for aggregates of which nothing is. */
  private startReads(
    reading: Reading,
    missing: readonly WantedSeries[],
  ): readonly (Read | undefined)[] {
    const wanted = missing.filter(({ ranges }) => ranges.length > 0);
    if (wanted.length === 0) return [];
    const batch = new SharedWork((signal) =>
      readDailySeries(this.database.withSignal(signal), wanted),
    );
    return missing.map((each) => {
      const index = wanted.indexOf(each);
      return index < 0 ? undefined : this.startRead(reading, each, index, batch);
    });
  }

  private startRead(
    reading: Reading,
    { name, ranges, columns }: WantedSeries,
    index: number,
    batch: SharedWork<DailySeriesBatch>,
  ): Read {
    const generation = reading.aggregates[name];
    const byId = new Map(ranges.map((range) => [range.portfolioId, range]));
    const keep = ({ series, fingerprints }: DailySeriesBatch): KnownSeries | undefined => {
      if (!isSameData(name, reading.fingerprints, fingerprints)) return undefined;
      const known = new Map<string, KnownDays>();
      for (const [portfolioId, found] of series[index]!) {
        const days = knownFrom(name, byId.get(portfolioId)!, found, generation.lastDay);
        known.set(portfolioId, days);
        this.cache.set(name, portfolioId, generation, days);
      }
      return known;
    };
    const known = batch.result.then(keep);
    const read: Read = { batch, generation, columns, ranges: byId, known };
    const reads = this.reads.get(name)!;
    reads.add(read);
    const end = (): boolean => reads.delete(read);
    void known.then(end, end);
    return read;
  }

  private async loadBatch(keys: readonly Key[]): Promise<LoadedSeries[]> {
    const together = new Map<
      AggregateName,
      { ranges: Map<string, DailySeriesRange>; columns: Set<DailyColumn> }
    >();
    for (const { name, columns, signal: _signal, ...range } of keys) {
      const of = together.get(name) ?? { ranges: new Map(), columns: new Set() };
      together.set(name, of);
      const other = of.ranges.get(range.portfolioId);
      of.ranges.set(range.portfolioId, other ? widen(range, other) : range);
      for (const column of columns) of.columns.add(column);
    }
    // In one order, whoever asked first: each order would be another statement.
    const wanted = AGGREGATE_NAMES.flatMap((name) => {
      const of = together.get(name);
      if (!of) return [];
      return {
        name,
        ranges: [...of.ranges.values()],
        columns: columnsToRead(name, [...of.columns]),
      };
    });
    const loaded = await this.loadAll(wanted, whenAllAborted(keys));
    const series = new Map<string, LoadedSeries>();
    for (const [index, { name, ranges }] of wanted.entries()) {
      const { state, series: all } = loaded[index]!;
      for (const [place, { portfolioId }] of ranges.entries()) {
        series.set(`${name} ${portfolioId}`, { series: all[place]!, state });
      }
    }
    return keys.map(({ name, portfolioId }) => series.get(`${name} ${portfolioId}`)!);
  }
}

/** Aborts when the signals of all have; undefined where one has none and so waits in any case. */
function whenAllAborted(keys: readonly Key[]): AbortSignal | undefined {
  const signals = new Set(keys.map(({ signal }) => signal));
  if (signals.has(undefined)) return undefined;
  if (signals.size === 1) return keys[0]!.signal;
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
