import type { RefreshContext } from '../aggregates/refresh/refresh-resolver.js';
import { refreshAllAndWait } from '../aggregates/refresh/refresh-service.js';
import { AggregateRefreshType } from '../aggregates/refresh/refresh-types.js';
import type { Refresh } from '../aggregates/refresh/refresh.js';
import { dayInBounds } from './refresh-rows.js';

/**
 * What a mutation does after its rows are committed: it refreshes all aggregates over their days,
 * where that is requested, and makes the caller see them. Gives the refreshes, also failed ones;
 * never an error, since the rows are written.
 */
export async function refreshWritten(
  { refreshes, revisions, signal }: RefreshContext,
  { from, to }: { readonly from: string | null; readonly to: string | null },
  refresh: boolean,
): Promise<AggregateRefreshType[]> {
  let done: Refresh[] = [];
  if (refresh && from !== null && to !== null) {
    try {
      const range = { from: dayInBounds(from), to: dayInBounds(to) };
      done = await refreshAllAndWait(refreshes, range, undefined, signal);
    } catch (error) {
      refreshes.onError(error);
    }
  }
  await revisions.catchUp(signal).catch(refreshes.onError);
  return done.map((each) => new AggregateRefreshType(each));
}
