import DataLoader from 'dataloader';
import type { MaybePromise } from '../../async/maybe-promise.js';
import { onAbort } from '../../async/on-abort.js';
import { Turns } from '../../async/turns.js';
import { SharedWork, until } from '../../async/until.js';
import type { Database } from '../../database/database.js';
import type { DayNumber } from '../../metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../../metrics/daily-series.js';
import type { AggregateState } from '../aggregate-state.js';
import { AGGREGATE_NAMES, columnsToRead, type AggregateName } from '../registry.js';
import type { Dependencies } from '../revisions/dependencies.js';
import type { NumberedSnapshot, Revisions } from '../revisions/revisions.js';
import { BatchSchedule } from './batch-schedule.js';
import {
  readDailySeries,
  readDailySeriesAndStates,
  readLastDay,
  type DailySeriesBatch,
  type DailySeriesRange,
  type WantedSeries,
} from './daily-series-reader.js';
import {
  covers,
  knownFrom,
  touches,
  widen,
  type KnownDays,
  type SeriesCache,
} from './series-cache.js';

/** A portfolio's daily series and the state of its aggregate, of one snapshot. */
export interface LoadedSeries {
  /** At least the requested days. */
  readonly series: DailySeries;
  readonly state: AggregateState;
}

/** The same of several portfolios, in the order of the request. */
export interface LoadedBatch {
  readonly series: readonly DailySeries[];
  readonly state: AggregateState;
}

/** A caller that loads daily series. */
export interface Reader {
  /** Aborts when the caller waits no longer; without it the caller waits in any case. */
  readonly signal?: AbortSignal | undefined;
  /** Where what was loaded is recorded. */
  readonly dependencies?: Dependencies | undefined;
}

/** A read that is under way, with others in one statement. */
interface Read {
  readonly batch: SharedWork<DailySeriesBatch>;
  readonly columns: readonly DailyColumn[];
  readonly ranges: ReadonlyMap<string, DailySeriesRange>;
  /** By portfolio id, at the snapshot before. */
  readonly revisions: ReadonlyMap<string, number>;
  /** The last day that the aggregate held then. */
  readonly lastDay: DayNumber | null;
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

/** How often series are read between two snapshots that have to agree, before states are read along. */
const TRIES = 2;
/** A batch of more portfolios of an aggregate depends on all of that aggregate. */
const MAX_DEPENDENCIES = 250;

/**
 * The daily series of all portfolios: from memory where they are known at their present revision,
 * else from the database. All series wanted at the same time, by any requests, are read with one
 * statement; a caller that wants what is being read waits for that. A statement is cancelled once
 * the signals of all its callers have aborted.
 */
export class DailySeriesStore {
  /** How many series were loaded since the start, each of one portfolio in one aggregate, by where they came from. */
  readonly loaded = { memory: 0, database: 0 };
  private readonly reads = new Map<AggregateName, Set<Read>>(
    AGGREGATE_NAMES.map((name) => [name, new Set()]),
  );
  private readonly schedule = new BatchSchedule();
  private readonly batches = new DataLoader<
    Key,
    LoadedSeries & { readonly revision: number | null }
  >((keys) => this.schedule.track(() => this.loadBatch(keys)), {
    cache: false,
    batchScheduleFn: (send) => this.schedule.schedule(send),
  });

  constructor(
    private readonly database: Database,
    readonly revisions: Revisions,
    readonly cache: SeriesCache,
    private readonly turns: Turns = new Turns(),
  ) {}

  /** About how many bytes of series are cached. */
  get bytes(): number {
    return this.cache.bytes;
  }

  /**
   * At least these columns of one portfolio; at once when they are known and there is a turn to
   * compute with them.
   */
  load(
    name: AggregateName,
    range: DailySeriesRange,
    wanted: readonly DailyColumn[],
    { signal, dependencies }: Reader = {},
  ): MaybePromise<LoadedSeries> {
    const columns = columnsToRead(name, wanted);
    const { portfolioId } = range;
    const latest = this.revisions.peek();
    const revision = this.revisions.ofSeries(name, portfolioId);
    const known = latest && this.cache.get(name, portfolioId, revision);
    if (known && covers(known, range, columns)) {
      dependencies?.series(name, portfolioId, revision);
      this.loaded.memory += 1;
      const { state } = latest.snapshot.aggregates[name];
      return this.turns.with({ series: known.series, state });
    }
    const loading = this.batches.load({ name, columns, signal, ...range });
    const recorded = loading.then(async (loaded) => {
      if (loaded.revision === null) dependencies?.unknown();
      else dependencies?.series(name, portfolioId, loaded.revision);
      await this.turns.inLine();
      return loaded;
    });
    return until(recorded, signal);
  }

  /** What is wanted of several aggregates, each in the snapshot of its state. */
  async loadAll(
    wanted: readonly WantedSeries[],
    { signal, dependencies }: Reader = {},
  ): Promise<LoadedBatch[]> {
    const { loaded, revisions } = await this.loadConsistently(wanted, signal);
    for (const [index, { name, ranges }] of dependencies ? wanted.entries() : []) {
      const { ofAggregate, ofSeries } = revisions?.[index] ?? {};
      if (!ofSeries) dependencies!.unknown();
      else if (ranges.length > MAX_DEPENDENCIES) dependencies!.aggregate(name, ofAggregate!);
      else for (const [id, revision] of ofSeries) dependencies!.series(name, id, revision);
    }
    return loaded;
  }

  /** The last day an aggregate holds for any portfolio; null where it holds none. */
  async lastDay(
    name: AggregateName,
    { signal, dependencies }: Reader = {},
  ): Promise<DayNumber | null> {
    const { snapshot } = await this.revisions.current(signal);
    const { lastDay } = snapshot.aggregates[name];
    dependencies?.lastDay(name, lastDay);
    return lastDay;
  }

  /** The last day an aggregate holds for any of these portfolios; null where it holds none. */
  async lastDayOf(
    name: AggregateName,
    portfolioIds: readonly string[],
    { signal, dependencies }: Reader = {},
  ): Promise<DayNumber | null> {
    await this.revisions.current(signal);
    const { snapshot } = this.revisions.latest!;
    dependencies?.aggregate(name, this.revisions.ofAggregate(name));
    const database = this.database.withSignal(signal);
    const { day, version } = await readLastDay(database, name, portfolioIds);
    if (version !== snapshot.version) dependencies?.unknown();
    return day;
  }

  private async loadConsistently(
    wanted: readonly WantedSeries[],
    signal: AbortSignal | undefined,
  ): Promise<{ loaded: LoadedBatch[]; revisions: readonly WantedRevisions[] | null }> {
    await this.revisions.current(signal);
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      // The revisions are those of the latest snapshot, which may be newer than the one waited for.
      const latest = this.revisions.latest!;
      const revisions = wanted.map((each) => this.revisionsOf(each));
      const loaded = await this.loadAt(latest, wanted, revisions, signal);
      if (loaded) return { loaded, revisions };
      await this.revisions.catchUp(signal);
    }
    return { loaded: await this.loadExactly(wanted, signal), revisions: null };
  }

  private revisionsOf({ name, ranges }: WantedSeries): WantedRevisions {
    const of = ({ portfolioId }: DailySeriesRange): [string, number] => {
      return [portfolioId, this.revisions.ofSeries(name, portfolioId)];
    };
    return { ofAggregate: this.revisions.ofAggregate(name), ofSeries: new Map(ranges.map(of)) };
  }

  /** What is wanted as it is in a snapshot; undefined where rows have changed since. */
  private async loadAt(
    latest: NumberedSnapshot,
    wanted: readonly WantedSeries[],
    revisions: readonly WantedRevisions[],
    signal: AbortSignal | undefined,
  ): Promise<LoadedBatch[] | undefined> {
    const found = wanted.map((each, index) =>
      this.findKnown(latest, each, revisions[index]!.ofSeries),
    );
    const fromMemory = found.reduce((sum, { known }) => sum + known.size, 0);
    const missing = wanted.map((each, index) => ({ ...each, ranges: found[index]!.missing }));
    const started = this.startReads(latest, missing, revisions);
    // Waits for all at once: one that is not waited for yet could be given up meanwhile.
    const waits = found.flatMap(({ known, reads }, index) =>
      [...reads, ...(started[index] ? [started[index]] : [])].map(async (read) => {
        await read.batch.wait(signal);
        return { known, series: await read.known, ...wanted[index]! };
      }),
    );
    for (const { known, series, ranges, columns } of await Promise.all(waits)) {
      if (!series) return undefined;
      for (const range of ranges) {
        // A read of others may hold fewer days of a portfolio than are wanted here.
        const days = known.has(range.portfolioId) ? undefined : series.get(range.portfolioId);
        if (days && covers(days, range, columns)) known.set(range.portfolioId, days);
      }
    }
    const isKnown = ({ ranges }: WantedSeries, index: number): boolean =>
      ranges.every(({ portfolioId }) => found[index]!.known.has(portfolioId));
    if (!wanted.every(isKnown)) return undefined;
    // A later snapshot may have come meanwhile: series of the same revision are the same in it.
    const { snapshot } = this.revisions.latest!;
    const isCurrent = ({ name }: WantedSeries, index: number): boolean =>
      [...revisions[index]!.ofSeries].every(
        ([portfolioId, revision]) => this.revisions.ofSeries(name, portfolioId) === revision,
      );
    if (!wanted.every(isCurrent)) return undefined;
    this.loaded.memory += fromMemory;
    this.loaded.database += countRanges(wanted) - fromMemory;
    return wanted.map(({ name, ranges }, index) => ({
      series: ranges.map(({ portfolioId }) => found[index]!.known.get(portfolioId)!.series),
      state: snapshot.aggregates[name].state,
    }));
  }

  /** For when rows change each time while they are read: everything again, in one snapshot. */
  private async loadExactly(
    wanted: readonly WantedSeries[],
    signal: AbortSignal | undefined,
  ): Promise<LoadedBatch[]> {
    const database = this.database.withSignal(signal);
    const { series, states } = await readDailySeriesAndStates(database, wanted);
    this.loaded.database += countRanges(wanted);
    return wanted.map(({ ranges }, index) => ({
      series: ranges.map(({ portfolioId }) => series[index]!.get(portfolioId)!),
      state: states[index]!,
    }));
  }

  /** What is in memory, what is being read, and what has to be. */
  private findKnown(
    latest: NumberedSnapshot,
    { name, ranges, columns }: WantedSeries,
    revisions: ReadonlyMap<string, number>,
  ): { known: Map<string, KnownDays>; reads: Set<Read>; missing: DailySeriesRange[] } {
    const found = { known: new Map<string, KnownDays>(), reads: new Set<Read>() };
    const missing: DailySeriesRange[] = [];
    const { lastDay } = latest.snapshot.aggregates[name];
    for (const range of ranges) {
      const revision = revisions.get(range.portfolioId)!;
      const days = this.cache.get(name, range.portfolioId, revision);
      if (days && covers(days, range, columns)) {
        found.known.set(range.portfolioId, days);
        continue;
      }
      const read = this.findRead(name, range, columns, revision, lastDay);
      if (read) found.reads.add(read);
      else missing.push(days && touches(range, days) ? widen(range, days) : range);
    }
    return { ...found, missing };
  }

  private findRead(
    name: AggregateName,
    range: DailySeriesRange,
    columns: readonly DailyColumn[],
    revision: number,
    lastDay: DayNumber | null,
  ): Read | undefined {
    // A read to the last day there is has all days after it.
    const end = ({ to }: DailySeriesRange, last: DayNumber | null): DayNumber =>
      to >= (last ?? -Infinity) ? Infinity : to;
    for (const read of this.reads.get(name)!) {
      const other = read.ranges.get(range.portfolioId);
      if (!other || read.revisions.get(range.portfolioId) !== revision) continue;
      if (read.batch.isStopped) continue;
      const isWider =
        (range.from > range.to ||
          (other.from <= range.from && end(other, read.lastDay) >= end(range, lastDay))) &&
        (other.latest || !range.latest);
      if (isWider && columns.every((column) => read.columns.includes(column))) return read;
    }
    return undefined;
  }

  /** Reads what is missing in one statement; undefined for aggregates of which nothing is. */
  private startReads(
    latest: NumberedSnapshot,
    missing: readonly WantedSeries[],
    revisions: readonly WantedRevisions[],
  ): readonly (Read | undefined)[] {
    const wanted = missing.filter(({ ranges }) => ranges.length > 0);
    if (wanted.length === 0) return [];
    const batch = new SharedWork((signal) =>
      readDailySeries(this.database.withSignal(signal), wanted),
    );
    return missing.map((each, place) => {
      const index = wanted.indexOf(each);
      const { ofSeries } = revisions[place]!;
      return index < 0 ? undefined : this.startRead(latest, each, index, batch, ofSeries);
    });
  }

  private startRead(
    { snapshot }: NumberedSnapshot,
    { name, ranges, columns, once }: WantedSeries,
    index: number,
    batch: SharedWork<DailySeriesBatch>,
    revisions: ReadonlyMap<string, number>,
  ): Read {
    const { lastDay } = snapshot.aggregates[name];
    const byId = new Map(ranges.map((range) => [range.portfolioId, range]));
    const keep = async ({
      series,
      version,
    }: DailySeriesBatch): Promise<KnownSeries | undefined> => {
      if (version !== snapshot.version) {
        // Rows were written meanwhile, of any portfolio. Those whose revision is the same in a
        // snapshot before and one after are the same between them, also on a replica: it shows
        // everything up to the one before, and nothing that the one after does not.
        await this.revisions.catchUp();
      }
      const known = new Map<string, KnownDays>();
      for (const [portfolioId, found] of series[index]!) {
        if (this.revisions.ofSeries(name, portfolioId) !== revisions.get(portfolioId)) continue;
        const days = knownFrom(name, byId.get(portfolioId)!, found, lastDay);
        known.set(portfolioId, days);
        if (!once) this.cache.set(name, portfolioId, revisions.get(portfolioId)!, days);
      }
      return known;
    };
    const known = batch.result.then(keep);
    const read: Read = { batch, columns, ranges: byId, revisions, lastDay, known };
    const reads = this.reads.get(name)!;
    reads.add(read);
    const end = (): boolean => reads.delete(read);
    void known.then(end, end);
    return read;
  }

  private async loadBatch(
    keys: readonly Key[],
  ): Promise<(LoadedSeries & { readonly revision: number | null })[]> {
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
    // In one order, whichever caller is first: each order would be another statement.
    const wanted = AGGREGATE_NAMES.flatMap((name) => {
      const of = together.get(name);
      if (!of) return [];
      return {
        name,
        ranges: [...of.ranges.values()],
        columns: columnsToRead(name, [...of.columns]),
      };
    });
    const { loaded, revisions } = await this.loadConsistently(wanted, whenAllAborted(keys));
    const series = new Map<string, LoadedSeries & { readonly revision: number | null }>();
    for (const [index, { name, ranges }] of wanted.entries()) {
      const { state, series: all } = loaded[index]!;
      for (const [place, { portfolioId }] of ranges.entries()) {
        const revision = revisions?.[index]!.ofSeries.get(portfolioId) ?? null;
        series.set(`${name} ${portfolioId}`, { series: all[place]!, state, revision });
      }
    }
    return keys.map(({ name, portfolioId }) => series.get(`${name} ${portfolioId}`)!);
  }
}

/** How many series are wanted. */
function countRanges(wanted: readonly WantedSeries[]): number {
  return wanted.reduce((sum, { ranges }) => sum + ranges.length, 0);
}

/** The revisions of what is wanted of an aggregate, in one snapshot. */
interface WantedRevisions {
  readonly ofAggregate: number;
  /** By portfolio id. */
  readonly ofSeries: ReadonlyMap<string, number>;
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
