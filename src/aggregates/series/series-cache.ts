import { LRUCache } from 'lru-cache';
import { windowStart, type DayNumber } from '../../metrics/calendar.js';
import { columnsIn, type DailyColumn, type DailySeries } from '../../metrics/daily-series.js';
import { AGGREGATES, type AggregateName } from '../registry.js';
import type { DailySeriesRange } from './daily-series-reader.js';
import { sizeOf, withColumnsOf } from './packed-series.js';

export interface CacheOptions {
  /** The maximum number of bytes it holds; 0 for none. */
  readonly maxBytes: number;
  /** How long an entry lives at most, in milliseconds: what no snapshot shows ends with it. */
  readonly maxAge: number;
}

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

/** How often expired entries are removed, to make room for others. */
const PURGE_MS = 5000;

/** Daily series in memory, each of one revision: the last used ones. */
export class SeriesCache {
  private readonly entries: LRUCache<string, Entry> | undefined;
  private purged = performance.now();

  constructor({ maxBytes, maxAge }: CacheOptions) {
    if (maxBytes === 0) return;
    this.entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ series }) => OVERHEAD_BYTES + sizeOf(series),
      ttl: maxAge,
      ttlResolution: 1000,
    });
  }

  /** The days it knows of a portfolio at this revision. */
  get(name: AggregateName, portfolioId: string, revision: number): KnownDays | undefined {
    const key = keyOf(name, portfolioId);
    const entry = this.entries?.get(key);
    if (!entry || entry.revision === revision) return entry;
    // Revisions only count up: no caller wants this one any more.
    if (entry.revision < revision) this.entries!.delete(key);
    return undefined;
  }

  /** Keeps days, with the columns of them that it knows already, for as long as it knows those. */
  set(name: AggregateName, portfolioId: string, revision: number, known: KnownDays): void {
    const { entries } = this;
    if (!entries) return;
    const key = keyOf(name, portfolioId);
    const entry = entries.peek(key);
    // A read that began before the last change may end after it.
    if (entry && entry.revision > revision) return;
    const isSame = entry?.revision === revision;
    const series = isSame ? withColumnsOf(known.series, entry.series) : known.series;
    const updated = { ...known, revision };
    if (series === known.series) {
      entries.set(key, updated);
      return;
    }
    const ttl = Math.max(1, entries.getRemainingTTL(key));
    entries.set(key, { ...updated, series, columns: columnsIn(series) }, { ttl });
  }

  /** About how many bytes it holds, less what ended a while ago, which is let go. */
  get bytes(): number {
    if (performance.now() - this.purged > PURGE_MS) {
      this.entries?.purgeStale();
      this.purged = performance.now();
    }
    return this.entries?.calculatedSize ?? 0;
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
