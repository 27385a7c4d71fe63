import { jest } from '@jest/globals';
import type { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import type { Refresh } from '../../src/aggregates/refresh/refresh.js';

/** The changes that a service announces from now on, in order, as the array grows. */
export function recordedChanges(refreshes: RefreshService): readonly Refresh[] {
  const changes: Refresh[] = [];
  const { events } = refreshes;
  const publish = events.publish.bind(events);
  jest.spyOn(events, 'publish').mockImplementation((refresh) => {
    changes.push(refresh);
    publish(refresh);
  });
  return changes;
}

/** The first change that fits, of those still to come. */
export async function nextChange(
  refreshes: RefreshService,
  fits: (refresh: Refresh) => boolean,
): Promise<Refresh> {
  for await (const [refresh] of refreshes.events.subscribe()) if (fits(refresh)) return refresh;
  throw new Error('the events ended');
}
