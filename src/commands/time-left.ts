import type { RefreshRow } from './refresh-query.js';

/**
 * Estimates how much longer a running refresh takes, in milliseconds, by its pace since it was
 * first seen running; null while that says nothing. By the clock here alone: that of the server
 * may be another.
 */
export function createTimeLeft(now: () => Date): (refresh: RefreshRow) => number | null {
  const firstSeen = new Map<string, { readonly atMs: number; readonly progress: number }>();
  return ({ id, state, progress }) => {
    if (state !== 'RUNNING') return null;
    const atMs = now().getTime();
    const first = firstSeen.get(id);
    if (!first) firstSeen.set(id, { atMs, progress });
    if (!first || progress <= first.progress) return null;
    return ((1 - progress) * (atMs - first.atMs)) / (progress - first.progress);
  };
}
