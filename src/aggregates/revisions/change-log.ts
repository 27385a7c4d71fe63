import type { Database, Queryable } from '../../database/database.js';
import { formatDay } from '../../metrics/calendar.js';
import { LOGGED_CHANGES } from '../../timescale/identities.js';
import type { DayRange } from '../day-ranges.js';

/** Stands for every portfolio in a record. */
export const EVERY_PORTFOLIO = '00000000-0000-0000-0000-000000000000';

/** More records than this are not read, and a prune leaves one for all portfolios in their place. */
export const MAX_RECORDS = 100_000;
/** More records than this are pruned, where that has not been done within the last minute. */
const MAX_UNPRUNED = 1000;
const PRUNE_EVERY_SECONDS = 60;

/** Days as JSON: [first, last], counted from 1970-01-01, null where there is no end. */
export type RangesJson = readonly (readonly [from: number | null, to: number | null])[];

export function toRanges(json: RangesJson): DayRange[] {
  return json.map(([from, to]) => ({ from: from ?? -Infinity, to: to ?? Infinity }));
}

/** An expression for a datemultirange as RangesJson. */
export function rangesJson(days: string): string {
  return `(SELECT coalesce(jsonb_agg(jsonb_build_array(
    lower(range) - date '1970-01-01', upper(range) - 1 - date '1970-01-01')), '[]')
    FROM unnest(${days}) AS range)`;
}

/** An expression for the recorded transactions as JSON: [id, the days from its first to its last]. */
export const TRANSACTION_DAYS = `(
  SELECT coalesce(jsonb_agg(jsonb_build_array(span.transaction_id::text, ${rangesJson('span.days')})), '[]')
  FROM (
    SELECT transaction_id, datemultirange(range_merge(range_agg(days))) AS days
    FROM metric_changes GROUP BY transaction_id
  ) AS span)`;

/** An expression for whether records are to be pruned, beside metric_changes_pruned AS pruned. */
export const NEEDS_PRUNING = `(
  (SELECT count(*) FROM metric_changes) > ${MAX_UNPRUNED} + 2 * pruned.remaining
  AND pruned.pruned_at < now() - interval '${PRUNE_EVERY_SECONDS} seconds')`;

/**
 * Keeps the log of changes small: of what was visible to the prune before this one, a record for
 * each portfolio stays, with the days that are pending in an aggregate, or one for all of them.
 * No writer waits for it.
 *
 * @param pending the pending days of all aggregates, as it says of the transaction's snapshot
 */
export async function pruneChanges(
  database: Database,
  pending: (session: Queryable) => Promise<readonly DayRange[]>,
): Promise<void> {
  await database.transaction(async (session) => {
    await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const [turn] = await session.query<object>(`
      SELECT FROM metric_changes_pruned AS pruned WHERE ${NEEDS_PRUNING} FOR UPDATE SKIP LOCKED`);
    if (!turn) return;
    const ranges = await pending(session);
    const days = `{${ranges.map(({ from, to }) => `[${formatDay(from)},${formatDay(to)}]`).join(',')}}`;
    // A change that TimescaleDB has still in its log is recognized by its transaction.
    const pruned = `
      pg_visible_in_snapshot(change.transaction_id, pruned.snapshot) AND NOT EXISTS (
        SELECT FROM ${LOGGED_CHANGES} AS logged WHERE logged.transaction = change.transaction_id::xid)`;
    const [found] = await session.query<Pruned>(
      `WITH change AS (
        SELECT change.* FROM metric_changes AS change, metric_changes_pruned AS pruned WHERE ${pruned}
      ), merged AS (
        SELECT max(transaction_id) AS transaction_id, portfolio_id, range_agg(days) * $1::datemultirange AS days
        FROM change GROUP BY portfolio_id
      ), pending AS (
        SELECT * FROM merged WHERE NOT isempty(days)
      ), kept AS (
        SELECT * FROM pending WHERE (SELECT count(*) FROM pending) <= ${MAX_RECORDS}
        UNION ALL
        SELECT max(transaction_id), '${EVERY_PORTFOLIO}', range_agg(days) FROM pending
        HAVING count(*) > ${MAX_RECORDS}
      )
      SELECT (SELECT coalesce(array_agg(transaction_id::text), '{}') FROM kept) AS transactions,
        (SELECT coalesce(array_agg(portfolio_id::text), '{}') FROM kept) AS portfolios,
        (SELECT coalesce(array_agg(days::text), '{}') FROM kept) AS days,
        (SELECT coalesce(range_agg(span.days), '{}') FROM (
          SELECT range_merge(range_agg(days)) AS days FROM change GROUP BY transaction_id
        ) AS span)::text AS transaction_days`,
      [days],
    );
    await session.query(`
      DELETE FROM metric_changes AS change USING metric_changes_pruned AS pruned WHERE ${pruned}`);
    await session.query(
      `INSERT INTO metric_changes SELECT * FROM unnest($1::xid8[], $2::uuid[], $3::datemultirange[])`,
      [found!.transactions, found!.portfolios, found!.days],
    );
    await session.query(
      `UPDATE metric_changes_pruned SET epoch = epoch + 1, snapshot = pg_current_snapshot(),
        pruned_at = now(), remaining = $3,
        transaction_days = (transaction_days + $2::datemultirange) * $1::datemultirange`,
      [days, found!.transaction_days, found!.transactions.length],
    );
  });
}

interface Pruned {
  readonly transactions: readonly string[];
  readonly portfolios: readonly string[];
  readonly days: readonly string[];
  readonly transaction_days: string;
}
