import { hashApiKey } from './api-key.js';
import type { ApiKeyGrant, ApiKeyStore } from './api-key-store.js';
import type { Caller } from './caller.js';

/** How long what was read counts: so long a revoked key may still be taken. */
const MAX_AGE_MS = 1000;

/**
 * The valid keys, read all at once and at most once a second: however many wrong keys are tried,
 * the database is not asked more often, and no more is held than there are keys.
 */
export class KeyRing {
  private keys: Promise<ReadonlyMap<string, ApiKeyGrant>> | undefined;
  private readAt = -Infinity;

  constructor(
    private readonly store: Pick<ApiKeyStore, 'valid'>,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Whether there is no valid key at all. */
  async isEmpty(): Promise<boolean> {
    return (await this.read()).size === 0;
  }

  /** Who has this key; null when it is none. */
  async find(key: string): Promise<Caller | null> {
    const grant = (await this.read()).get(hashApiKey(key));
    return grant ? { ...grant, name: `key:${grant.name}` } : null;
  }

  private read(): Promise<ReadonlyMap<string, ApiKeyGrant>> {
    const now = this.clock();
    if (!this.keys || now - this.readAt >= MAX_AGE_MS) {
      // Old from when it began: what changes meanwhile may not be in it.
      this.readAt = now;
      const reading = this.store.valid();
      this.keys = reading;
      reading.catch(() => {
        if (this.keys === reading) this.keys = undefined;
      });
    }
    return this.keys;
  }
}
