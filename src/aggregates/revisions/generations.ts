import { createHash } from 'node:crypto';
import type { Database } from '../../database/database.js';
import { SharedWork } from '../../async/until.js';
import type { DayNumber } from '../../metrics/calendar.js';
import { toDay } from '../../metrics/calendar.js';
import type { AggregateState, AggregateStateRow } from '../aggregate-state.js';
import { aggregateState, toAggregateState } from '../aggregate-state.js';
import type { Fingerprints } from './fingerprints.js';
import { FINGERPRINTS, isSameData } from './fingerprints.js';
import { AGGREGATE_NAMES, AGGREGATES } from '../registry.js';
import type { AggregateName } from '../registry.js';
import { countOfWrites, pruneWrites } from './write-counts.js';

/** One aggregate as it was when the database was last asked. */
export interface Generation {
  /** Counts up whenever the aggregate's rows may have changed; of this process only. */
  readonly number: number;
  readonly state: AggregateState;
  /** The last day it holds for any portfolio; null where it holds none. */
  readonly lastDay: DayNumber | null;
}

/** What one statement, in one snapshot, said of everything that is kept in memory. */
export interface Reading {
  readonly aggregates: Readonly<Record<AggregateName, Generation>>;
  readonly fingerprints: Fingerprints;
  /** How many transactions have written to portfolios. */
  readonly portfolioWrites: number;
  /** Differs whenever any answer may; the same on every instance. */
  readonly tag: string;
  /** When the statement was sent, on the monotonic clock, in milliseconds. */
  readonly sentAt: number;
}

interface Row {
  readonly fingerprints: Fingerprints;
  /** In the order of the registry. */
  readonly states: readonly (AggregateStateRow | null)[];
  readonly last_days: readonly (string | null)[];
  readonly portfolio_writes: number;
  readonly unpruned: number;
}

const STATES = AGGREGATE_NAMES.map((name) => `(${aggregateState(AGGREGATES[name].sqlName)})`);
const LAST_DAYS = AGGREGATE_NAMES.map(
  (name) => `(SELECT max(day) FROM ${AGGREGATES[name].sqlName})`,
);
const STATEMENT = `
  SELECT (${FINGERPRINTS}) AS fingerprints, jsonb_build_array(${STATES.join(', ')}) AS states,
    jsonb_build_array(${LAST_DAYS.join(', ')}) AS last_days,
    ${countOfWrites('portfolio_writes')}::float8 AS portfolio_writes,
    (SELECT count(*)::int FROM metric_writes) + (SELECT count(*)::int FROM portfolio_writes) AS unpruned`;

/** With more counted writes than this, counting them takes longer than it should. */
const MAX_UNPRUNED = 1000;

/**
 * Knows the generation of every aggregate: asks the database when somebody wants to know and the
 * last answer is too old, once for all who want it at the time, and never while idle.
 */
export class Generations {
  private last: Reading | undefined;
  private asking: SharedWork<Reading> | undefined;
  private count = 0;

  constructor(
    private readonly database: Database,
    /** How old an answer may be, in milliseconds. */
    private readonly maxAge: number,
  ) {}

  /** The last reading if it is new enough. */
  peek(): Reading | undefined {
    const { last } = this;
    return last && performance.now() - last.sentAt < this.maxAge ? last : undefined;
  }

  /** A reading that is new enough. Rejects when the database cannot be asked. */
  async current(signal?: AbortSignal): Promise<Reading> {
    const known = this.peek();
    if (known) return known;
    if (!this.asking || this.asking.isStopped) this.asking = this.ask();
    return this.asking.wait(signal);
  }

  /** What the next caller gets is asked for after this. */
  expire(): void {
    this.asking = undefined;
    if (this.last) this.last = { ...this.last, sentAt: -Infinity };
  }

  private ask(): SharedWork<Reading> {
    const sentAt = performance.now();
    const asking: SharedWork<Reading> = new SharedWork(async (signal) => {
      const [row] = await this.database.withSignal(signal).readPrepared<Row>(STATEMENT);
      const reading = this.toReading(row!, sentAt);
      // One that was under way when it was made to expire is for those who waited for it, where
      // there is no newer one by now.
      if (this.asking !== asking) return this.peek() ?? reading;
      this.last = reading;
      if (row!.unpruned > MAX_UNPRUNED) this.prune();
      return reading;
    });
    const end = (): void => {
      if (this.asking === asking) this.asking = undefined;
    };
    void asking.result.then(end, end);
    return asking;
  }

  /** In the background: nothing hangs on it, and a database may be read-only for a while. */
  private prune(): void {
    const session = { query: this.database.write.bind(this.database) };
    void pruneWrites(session).catch(() => undefined);
  }

  private toReading(row: Row, sentAt: number): Reading {
    const aggregates = Object.fromEntries(
      AGGREGATE_NAMES.map((name, index) => [name, this.toGeneration(name, index, row)]),
    ) as Record<AggregateName, Generation>;
    const { fingerprints, portfolio_writes: portfolioWrites } = row;
    const text = JSON.stringify({ ...row, unpruned: 0 });
    const tag = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    return { aggregates, fingerprints, portfolioWrites, tag, sentAt };
  }

  private toGeneration(name: AggregateName, index: number, row: Row): Generation {
    const { last } = this;
    const isSame = last && isSameData(name, last.fingerprints, row.fingerprints);
    const state = row.states[index];
    if (!state) throw new Error(`continuous aggregate ${AGGREGATES[name].sqlName} has no state`);
    const lastDay = row.last_days[index];
    return {
      number: isSame ? last.aggregates[name].number : ++this.count,
      state: toAggregateState(state),
      lastDay: lastDay ? toDay(lastDay) : null,
    };
  }
}
