import type { Database } from '../database/database.js';
import { messageOf } from '../errors.js';
import { formatDay, toDay } from '../metrics/calendar.js';
import type { Progress } from '../progress.js';
import type { DayRange } from './day-ranges.js';
import { AGGREGATES } from './registry.js';
import type { AggregateName } from './registry.js';

/** About how long one slice may hold up everybody else, in milliseconds. */
const SLICE_MS = 1000;
const FIRST_SLICE_DAYS = 90;

/**
 * Refreshes an aggregate over a range of days, in slices that adapt to about a second each, every
 * slice a transaction of its own: what is done stays done. The run is a row of aggregate_refreshes.
 */
export async function refreshAggregate(
  database: Database,
  name: AggregateName,
  range: DayRange,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const { sqlName } = AGGREGATES[name];
  const [run] = await database.write<{ id: string }>(
    `INSERT INTO aggregate_refreshes (view_name, state, from_day, to_day, started_at)
    VALUES ($1, 'RUNNING', $2, $3, clock_timestamp()) RETURNING id`,
    [sqlName, formatDay(range.from), formatDay(range.to)],
  );
  const finish = (state: string, error: string | null): Promise<unknown> =>
    database.write(
      `UPDATE aggregate_refreshes SET state = $2, error = $3, finished_at = clock_timestamp(),
        progress = CASE WHEN $2 = 'SUCCEEDED' THEN 1 ELSE progress END WHERE id = $1`,
      [run!.id, state, error],
    );
  try {
    let days = FIRST_SLICE_DAYS;
    for (let from = range.from; from <= range.to;) {
      signal?.throwIfAborted();
      const end = Math.min(from + days, range.to + 1);
      const startedMs = performance.now();
      await database.write('CALL refresh_continuous_aggregate($1::regclass, $2::date, $3::date)', [
        sqlName,
        formatDay(from),
        formatDay(end),
      ]);
      const tookMs = performance.now() - startedMs;
      if (tookMs < SLICE_MS / 2) days *= 2;
      else if (tookMs > SLICE_MS) days = Math.max(1, Math.floor(days / 2));
      from = end;
      progress(`Refreshing ${sqlName}`, from - range.from, range.to + 1 - range.from);
    }
  } catch (error) {
    await finish(signal?.aborted ? 'CANCELLED' : 'FAILED', messageOf(error));
    throw error;
  }
  // Statistics are what row counts and plans are made from.
  await database.write(`ANALYZE ${sqlName}`);
  await finish('SUCCEEDED', null);
}

/** The inclusive range between two calendar dates. */
export function rangeBetween(from: string, to: string): DayRange {
  return { from: toDay(from), to: toDay(to) };
}
