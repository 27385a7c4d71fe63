import { refreshAllAndWait, type RefreshService } from '../aggregates/refresh/refresh-service.js';
import { isFinished } from '../aggregates/refresh/refresh.js';
import { AGGREGATES } from '../aggregates/registry.js';
import { Failure } from '../errors.js';
import { parseDay, toDay, type DayNumber } from '../metrics/calendar.js';
import { FIRST_DAY, LAST_DAY } from '../timescale/aggregate-state.js';
import type { ImportOptions, ImportResult } from './import-files.js';

/**
 * Refreshes all aggregates over the days of rows that were written or deleted. Throws a Failure when
 * one of them did not succeed; the rows stay as they are.
 */
export async function refreshRows(
  refreshes: RefreshService,
  { from, to }: Pick<ImportResult['daily'], 'from' | 'to'>,
  { progress, signal }: Pick<ImportOptions, 'progress' | 'signal'>,
): Promise<void> {
  if (from === null || to === null) return;
  const range = { from: dayInBounds(from), to: dayInBounds(to) };
  const done = await refreshAllAndWait(refreshes, range, progress, signal);
  const left = done.filter(({ state }) => state !== 'SUCCEEDED');
  if (left.length === 0) return;
  const reasons = left.map((refresh) => {
    const how = isFinished(refresh) ? refresh.state.toLowerCase() : 'still runs';
    return `${AGGREGATES[refresh.name].sqlName} ${how}${refresh.error ? `: ${refresh.error}` : ''}`;
  });
  throw new Failure(
    `The rows are written, but not all aggregates are refreshed: ${reasons.join('; ')}`,
  );
}

/** The day of a date of the database, or the first or last day that aggregates have. */
export function dayInBounds(date: string): DayNumber {
  const [first, last] = [toDay(FIRST_DAY), toDay(LAST_DAY)];
  // Years before the first and after 9999 are written in other ways.
  const day = parseDay(date) ?? (date.endsWith(' BC') ? first : last);
  return Math.min(Math.max(day, first), last);
}
