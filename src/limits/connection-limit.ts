import type { Caller } from '../access/caller.js';
import { addressKey, callerKey } from './caller-key.js';

/** A connection's place among those of its caller. */
export interface ConnectionPlace {
  /** Counts the connection to its caller from now on; false where the caller has too many. */
  assign(caller: Caller): boolean;
  /** Called when the connection is closed. */
  release(): void;
}

/**
 * Bounds the WebSocket connections of one caller. A connection counts to its address until its
 * caller is known, which is after it was opened.
 */
export class ConnectionLimit {
  private readonly counts = new Map<string, number>();

  constructor(readonly maxPerCaller: number) {}

  /** The place of a new connection; null where its address has too many. */
  open(address: string): ConnectionPlace | null {
    let key: string | null = addressKey(address);
    if (this.count(key) >= this.maxPerCaller) return null;
    this.add(key, 1);
    return {
      assign: (caller) => {
        const next = callerKey(caller, address);
        if (key === null) return false;
        if (next === key) return true;
        if (this.count(next) >= this.maxPerCaller) return false;
        this.add(key, -1);
        this.add((key = next), 1);
        return true;
      },
      release: () => {
        if (key !== null) this.add(key, -1);
        key = null;
      },
    };
  }

  private count(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  private add(key: string, difference: number): void {
    const count = this.count(key) + difference;
    if (count === 0) this.counts.delete(key);
    else this.counts.set(key, count);
  }
}
