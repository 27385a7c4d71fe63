import type { ApiKeyGrant, ApiKeyStore } from './api-key-store.js';
import { hashApiKey } from './api-key.js';
import type { Caller } from './caller.js';

/** How long what was read counts: so long a revoked key may still be taken. */
const MAX_AGE_MS = 1000;
/** How long a key that is not known counts as none: it may be just made, and be tried at once. */
const MAX_AGE_OF_MISS_MS = 25;

/**
 * The valid keys, read all at once and at most once a second, or forty times where unknown ones are
 * tried: however many those are, the database is not queried more often, and no more is held
 * than there are keys.
 */
export class KeyRing {
  private keys: Promise<ReadonlyMap<string, ApiKeyGrant>> | undefined;
  /** What that read gave, once it is there. */
  private known: ReadonlyMap<string, ApiKeyGrant> | undefined;
  private readAt = -Infinity;

  constructor(
    private readonly store: Pick<ApiKeyStore, 'valid'>,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Whether there is no valid key at all. */
  async isEmpty(): Promise<boolean> {
    return (await this.read()).size === 0;
  }

  /** The caller that has this key; null when it is none. */
  async find(key: string): Promise<Caller | null> {
    const hash = hashApiKey(key);
    const grant = (await this.read()).get(hash) ?? (await this.read(MAX_AGE_OF_MISS_MS)).get(hash);
    return grant ? callerOf(grant) : null;
  }

  /** The same without querying the database: false where that would be needed. */
  isKnownEmpty(): boolean {
    return this.peek()?.size === 0;
  }

  /** The caller that has this key; undefined when it is none, or a query is needed. */
  findKnown(key: string): Caller | undefined {
    const grant = this.peek()?.get(hashApiKey(key));
    return grant && callerOf(grant);
  }

  private peek(): ReadonlyMap<string, ApiKeyGrant> | undefined {
    return this.clock() - this.readAt < MAX_AGE_MS ? this.known : undefined;
  }

  private read(maxAgeMs = MAX_AGE_MS): Promise<ReadonlyMap<string, ApiKeyGrant>> {
    const now = this.clock();
    if (!this.keys || now - this.readAt >= maxAgeMs) {
      // Old from when it began: what changes meanwhile may not be in it.
      this.readAt = now;
      const reading = this.store.valid();
      this.keys = reading;
      this.known = undefined;
      const keep = (known?: ReadonlyMap<string, ApiKeyGrant>): void => {
        if (this.keys !== reading) return;
        this.known = known;
        if (!known) this.keys = undefined;
      };
      reading.then(keep, () => keep());
    }
    return this.keys;
  }
}

function callerOf(grant: ApiKeyGrant): Caller {
  return { ...grant, name: `key:${grant.name}` };
}
