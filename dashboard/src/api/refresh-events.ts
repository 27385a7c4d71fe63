import { effect, signal } from '@preact/signals';
import {
  AggregateRefreshedDocument,
  type AggregateName,
  type RefreshFragment,
} from '../../../client/src/index.js';
import { isOver } from '../aggregates/refresh-state.js';
import { checkAgain } from './revision.js';
import { accessKey, SERVER_URL } from './session.js';

/** The newest event of each aggregate's refreshes, from any client or policy. */
export const refreshEvents = signal<Readonly<Partial<Record<AggregateName, RefreshFragment>>>>({});

/** Follows the refreshes of all aggregates; at the end of each the screen is checked. */
export function followRefreshes(): void {
  effect(() => {
    const key = accessKey.value;
    const ending = new AbortController();
    void follow(key, ending.signal);
    return () => ending.abort();
  });
}

async function follow(key: string | undefined, ends: AbortSignal): Promise<void> {
  // Not needed for the first paint.
  const { createSubscriptions } = await import('../../../client/src/subscriptions.js');
  const subscriptions = createSubscriptions({ url: SERVER_URL, key });
  try {
    for await (const { aggregateRefreshed } of subscriptions.subscribe(
      AggregateRefreshedDocument,
      {},
      { signal: ends },
    )) {
      noteRefresh(aggregateRefreshed);
    }
  } catch {
    // Refused for want of a key, or not offered by a proxy: the regular checks have to do.
  } finally {
    await subscriptions.close();
  }
}

/** Shows a refresh, unless a later state of it is known: responses and events overtake each other. */
export function noteRefresh(refresh: RefreshFragment): void {
  const known = refreshEvents.peek()[refresh.viewName];
  if (known?.id === refresh.id && isAhead(known, refresh)) return;
  refreshEvents.value = { ...refreshEvents.peek(), [refresh.viewName]: refresh };
  if (isOver(refresh)) checkAgain();
}

/** Takes from a list what runs, and what has ended without an event, as while there was no connection. */
export function catchUp(refreshes: readonly RefreshFragment[]): void {
  for (const refresh of refreshes.toReversed()) {
    const isShown = refreshEvents.peek()[refresh.viewName]?.id === refresh.id;
    if (isShown || !isOver(refresh)) noteRefresh(refresh);
  }
}

function isAhead(known: RefreshFragment, other: RefreshFragment): boolean {
  return isOver(known) || (!isOver(other) && known.progress > other.progress);
}
