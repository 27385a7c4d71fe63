import type { AggregateState } from '../aggregate-state.js';
import type { AggregateName } from '../registry.js';
import type { NumberedSnapshot, Revisions } from './revisions.js';
import { portfoliosRevision, type Snapshot } from './snapshot.js';

/** What a response depends on besides daily series, and how it was when the response was computed. */
interface Dependency {
  readonly seen: unknown;
  readonly now: (current: NumberedSnapshot, revisions: Revisions) => unknown;
}

const UNKNOWN = 'unknown';

/** Series of an aggregate that had the same revision. */
interface SeriesDependency {
  readonly name: AggregateName;
  readonly revision: number;
  readonly portfolioIds: readonly string[];
}

/** About how many bytes of memory these take: an id in a list, a list or a SeriesDependency, and a Dependency. */
const BYTES_AN_ID = 8;
const BYTES_A_LIST = 60;
const BYTES_A_DEPENDENCY = 150;

/**
 * What a response depends on, recorded while its resolvers read: daily series, states of
 * aggregates, portfolios. It stays valid exactly while all of that is as it was.
 */
export class Dependencies {
  /** The revisions of daily series by portfolio, and everything else, while they are recorded. */
  private revisions = new Map<AggregateName, Map<string, number>>();
  private recorded = new Map<string, Dependency>();
  /** The same, once complete: it stays in memory with the response. A large one has many series. */
  private ofSeries: readonly SeriesDependency[] = [];
  private others: readonly Dependency[] = [];
  /** The last snapshot in which everything was as recorded. */
  private checked = 0;
  /** Whether the response depends on nothing else. */
  isComplete = false;

  /** To be called once all that the response depends on is recorded. */
  complete(): void {
    this.isComplete = !this.recorded.has(UNKNOWN);
    this.ofSeries = packed(this.revisions);
    this.others = [...this.recorded.values()];
    this.revisions = new Map();
    this.recorded = new Map();
  }

  /** The rows of a portfolio in an aggregate. */
  series(name: AggregateName, portfolioId: string, revision: number): void {
    let ofAggregate = this.revisions.get(name);
    if (!ofAggregate) this.revisions.set(name, (ofAggregate = new Map()));
    const known = ofAggregate.get(portfolioId);
    if (known === undefined) ofAggregate.set(portfolioId, revision);
    else if (known !== revision) this.unknown();
  }

  /** The rows of all portfolios in an aggregate. */
  aggregate(name: AggregateName, revision: number): void {
    this.add(name, revision, (_, revisions) => revisions.ofAggregate(name));
  }

  /** The rows of a portfolio in portfolio_metrics. */
  source(portfolioId: string, revision: number): void {
    this.add(portfolioId, revision, (_, revisions) => revisions.ofSource(portfolioId));
  }

  /** The rows of portfolios, all of them. */
  portfolios(snapshot: Snapshot): void {
    const seen = portfoliosRevision(snapshot);
    this.add('portfolios', seen, (current) => portfoliosRevision(current.snapshot));
  }

  /** The last day that an aggregate holds for any portfolio. */
  lastDay(name: AggregateName, day: number | null): void {
    this.add(`${name} last day`, day, ({ snapshot }) => snapshot.aggregates[name].lastDay);
  }

  /** What `select` makes of an aggregate's state: a primitive value. `what` names the selection. */
  state(
    name: AggregateName,
    state: AggregateState,
    what: string,
    select: (state: AggregateState) => unknown,
  ): void {
    // Nothing that is added here refers to the state: it may be large, and is replaced by the next.
    const key = `${name} ${what}`;
    this.add(key, selected(state, key, select), ({ snapshot }) =>
      selected(snapshot.aggregates[name].state, key, select),
    );
  }

  /** Something that no snapshot shows, or not in one snapshot: the response is not to be cached. */
  unknown(): void {
    this.add(UNKNOWN, true, () => false);
  }

  /** Whether all of it is known, and in this snapshot as it was. */
  isCurrent(current: NumberedSnapshot, revisions: Revisions): boolean {
    if (!this.isComplete) return false;
    if (this.checked === current.number) return true;
    for (const { name, revision, portfolioIds } of this.ofSeries) {
      for (const portfolioId of portfolioIds) {
        if (revisions.ofSeries(name, portfolioId) !== revision) return false;
      }
    }
    for (const { seen, now } of this.others) {
      if (now(current, revisions) !== seen) return false;
    }
    this.checked = current.number;
    return true;
  }

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    let bytes = 0;
    for (const { seen } of this.others) {
      bytes += BYTES_A_DEPENDENCY + (typeof seen === 'string' ? seen.length : 0);
    }
    const lists = new Set(this.ofSeries.map(({ portfolioIds }) => portfolioIds));
    for (const { length } of lists) bytes += length * BYTES_AN_ID;
    return bytes + (lists.size + this.ofSeries.length) * BYTES_A_LIST;
  }

  private add(key: string, seen: unknown, now: Dependency['now']): void {
    const known = this.recorded.get(key);
    if (!known) this.recorded.set(key, { seen, now });
    else if (known.seen !== seen) this.unknown();
  }
}

/** By aggregate and revision; aggregates with the same portfolios share their list. */
function packed(
  revisions: ReadonlyMap<AggregateName, ReadonlyMap<string, number>>,
): SeriesDependency[] {
  const all: SeriesDependency[] = [];
  /** Lists by their first id: an aggregate has no two with the same. */
  const lists = new Map<string, (readonly string[])[]>();
  for (const [name, ofAggregate] of revisions) {
    const byRevision = new Map<number, string[]>();
    for (const [portfolioId, revision] of ofAggregate) {
      const portfolioIds = byRevision.get(revision);
      if (portfolioIds) portfolioIds.push(portfolioId);
      else byRevision.set(revision, [portfolioId]);
    }
    for (const [revision, own] of byRevision) {
      const others = lists.get(own[0]!) ?? [];
      const same = others.find((other) => haveSameIds(own, other));
      if (!same) lists.set(own[0]!, [...others, own]);
      all.push({ name, revision, portfolioIds: same ?? own });
    }
  }
  return all;
}

function haveSameIds(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

/** What was selected of states: many responses select the same. */
const selections = new WeakMap<AggregateState, Map<string, unknown>>();

function selected(
  state: AggregateState,
  key: string,
  select: (state: AggregateState) => unknown,
): unknown {
  let known = selections.get(state);
  if (!known) selections.set(state, (known = new Map<string, unknown>()));
  if (!known.has(key)) known.set(key, select(state));
  return known.get(key);
}
