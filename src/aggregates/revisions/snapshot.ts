import type { Database, Queryable } from '../../database/database.js';
import { POSITION, toPosition, type Position, type PositionJson } from '../../database/position.js';
import type { DayNumber } from '../../metrics/calendar.js';
import {
  aggregateState,
  lastMaterializedDay,
  type AggregateStateRow,
} from '../../timescale/aggregate-state.js';
import { DAY, HIGHEST, LOWEST } from '../../timescale/catalog.js';
import { chunks, identities, LOGGED_CHANGES, rowChanges } from '../../timescale/identities.js';
import { toAggregateState, type AggregateState } from '../aggregate-state.js';
import { mergeRanges, type DayRange } from '../day-ranges.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../registry.js';
import { MAX_RECORDS, NEEDS_PRUNING, rangesJson, toRanges, type RangesJson } from './change-log.js';
import { PORTFOLIO_WRITES } from './write-counts.js';

/** What one transaction changed of one portfolio. */
export interface ChangeRecord {
  readonly transactionId: string;
  /** EVERY_PORTFOLIO: of all of them. */
  readonly portfolioId: string;
  readonly days: readonly DayRange[];
}

/** One aggregate in a snapshot. */
export interface AggregateSnapshot {
  readonly state: AggregateState;
  /** The last day it holds for any portfolio; null where it holds none. */
  readonly lastDay: DayNumber | null;
  /** Of all that TimescaleDB's catalogs say of it, but for logged changes. */
  readonly identity: string;
  /** How many rows of it were ever changed, by statistics that are seconds late. */
  readonly rowChanges: string;
  /** The ids of the chunks of its source and of its materialization. */
  readonly chunks: readonly string[];
}

/** What one statement returned about everything that is cached in memory. */
export interface Snapshot {
  readonly aggregates: Readonly<Record<AggregateName, AggregateSnapshot>>;
  /**
   * Where the primary was. In another history the ids of transactions mean others: after a failover,
   * or a recovery that lost what was not written to disk yet (synchronous_commit = off).
   */
  readonly position: Position;
  readonly history: string;
  /** The records of changes; null where they are too many to know. */
  readonly changes: readonly ChangeRecord[] | null;
  /** Counts up with every prune of the records. */
  readonly epoch: string;
  /** How many of the first records are of transactions up to `throughId`: these are not listed. */
  readonly settled: { readonly records: number; readonly throughId: string };
  /** The days within the transactions whose records were pruned, where they are pending still. */
  readonly prunedDays: readonly DayRange[];
  /**
   * The first changes that TimescaleDB has logged and no refresh has taken, by their places, as
   * "place transaction", the transaction as 32 bits.
   */
  readonly logged: readonly string[];
  /** The days of changes that TimescaleDB has logged and that no record explains. */
  readonly unrecorded: readonly DayRange[];
  /** Whether the triggers that record changes are all there and enabled, and which these are. */
  readonly triggers: string;
  /** How many transactions have written to portfolios. */
  readonly portfolioWrites: number;
  /** Equal in two snapshots only where the rows of all aggregates are the same. */
  readonly version: string;
  readonly needsPruning: boolean;
}

interface Row {
  readonly position: PositionJson;
  readonly recovered_at: string | null;
  readonly version: Version;
  /** In the order of the registry. */
  readonly states: readonly (AggregateStateRow | null)[];
  readonly last_days: readonly (number | null)[];
  readonly chunks: Readonly<Record<string, string>>;
  readonly row_changes: Readonly<Record<string, string>>;
  readonly changes: readonly (readonly [string, string, RangesJson])[] | null;
  readonly pruned_days: RangesJson;
  readonly logged: readonly string[];
  readonly unrecorded: RangesJson;
  readonly portfolio_writes: number;
  readonly needs_pruning: boolean;
}

/** What VERSION returns. */
export interface Version {
  readonly epoch: string;
  readonly records: number;
  readonly triggers: string | null;
  readonly logged: string | null;
  /** By the aggregates' SQL names. */
  readonly identities: Readonly<Record<string, string>>;
}

/** More logged changes than this are not listed, and are merged. */
export const MAX_LOGGED = 200;
/** The transactions of more records than this are not listed one by one. */
const MAX_LISTED = 1000;
const NONE_SETTLED = { records: 0, throughId: '0' };
/** Those of migration 11. */
const TRIGGERS = 4;

const SQL_NAMES = AGGREGATE_NAMES.map((name) => AGGREGATES[name].sqlName);

/** An expression whose value differs between two snapshots where the rows of an aggregate may. */
export const VERSION = `
  jsonb_build_object(
    'epoch', (SELECT epoch::text FROM metric_changes_pruned),
    'records', (SELECT count(*) FROM metric_changes),
    'triggers', (
      SELECT string_agg(concat_ws(' ', tgname, xmin), ',' ORDER BY tgname) FROM pg_trigger
      WHERE tgrelid = 'portfolio_metrics'::regclass AND tgname LIKE 'record_metric_%'
        AND tgenabled IN ('O', 'A') HAVING count(*) = ${TRIGGERS}),
    'logged', (SELECT md5(string_agg(concat_ws(' ', place, transaction), ',' ORDER BY place)) FROM ${LOGGED_CHANGES} AS logged),
    'identities', ${identities(SQL_NAMES)})`;

const STATES = SQL_NAMES.map((sqlName) => `(${aggregateState(sqlName)})`);
const LAST_DAYS = SQL_NAMES.map((sqlName) => `${lastMaterializedDay(sqlName)} - date '1970-01-01'`);

/**
 * Reads the records of transactions after $3 other than those that are known of the same epoch. A
 * recovery after a crash resets PostgreSQL's statistics.
 */
const STATEMENT = `
  SELECT ${POSITION} AS position, pg_stat_get_bgwriter_stat_reset_time()::text AS recovered_at,
    ${VERSION} AS version, jsonb_build_array(${STATES.join(', ')}) AS states,
    jsonb_build_array(${LAST_DAYS.join(', ')}) AS last_days, ${chunks(SQL_NAMES)} AS chunks, ${rowChanges(SQL_NAMES)} AS row_changes,
    (SELECT CASE WHEN count(*) <= ${MAX_RECORDS} THEN coalesce(jsonb_agg(jsonb_build_array(
        change.transaction_id::text, change.portfolio_id, ${rangesJson('change.days')})), '[]') END
      FROM (
        SELECT * FROM metric_changes AS any_change
        WHERE pruned.epoch <> $1 OR (any_change.transaction_id > $3::xid8 AND NOT EXISTS (
          SELECT FROM unnest($2::xid8[]) AS known (id) WHERE known.id = any_change.transaction_id))
        LIMIT ${MAX_RECORDS} + 1
      ) AS change) AS changes,
    ${rangesJson('pruned.transaction_days')} AS pruned_days,
    (SELECT coalesce(jsonb_agg(concat_ws(' ', place, transaction)), '[]') FROM (
        SELECT place, transaction FROM ${LOGGED_CHANGES} AS logged ORDER BY place LIMIT ${MAX_LOGGED}
      ) AS first) AS logged,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(
        CASE WHEN logged.low > ${LOWEST} THEN floor(logged.low / ${DAY}.0)::int END,
        CASE WHEN logged.high < ${HIGHEST} THEN floor(logged.high / ${DAY}.0)::int END)), '[]')
      FROM ${LOGGED_CHANGES} AS logged
      WHERE NOT EXISTS (SELECT FROM metric_changes AS change
        WHERE change.transaction_id::xid = logged.transaction)) AS unrecorded,
    ${PORTFOLIO_WRITES} AS portfolio_writes,
    ${NEEDS_PRUNING} AS needs_pruning
  FROM metric_changes_pruned AS pruned`;

/** Reads a snapshot of the primary: of the records only those that the one before does not have. */
export async function readSnapshot(
  database: Database,
  before: Snapshot | undefined,
): Promise<Snapshot> {
  const { changes, epoch, settled = NONE_SETTLED } = before ?? {};
  const listed = changes?.slice(settled.records).map(({ transactionId }) => transactionId);
  const [row] = await database.writePrepared<Row>(STATEMENT, [
    changes ? epoch : '-1',
    [...new Set(listed)],
    settled.throughId,
  ]);
  const snapshot = toSnapshot(row!, before);
  // A transaction that is not listed may have ended only now; in another history known ones are missing.
  const isWhole = !snapshot.changes || snapshot.changes.length === row!.version.records;
  const isContinued = !before || before.history === snapshot.history;
  return isWhole && isContinued ? snapshot : readSnapshot(database, undefined);
}

/** The records are of the same epoch as those settled before, and go on from them. */
function settle(changes: readonly ChangeRecord[], settled: Snapshot['settled']): typeof settled {
  if (changes.length - settled.records <= MAX_LISTED) return settled;
  let throughId = BigInt(settled.throughId);
  for (const { transactionId } of changes.slice(settled.records)) {
    const id = BigInt(transactionId);
    if (id > throughId) throughId = id;
  }
  return { records: changes.length, throughId: String(throughId) };
}

function toSnapshot(row: Row, before: Snapshot | undefined): Snapshot {
  const { version } = row;
  const isSameEpoch = before?.epoch === version.epoch;
  const known = (isSameEpoch && before.changes) || [];
  const found = row.changes?.map(([transactionId, portfolioId, days]) => {
    return { transactionId, portfolioId, days: toRanges(days) };
  });
  // The same list while there is none to add.
  const changes = found ? (found.length === 0 ? known : [...known, ...found]) : null;
  const position = toPosition(row.position);
  return {
    position,
    history: `${position.history} ${row.recovered_at}`,
    aggregates: Object.fromEntries(
      AGGREGATE_NAMES.map((name, index) => [name, toAggregate(name, index, row, before)]),
    ) as Record<AggregateName, AggregateSnapshot>,
    changes,
    epoch: version.epoch,
    settled: settle(changes ?? [], known.length > 0 ? before!.settled : NONE_SETTLED),
    prunedDays: toRanges(row.pruned_days),
    logged: row.logged,
    unrecorded: mergeRanges(toRanges(row.unrecorded)),
    triggers: version.triggers ?? '',
    portfolioWrites: row.portfolio_writes,
    version: versionText(version),
    needsPruning: row.needs_pruning,
  };
}

/** Equal in two snapshots only where the rows of portfolios are the same. */
export function portfoliosRevision({ history, portfolioWrites }: Snapshot): string {
  return `${history} ${portfolioWrites}`;
}

/** A version as a text to compare. */
export function versionText({ identities: byName, ...rest }: Version): string {
  const { epoch, records, triggers, logged } = rest;
  const all = SQL_NAMES.map((sqlName) => byName[sqlName]);
  return JSON.stringify([epoch, records, triggers, logged, ...all]);
}

function toAggregate(
  name: AggregateName,
  index: number,
  row: Row,
  before: Snapshot | undefined,
): AggregateSnapshot {
  const { sqlName } = AGGREGATES[name];
  const stateRow = row.states[index];
  if (!stateRow) throw new Error(`continuous aggregate ${sqlName} has no state`);
  const state = toAggregateState(stateRow);
  const known = before?.aggregates[name].state;
  return {
    // The same object while it says the same: what was derived from it is good still.
    state: known && JSON.stringify(known) === JSON.stringify(state) ? known : state,
    lastDay: row.last_days[index] ?? null,
    identity: row.version.identities[sqlName]!,
    rowChanges: row.row_changes[sqlName]!,
    chunks: row.chunks[sqlName]!.split(','),
  };
}

/** The days that are pending in any aggregate, in the snapshot of a session's transaction. */
export async function readPendingDays(session: Queryable): Promise<DayRange[]> {
  const [row] = await session.query<Pick<Row, 'states'>>(
    `SELECT jsonb_build_array(${STATES.join(', ')}) AS states`,
  );
  return mergeRanges(
    row!.states.flatMap((state) => (state ? toAggregateState(state).pending : [])),
  );
}
