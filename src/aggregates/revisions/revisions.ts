import { SharedWork, until } from '../../async/until.js';
import type { Database } from '../../database/database.js';
import { AGGREGATE_NAMES, type AggregateName } from '../registry.js';
import { pruneChanges } from './change-log.js';
import { changedPortfolios, mayHaveRefreshed } from './changed-portfolios.js';
import { changedSources } from './changes.js';
import { noteCompleteChunks } from './complete-chunks.js';
import { mergeLog } from './merge-log.js';
import { pendingWritesOf, type Known, type PendingWrites } from './pending-writes.js';
import { RevisionCounter } from './revision-counter.js';
import {
  MAX_LOGGED,
  portfoliosRevision,
  readPendingDays,
  readSnapshot,
  type Snapshot,
} from './snapshot.js';
import { pruneWrites } from './write-counts.js';

/** A snapshot with its number, which is the revision of what changed in it. */
export interface NumberedSnapshot extends Known {
  /** Counts the snapshots of this process. */
  readonly number: number;
  /** When the statement was sent, on the monotonic clock, in milliseconds. */
  readonly sentAt: number;
}

/** How long to leave what failed in the background, such as on a read-only database. */
const TIDY_AGAIN_MS = 60_000;
/** How often TimescaleDB's log is merged at most. */
const MERGE_EVERY_MS = 10_000;
/** PostgreSQL's sessions report what they changed ten seconds later at the latest, and some wait for a job. */
const SETTLE_MS = 30_000;

/**
 * Knows the revision of every portfolio's daily series: the number of the last snapshot in which it
 * may have changed. Reads the database when a caller wants to know and the last snapshot is too
 * old, once for all callers, and never while idle. While callers come, the next snapshot is read in
 * the background before the last one is too old.
 */
export class Revisions {
  private last: NumberedSnapshot | undefined;
  private reading: SharedWork<void> | undefined;
  /** The read that is sent as soon as the one in flight is over. */
  private queued: Promise<void> | undefined;
  private tidying: Promise<void> | undefined;
  private tidyAgainAt = -Infinity;
  private mergedAt = -Infinity;
  /** When a snapshot was last made to expire, on the monotonic clock. */
  private notBefore = -Infinity;
  private readonly series = Object.fromEntries(
    AGGREGATE_NAMES.map((name) => [name, new RevisionCounter()]),
  ) as Record<AggregateName, RevisionCounter>;
  private readonly sources = new RevisionCounter();
  /** When a refresh of each aggregate was last seen, on the monotonic clock. */
  private readonly refreshedAt = new Map<AggregateName, number>();

  constructor(
    private readonly database: Database,
    /** How old a snapshot may be, in milliseconds. */
    private readonly maxAge: number,
    /** Receives failures of work in the background. */
    private readonly onError: (error: unknown) => void = () => undefined,
  ) {}

  /** The last snapshot if it is new enough. */
  peek(): NumberedSnapshot | undefined {
    const { last } = this;
    if (!last || last.sentAt < this.notBefore) return undefined;
    const age = performance.now() - last.sentAt;
    if (age >= this.maxAge) return undefined;
    if (age >= this.maxAge / 2 && !this.reading) this.read().result.catch(() => undefined);
    return last;
  }

  /** A snapshot that is new enough, or newer. Rejects when the database cannot be read. */
  async current(signal?: AbortSignal): Promise<NumberedSnapshot> {
    const known = this.peek();
    if (known) return known;
    if (!this.reading || this.reading.isStopped) this.read();
    await this.reading!.wait(signal);
    return this.last!;
  }

  /** The last snapshot, however old. */
  get latest(): NumberedSnapshot | undefined {
    return this.last;
  }

  /**
   * Reads a snapshot with a statement that is sent after this call: from then on every caller sees
   * what was committed by now. Other callers do not wait for it, unless the database cannot be read.
   */
  async catchUp(signal?: AbortSignal): Promise<void> {
    const inFlight = this.reading;
    if (inFlight) {
      this.queued ??= inFlight
        .wait(undefined)
        .catch(() => undefined)
        .then(() => {
          this.queued = undefined;
          return this.read().wait(undefined);
        });
    }
    const work = this.queued ?? this.read().wait(undefined);
    // Whether this caller waits for its end or not.
    work.catch(() => this.expire());
    await until(work, signal);
  }

  /** The next caller waits for a snapshot whose statement is sent after this. */
  expire(): void {
    this.notBefore = performance.now();
    this.reading = undefined;
  }

  /** The snapshot in which a portfolio's rows in an aggregate may have changed last. */
  ofSeries(name: AggregateName, portfolioId: string): number {
    return this.series[name].of(portfolioId);
  }

  /** The same of all portfolios together. */
  ofAggregate(name: AggregateName): number {
    return this.series[name].ofAny();
  }

  /** The snapshot in which a portfolio's rows in portfolio_metrics may have changed last. */
  ofSource(portfolioId: string): number {
    return this.sources.of(portfolioId);
  }

  private read(): SharedWork<void> {
    const sentAt = performance.now();
    const reading = new SharedWork(async (signal) => {
      const { last } = this;
      const snapshot = await readSnapshot(this.database.withSignal(signal), last?.snapshot);
      // A snapshot that was sent later may have come first.
      if (!this.last || this.last.sentAt < sentAt) this.commit(snapshot, sentAt);
    });
    this.reading = reading;
    const end = (): void => {
      if (this.reading === reading) this.reading = undefined;
    };
    void reading.result.then(end, end);
    return reading;
  }

  private commit(snapshot: Snapshot, sentAt: number): void {
    const { last } = this;
    const number = (last?.number ?? 0) + 1;
    const { replicas } = this.database;
    if (!last || !showsTheSame(last.snapshot, snapshot)) replicas.require(snapshot.position);
    void replicas.check();
    this.sources.advance(number, last ? changedSources(last.snapshot, snapshot) : 'all');
    const pendingWrites = {} as Record<AggregateName, PendingWrites>;
    const isSettling = {} as Record<AggregateName, boolean>;
    for (const name of AGGREGATE_NAMES) {
      this.series[name].advance(number, last ? changedPortfolios(name, last, snapshot) : 'all');
      pendingWrites[name] = pendingWritesOf(name, last, snapshot);
      if (!last || mayHaveRefreshed(name, last.snapshot, snapshot)) {
        this.refreshedAt.set(name, sentAt);
      }
      isSettling[name] = sentAt - this.refreshedAt.get(name)! < SETTLE_MS;
    }
    this.last = { snapshot, number, sentAt, pendingWrites, isSettling };
    this.tidy(snapshot);
  }

  /** In the background: no snapshot depends on it, and a database may be read-only for a while. */
  private tidy({ aggregates, needsPruning, logged }: Snapshot): void {
    const { database } = this;
    const now = performance.now();
    if (this.tidying || now < this.tidyAgainAt) return;
    const isUnnoted = AGGREGATE_NAMES.some((name) => aggregates[name].state.isUnnoted);
    const needsMerging = logged.length >= MAX_LOGGED && now - this.mergedAt > MERGE_EVERY_MS;
    if (!needsPruning && !isUnnoted && !needsMerging) return;
    if (needsMerging) this.mergedAt = now;
    const work = [
      ...(needsMerging ? [mergeLog(database)] : []),
      ...(isUnnoted ? [noteCompleteChunks(database)] : []),
      ...(needsPruning ? [pruneChanges(database, readPendingDays)] : []),
      ...(needsPruning ? [pruneWrites({ query: database.write.bind(database) })] : []),
    ];
    const settle = async (): Promise<void> => {
      for (const result of await Promise.allSettled(work)) {
        if (result.status === 'fulfilled') continue;
        this.tidyAgainAt = performance.now() + TIDY_AGAIN_MS;
        this.onError(result.reason);
      }
      this.tidying = undefined;
    };
    this.tidying = settle();
  }
}

/** Whether a server that shows everything up to the first snapshot shows the second one, too. */
function showsTheSame(before: Snapshot, after: Snapshot): boolean {
  return (
    before.version === after.version && portfoliosRevision(before) === portfoliosRevision(after)
  );
}
