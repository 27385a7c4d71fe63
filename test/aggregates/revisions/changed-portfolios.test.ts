import { describe, expect, test } from '@jest/globals';
import type { DayRange } from '../../../src/aggregates/day-ranges.js';
import { AGGREGATE_NAMES, type AggregateName } from '../../../src/aggregates/registry.js';
import { EVERY_PORTFOLIO } from '../../../src/aggregates/revisions/change-log.js';
import { changedPortfolios } from '../../../src/aggregates/revisions/changed-portfolios.js';
import { pendingWritesOf, type Known } from '../../../src/aggregates/revisions/pending-writes.js';
import type {
  AggregateSnapshot,
  ChangeRecord,
  Snapshot,
} from '../../../src/aggregates/revisions/snapshot.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const [P, Q] = ['p', 'q'];
const DAYS = [{ from: 10, to: 10 }];
const REFRESHED = { identity: 'j' };

interface Parts extends Partial<Omit<Snapshot, 'aggregates'>> {
  readonly pending?: readonly DayRange[];
  readonly withoutSource?: readonly DayRange[];
  readonly rowChanges?: string;
  readonly identity?: string;
  readonly chunks?: readonly string[];
}

function snapshot({
  pending = [],
  withoutSource = [],
  identity = 'i',
  rowChanges = '5',
  chunks = ['1', '2'],
  ...rest
}: Parts): Snapshot {
  const state = {
    materializedThrough: 100,
    lastRefresh: null,
    missing: [],
    isUnnoted: false,
    withoutSource,
    pending: pending.map((days) => ({ ...days, coveredByPolicy: true })),
  };
  const one: AggregateSnapshot = { state, lastDay: 100, identity, rowChanges, chunks };
  return {
    position: { history: '7/1', lsn: 0n },
    history: '7/1',
    aggregates: ofEach(one),
    changes: [],
    epoch: '0',
    settled: { records: 0, throughId: '0' },
    prunedDays: [],
    logged: [],
    unrecorded: [],
    triggers: 't',
    portfolioWrites: 0,
    version: '',
    needsPruning: false,
    ...rest,
  };
}

function ofEach<Value>(value: Value): Record<AggregateName, Value> {
  return Object.fromEntries(AGGREGATE_NAMES.map((name) => [name, value])) as Record<
    AggregateName,
    Value
  >;
}

function record(portfolioId: string, transactionId: string, from = 10, to = from): ChangeRecord {
  return { portfolioId, transactionId, days: [{ from, to }] };
}

/** What a process knows in a snapshot, when nothing was pending in the one before. */
function knownIn(parts: Parts, before: Parts = { epoch: parts.epoch ?? '0' }): Known {
  const [first, second] = [snapshot(before), snapshot(parts)];
  const none = { portfolios: new Map(), explained: [], unexplained: [] };
  const isSettling = ofEach(false);
  const known = { snapshot: first, isSettling, pendingWrites: ofEach(none) };
  const pendingWrites = ofEach(pendingWritesOf(NAME, known, second));
  return { snapshot: second, isSettling, pendingWrites };
}

/** Which portfolios may change between two snapshots. */
function changed(before: Parts, after: Parts): unknown {
  const portfolios = changedPortfolios(NAME, knownIn(before), snapshot(after));
  return portfolios === 'all' ? 'all' : [...portfolios].toSorted();
}

describe('between two snapshots nothing changes', () => {
  test('where they are the same', () => {
    const both = { changes: [record(P, '7')], pending: DAYS };
    expect(changed(both, both)).toEqual([]);
  });

  test('where a write waits in the log, under the lower 32 bits of its transaction', () => {
    const logged = ['(0,1) 7'];
    expect(changed({}, { logged, changes: [record(P, '4294967303')] })).toEqual([]);
    expect(changed({}, { logged, changes: [record(P, '4294967304')] })).toEqual([P]);
  });

  test('where a chunk appeared, or records were pruned that were seen', () => {
    expect(changed({ chunks: ['1'] }, { chunks: ['1', '2'] })).toEqual([]);
    const changes = [record(P, '7')];
    expect(changed({ changes, epoch: '1' }, { changes: [], epoch: '2' })).toEqual([]);
  });
});

describe('the rows of a portfolio may change', () => {
  test('where it has a new record that a refresh may have taken', () => {
    expect(changed({}, { changes: [record(P, '7')] })).toEqual([P]);
    expect(changed({}, { ...REFRESHED, changes: [record(P, '7')] })).toEqual([P]);
  });

  test('where a record of it met the days that were pending, and a refresh ran', () => {
    const changes = [record(P, '7', 10), record(Q, '8', 20)];
    const pending = { changes, pending: DAYS };
    expect(changed(pending, { ...REFRESHED, changes })).toEqual([P]);
    expect(changed(pending, pending)).toEqual([]);
  });

  test('where the log lost a change, or has another one in its place', () => {
    const changes = [record(P, '7')];
    const before = { changes, pending: DAYS, logged: ['(0,1) 7'] };
    expect(changed(before, { changes })).toEqual([P]);
    expect(changed(before, { changes, logged: ['(0,1) 9'] })).toEqual([P]);
  });

  test('where its pending day is pending no longer: a forced refresh leaves no other trace', () => {
    const changes = [record(P, '7')];
    expect(changed({ changes, pending: DAYS }, { changes })).toEqual([P]);
  });
});

describe('the rows of all portfolios may change', () => {
  const ofAll = [record(EVERY_PORTFOLIO, '7')];
  test.each<[string, Parts, Parts]>([
    ['of a new record of every portfolio', {}, { changes: ofAll }],
    [
      'of a record of every portfolio that met pending days',
      { changes: ofAll, pending: DAYS },
      { ...REFRESHED, changes: ofAll },
    ],
    ['a chunk disappeared', { chunks: ['1', '2'] }, { chunks: ['2', '3'] }],
    ['the triggers were changed', {}, { triggers: 'u' }],
    ['a trigger is missing', { triggers: '' }, { triggers: '' }],
    ['records are too many to know', {}, { changes: null }],
    ['records were too many to know', { changes: null }, {}],
    ['records were pruned that the process did not see', { epoch: '1' }, { epoch: '3' }],
    ['the second snapshot is in another history', {}, { history: '7/2' }],
    ['a server is behind the last prune', { epoch: '1' }, { epoch: '0' }],
    [
      'a server is behind and lacks a record',
      { changes: [record(P, '7'), record(Q, '8')] },
      { changes: [record(P, '7'), record(Q, '9')] },
    ],
  ])('because %s', (_, before, after) => {
    expect(changed(before, after)).toBe('all');
  });

  test('because rows of the materialization were changed, and no refresh was seen', () => {
    const touched = snapshot({ rowChanges: '6' });
    expect(changed({}, { rowChanges: '6' })).toBe('all');
    const settling = { ...knownIn({}), isSettling: ofEach(true) };
    expect(changedPortfolios(NAME, settling, touched)).toEqual(new Set());
  });

  test('because the source was dropped of a day between those that a refresh may have taken', () => {
    const changes = [record(P, '7', 10), record(P, '8', 30)];
    const pending = [...DAYS, { from: 30, to: 30 }];
    const between = { changes, pending, withoutSource: [{ from: 20, to: 20 }] };
    expect(changed(between, { ...REFRESHED, changes })).toBe('all');
    const outside = { changes, pending, withoutSource: [{ from: 40, to: 50 }] };
    expect(changed(outside, { ...REFRESHED, changes })).toEqual([P]);
  });

  test('because a day that no record explains was pending, and a refresh ran', () => {
    expect(changed({ pending: DAYS }, REFRESHED)).toBe('all');
    expect(changed({ pending: DAYS }, { pending: DAYS })).toEqual([]);
  });
});

describe('a record counts', () => {
  test('while its days are pending, and not when they are pending again', () => {
    const changes = [record(P, '7')];
    const refreshed = knownIn({ changes, pending: [] }, { changes, pending: DAYS });
    const again = snapshot({ changes: [...changes, record(Q, '8')], pending: DAYS });
    const known = {
      snapshot: again,
      isSettling: ofEach(false),
      pendingWrites: ofEach(pendingWritesOf(NAME, refreshed, again)),
    };
    const { changes: all } = again;
    const after = snapshot({ ...REFRESHED, changes: all });
    expect(changedPortfolios(NAME, known, after)).toEqual(new Set([Q]));
  });
});

describe('a pending day is unexplained', () => {
  const of = (after: Parts, before: Known | undefined): unknown =>
    pendingWritesOf(NAME, before, snapshot(after)).unexplained.map(({ from, to }) => ({
      from,
      to,
    }));
  const NOTHING = knownIn({});

  test('at first, and after records were pruned that the process did not see', () => {
    const changes = [record(P, '7', 10)];
    expect(of({ pending: DAYS, changes }, undefined)).toEqual(DAYS);
    expect(of({ pending: DAYS, changes, epoch: '5' }, knownIn({ epoch: '3' }))).toEqual(DAYS);
    expect(of({ pending: DAYS, changes: null }, NOTHING)).toEqual(DAYS);
    expect(of({ pending: DAYS, changes }, knownIn({ changes: null }))).toEqual(DAYS);
  });

  test('unless it is between the first and the last day of a transaction', () => {
    const changes = [record(P, '7', 8), record(Q, '7', 12)];
    expect(of({ pending: DAYS, changes }, NOTHING)).toEqual([]);
    const others = [record(P, '7', 8), record(Q, '8', 12)];
    expect(of({ pending: DAYS, changes: others }, NOTHING)).toEqual(DAYS);
  });

  test('where it is pending again without a new record', () => {
    const changes = [record(P, '7')];
    const refreshed = knownIn({ changes, pending: [] }, { changes, pending: DAYS });
    expect(of({ changes, pending: DAYS }, refreshed)).toEqual(DAYS);
  });

  test('where a change without a record is logged for it, until it is pending no longer', () => {
    const changes = [record(P, '7', 10)];
    const unrecorded = knownIn({ pending: DAYS, changes, unrecorded: DAYS });
    expect(unrecorded.pendingWrites[NAME].unexplained).toMatchObject(DAYS);
    // Another aggregate's refresh has emptied the log; here the day is pending still.
    expect(of({ pending: DAYS, changes }, unrecorded)).toEqual(DAYS);
    expect(of({ changes }, unrecorded)).toEqual([]);
  });
});
