import { setTimeout as delay } from 'node:timers/promises';
import type { AdvisoryLocks } from '../../database/advisory-locks.js';
import type { Database, Queryable } from '../../database/database.js';
import type { Progress } from '../../progress.js';
import { refreshLocks } from '../refresh-locks.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../registry.js';
import type { Revisions } from '../revisions/revisions.js';
import { RefreshEvents } from './refresh-events.js';
import { RefreshRun } from './refresh-run.js';
import { RefreshStore, type RefreshRequest } from './refresh-store.js';
import { isFinished, type Refresh } from './refresh.js';

/** How often to poll for a lock held, or a refresh run, by another process. */
const POLL_MS = 250;
/** How long to wait after a failure to run anything at all. */
const RETRY_MS = 1000;
/** How often a refresh whose process ended is taken up by the next one. */
const MAX_RESUMES = 2;

/**
 * Runs refreshes: of each aggregate one at a time over all instances, at most one waiting. A
 * request joins the waiting one, never a running one, which may have passed the rows that the
 * caller has just written.
 */
export class RefreshService {
  readonly events = new RefreshEvents();
  readonly store: RefreshStore;
  private readonly locks: AdvisoryLocks;
  private readonly workers = new Map<AggregateName, Promise<void>>();
  private readonly wanted = new Set<AggregateName>();
  private readonly closing = new AbortController();
  private readonly leaving = new AbortController();

  constructor(
    database: Database,
    /** Receives failures to run anything at all, such as a lost database. */
    readonly onError: (error: unknown) => void = () => undefined,
    private readonly revisions?: Pick<Revisions, 'catchUp'>,
  ) {
    this.store = new RefreshStore(database, (refresh) => this.publish(refresh));
    this.locks = refreshLocks(database);
  }

  /**
   * Publishes a change of a refresh. Subscribers that learn that it is over see what it has done;
   * callers that wait for it or read it catch up by themselves, once for all refreshes.
   */
  publish(refresh: Refresh): void {
    this.events.notify(refresh);
    if (!isFinished(refresh) || !this.revisions || !this.events.hasSubscribers) {
      this.events.publish(refresh);
      return;
    }
    void this.revisions
      .catchUp()
      .catch(this.onError)
      .then(() => this.events.publish(refresh));
  }

  /** Requests a refresh and returns the one that will do it; it runs in the background. */
  async request({ name, ...request }: RefreshRequest): Promise<Refresh> {
    const [refresh] = await this.requestAll([name], request);
    return refresh!;
  }

  /** The same for several aggregates: all are requested, or none. */
  async requestAll(
    names: readonly AggregateName[],
    request: Omit<RefreshRequest, 'name'>,
  ): Promise<Refresh[]> {
    const refreshes = await this.store.requestAll(names, request);
    for (const name of names) this.work(name);
    return refreshes;
  }

  /** Waits until a refresh is over, or until the signal ends the waiting (not the refresh). */
  async wait(refresh: Refresh, signal?: AbortSignal, progress?: Progress): Promise<Refresh> {
    const label = `Refreshing ${AGGREGATES[refresh.name].sqlName}`;
    const ends = AbortSignal.any([this.leaving.signal, ...(signal ? [signal] : [])]);
    let latest = (await this.store.find(refresh.id)) ?? refresh;
    while (!isFinished(latest) && !ends.aborted) {
      progress?.(label, latest.progress, 1);
      latest = await this.nextChange(latest, ends);
    }
    if (latest.state === 'SUCCEEDED') progress?.(label, 1, 1);
    return latest;
  }

  /** Refreshes an aggregate and waits for it. */
  async run(request: RefreshRequest, progress?: Progress, signal?: AbortSignal): Promise<Refresh> {
    return this.wait(await this.request(request), signal, progress);
  }

  /** Takes up what processes that ended have left. */
  async resume(): Promise<void> {
    for (const { name } of await this.store.unfinished()) this.work(name);
  }

  /** Ends all waiting, with the refreshes as they are then: they go on. */
  endWaits(): void {
    this.leaving.abort();
  }

  /** Stops between two slices. */
  async close(): Promise<void> {
    this.endWaits();
    this.closing.abort();
    await Promise.all(this.workers.values());
  }

  /**
   * A refresh after its next change, or as it is after a while: an event reports at once what this
   * process runs, but one of another process may be missed.
   */
  private async nextChange(refresh: Refresh, ends: AbortSignal): Promise<Refresh> {
    // Not AbortSignal.timeout: one that only a combined signal knows may be collected, and never come.
    const soon = new AbortController();
    const timer = setTimeout(() => soon.abort(), POLL_MS);
    try {
      return await this.events.next(refresh.id, AbortSignal.any([ends, soon.signal]));
    } catch (error) {
      if (!soon.signal.aborted && !ends.aborted) throw error;
      return (await this.store.find(refresh.id)) ?? refresh;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes sure that this process looks for waiting refreshes of the aggregate. */
  private work(name: AggregateName): void {
    this.wanted.add(name);
    if (this.workers.has(name)) return;
    const worker = this.drain(name)
      .catch(async (error: unknown) => {
        // The session may be lost, and with it the result of a refresh: look again soon.
        this.onError(error);
        this.wanted.add(name);
        await delay(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      })
      .finally(() => {
        this.workers.delete(name);
        if (this.wanted.has(name) && !this.closing.signal.aborted) this.work(name);
      });
    this.workers.set(name, worker);
  }

  /** Requests a refresh again whose process ended, unless that refresh keeps ending processes. */
  private async takeUp(session: Queryable, left: Refresh): Promise<void> {
    if (left.cancelRequested || left.resumes >= MAX_RESUMES) return;
    await this.store.request({ ...left, resumes: left.resumes + 1 }, session);
  }

  private async drain(name: AggregateName): Promise<void> {
    const { signal } = this.closing;
    while (this.wanted.delete(name)) {
      let hasRun = false;
      while (!hasRun && !signal.aborted) {
        hasRun = await this.locks.tryWith(AGGREGATES[name].sqlName, async (session) => {
          await this.store.prune(session, name);
          for (const left of await this.store.failAbandoned(session, name)) {
            await this.takeUp(session, left);
          }
          for (let next = true; next && !signal.aborted;) {
            const refresh = await this.store.start(session, name);
            next = refresh !== undefined;
            if (!refresh) break;
            const outcome = await new RefreshRun(session, this.store, refresh, signal).run();
            if (!outcome) {
              await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
              continue;
            }
            const over = await this.store.finish(session, refresh.id, outcome);
            if (signal.aborted && over.state === 'FAILED') await this.takeUp(session, over);
          }
        });
        if (hasRun || !(await this.store.hasWaiting(name))) break;
        await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/**
 * Refreshes all aggregates over a range of days and waits for them. All are requested before the
 * first is waited for: should the process end, the next one knows of them.
 */
export async function refreshAllAndWait(
  refreshes: RefreshService,
  range: Pick<RefreshRequest, 'from' | 'to'>,
  progress?: Progress,
  signal?: AbortSignal,
): Promise<Refresh[]> {
  const requested = await refreshes.requestAll(AGGREGATE_NAMES, { ...range, origin: 'REQUEST' });
  const results: Refresh[] = [];
  for (const refresh of requested) {
    results.push(await refreshes.wait(refresh, signal, progress));
  }
  return results;
}
