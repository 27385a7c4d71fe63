import { windowStart, type DayNumber } from '../../metrics/calendar.js';
import { columnsIn, type DailyColumn, type DailySeries } from '../../metrics/daily-series.js';
import { SharedCache, type CacheMemory } from '../cache-memory.js';
import { AGGREGATES, type AggregateName } from '../registry.js';
import type { DailySeriesRange } from './daily-series-reader.js';
import { sizeOf, withColumnsOf } from './packed-series.js';

/** A portfolio's days from `from` to `to`, all that there are. */
export interface KnownDays {
  /** Inclusive; -Infinity: from its very first day. */
  readonly from: DayNumber;
  /** Inclusive; Infinity: to its very last day. */
  readonly to: DayNumber;
  readonly series: DailySeries;
  /** The columns of them that have been read. */
  readonly columns: readonly DailyColumn[];
  /** Whether the window that ends on the very last day is among them. */
  readonly hasLatest: boolean;
}

interface Entry extends KnownDays {
  readonly revision: number;
}

/** What a series takes besides its numbers, about: its objects, its key and its last window. */
const OVERHEAD_BYTES = 2500;

/**
 * Series give way to responses that were used this many times as long ago. A response that is
 * cached uses its series no more; without a weight, requests that come in a cycle would evict each
 * other's responses while there are series that none of them needs.
 */
const IDLE_WEIGHT = 4;

/** Daily series in memory, each of one revision. */
export class SeriesCache {
  private readonly entries: SharedCache<Entry>;

  constructor(memory: CacheMemory, maxAge: number) {
    this.entries = new SharedCache(memory, { maxAge, weight: IDLE_WEIGHT });
  }

  /** About how many bytes it holds. */
  get bytes(): number {
    return this.entries.bytes;
  }

  /** The days it knows of a portfolio at this revision. */
  get(name: AggregateName, portfolioId: string, revision: number): KnownDays | undefined {
    const key = keyOf(name, portfolioId);
    const entry = this.entries.get(key);
    if (!entry || entry.revision === revision) return entry;
    // Revisions only count up: no caller wants this one any more.
    if (entry.revision < revision) this.entries.delete(key);
    return undefined;
  }

  /** Keeps days, with the columns of them that it knows already, for as long as it knows those. */
  set(name: AggregateName, portfolioId: string, revision: number, known: KnownDays): void {
    const key = keyOf(name, portfolioId);
    const entry = this.entries.peek(key);
    // A read that began before the last change may end after it.
    if (entry && entry.revision > revision) return;
    const isSame = entry?.revision === revision;
    const series = isSame ? withColumnsOf(known.series, entry.series) : known.series;
    const columns = columnsIn(series);
    const ttl = series === known.series ? undefined : Math.max(1, this.entries.remainingTtl(key));
    const bytes = OVERHEAD_BYTES + sizeOf(series);
    this.entries.set(key, { ...known, revision, series, columns }, bytes, ttl);
  }
}

/** What is known of a portfolio's days once a range of them has been read. */
export function knownFrom(
  name: AggregateName,
  { from, to, latest }: DailySeriesRange,
  series: DailySeries,
  lastDay: DayNumber | null,
): KnownDays {
  const last = series.days.at(-1);
  // Without any last day there are no days at all.
  const start = last === undefined ? -Infinity : windowStart(last, AGGREGATES[name].length);
  const known = latest
    ? { from: Math.min(from, start), to: Infinity }
    : { from, to: to >= (lastDay ?? -Infinity) ? Infinity : to };
  const hasLatest = known.to === Infinity && known.from <= start;
  return { ...known, series, columns: columnsIn(series), hasLatest };
}

/** Whether these columns of all days of a range are known. */
export function covers(
  known: KnownDays,
  { from, to, latest }: DailySeriesRange,
  columns: readonly DailyColumn[],
): boolean {
  return (
    (known.hasLatest || !latest) &&
    (from > to || (from >= known.from && to <= known.to)) &&
    columns.every((column) => known.columns.includes(column))
  );
}

/** Whether nothing lies between a range and what is known: else widening would read all of that. */
export function touches({ from, to, latest }: DailySeriesRange, known: KnownDays): boolean {
  if (from > to) return latest && known.to === Infinity;
  return from <= known.to + 1 && to >= known.from - 1;
}

/** The range that covers both: what was known stays known. */
export function widen(
  range: DailySeriesRange,
  known: KnownDays | DailySeriesRange,
): DailySeriesRange {
  const latest = 'latest' in known ? known.latest : known.to === Infinity;
  return {
    portfolioId: range.portfolioId,
    from: Math.min(range.from, known.from),
    to: Math.max(range.to, known.to),
    latest: range.latest || latest,
  };
}

function keyOf(name: AggregateName, portfolioId: string): string {
  return `${name} ${portfolioId}`;
}
