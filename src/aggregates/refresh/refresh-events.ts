import { EventEmitter, on, once } from 'node:events';
import type { Refresh } from './refresh.js';

/** Publishes every change of a refresh, whichever instance runs it, in this process. */
export class RefreshEvents {
  // One listener a waiting caller or subscriber: any number is right.
  private readonly emitter = new EventEmitter().setMaxListeners(0);

  /** For those that wait for one refresh. */
  notify(refresh: Refresh): void {
    this.emitter.emit(refresh.id, refresh);
  }

  /** For those that subscribe to all. */
  publish(refresh: Refresh): void {
    this.emitter.emit('refresh', refresh);
  }

  get hasSubscribers(): boolean {
    return this.emitter.listenerCount('refresh') > 0;
  }

  /** The next change of one refresh. Rejects when the signal aborts. */
  async next(id: string, signal: AbortSignal): Promise<Refresh> {
    const [refresh] = (await once(this.emitter, id, { signal })) as [Refresh];
    return refresh;
  }

  /** All changes from now on, until the caller ends the iteration. */
  subscribe(): AsyncIterableIterator<[refresh: Refresh]> {
    return on(this.emitter, 'refresh') as AsyncIterableIterator<[Refresh]>;
  }
}
