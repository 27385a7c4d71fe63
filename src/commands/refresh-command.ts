import { AGGREGATES } from '../aggregates/registry.js';
import { aggregateNamed } from './aggregate-argument.js';
import { printJson, type ClientContext } from './client-context.js';
import { requestData, type Executor } from './executor.js';
import { followRefreshes, type FollowOptions } from './follow-refreshes.js';
import { shortDuration } from './human-units.js';
import { describeRanges } from './pending-days.js';
import {
  REFRESH_ALL,
  REFRESH_ONE,
  type RefreshAllData,
  type RefreshOneData,
  type RefreshRow,
} from './refresh-query.js';

export interface RefreshOptions {
  /** The name of one; absent: all. */
  readonly aggregate?: string;
  /** First day, inclusive; absent: the oldest. */
  readonly from?: string;
  /** Last day, inclusive; absent: the newest. */
  readonly to?: string;
  readonly json?: boolean;
}

/** Refreshes aggregates, shows how far they are, and returns 0 when all of them succeeded. */
export async function refreshAggregates(
  { execute, output }: Pick<ClientContext, 'execute' | 'output'>,
  options: RefreshOptions,
  follow: FollowOptions,
): Promise<number> {
  const rows = await startAndFollow(execute, options, follow);
  const failed = rows.filter(({ state }) => state !== 'SUCCEEDED');
  if (options.json) {
    printJson(output, rows);
  } else {
    for (const row of rows) if (row.state === 'SUCCEEDED') output.line(outcomeOf(row));
    for (const row of failed) output.error(outcomeOf(row));
  }
  return failed.length === 0 ? 0 : 1;
}

async function startAndFollow(
  execute: Executor,
  options: RefreshOptions,
  follow: FollowOptions,
): Promise<readonly RefreshRow[]> {
  try {
    return await followRefreshes(await start(execute, options, follow), execute, follow);
  } finally {
    follow.display.close();
  }
}

/** Requests the refreshes, which run in the background of the process that has the database. */
async function start(
  execute: Executor,
  { aggregate, from, to }: RefreshOptions,
  { interrupted }: FollowOptions,
): Promise<readonly RefreshRow[]> {
  const viewName = aggregate === undefined ? null : aggregateNamed(aggregate);
  const range = { from: from ?? null, to: to ?? null };
  interrupted.throwIfAborted();
  if (viewName === null) {
    const all = await requestData<RefreshAllData>(execute, REFRESH_ALL, range);
    return all.refreshAllAggregates;
  }
  const one = await requestData<RefreshOneData>(execute, REFRESH_ONE, { viewName, ...range });
  return [one.refreshAggregate];
}

/** How a refresh ended, in a sentence. */
function outcomeOf(row: RefreshRow): string {
  const { viewName, state, startedAt, finishedAt, pendingAfter, error } = row;
  const { sqlName } = AGGREGATES[viewName];
  switch (state) {
    case 'SUCCEEDED': {
      const tookMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
      const took = tookMs >= 1000 ? ` in ${shortDuration(tookMs)}` : '';
      const later =
        pendingAfter.length > 0
          ? `; days that changed meanwhile wait for the next refresh: ${describeRanges(pendingAfter)}`
          : '';
      return `${sqlName} is refreshed${took}${later}.`;
    }
    case 'CANCELLED':
      return `${sqlName} was cancelled at ${Math.floor(100 * row.progress)} %; what was refreshed stays so.`;
    default:
      return `${sqlName} was not refreshed: ${error ?? state.toLowerCase()}`;
  }
}
