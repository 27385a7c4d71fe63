import { LRUCache } from 'lru-cache';

export interface SharedCacheOptions {
  /** How long an entry lives at most, in milliseconds: what no snapshot shows ends with it. */
  readonly maxAge: number;
  /** By what the time since an entry's last use is multiplied where caches are compared. */
  readonly weight?: number;
}

/** What a memory knows of its caches. */
interface Evictable {
  readonly bytes: number;
  /** Removes the least recently used entries as far as they have ended. */
  dropEnded(now: number): void;
  /** For how long its least recently used entry was not used, times its weight; -1 without one. */
  idleTime(now: number): number;
  evict(): void;
}

interface Entry<Value> {
  readonly value: Value;
  /** Times of the clock of `performance`. */
  readonly ends: number;
  used: number;
}

/**
 * The memory that caches share. When it is full, the entries that were not used for the longest
 * time, times the weight of their cache, are evicted: each cache has the room that its requests need.
 */
export class CacheMemory {
  private readonly caches: Evictable[] = [];

  /** `maxBytes`: what all entries together may take, about; 0: nothing is cached. */
  constructor(readonly maxBytes: number) {}

  add(cache: Evictable): void {
    this.caches.push(cache);
  }

  /** Whether an entry of so many bytes evicts none that lives. */
  hasRoom(bytes: number): boolean {
    for (const cache of this.caches) cache.dropEnded(performance.now());
    return this.caches.reduce((sum, cache) => sum + cache.bytes, bytes) <= this.maxBytes;
  }

  makeRoom(): void {
    const now = performance.now();
    while (!this.hasRoom(0)) {
      this.caches.reduce((a, b) => (b.idleTime(now) > a.idleTime(now) ? b : a)).evict();
    }
  }
}

/** One of the caches that share a memory. */
export class SharedCache<Value extends object> implements Evictable {
  private readonly entries: LRUCache<string, Entry<Value>> | undefined;
  private readonly maxAge: number;
  private readonly weight: number;

  constructor(
    private readonly memory: CacheMemory,
    { maxAge, weight = 1 }: SharedCacheOptions,
  ) {
    this.maxAge = maxAge;
    this.weight = weight;
    const maxSize = memory.maxBytes;
    if (maxSize > 0) this.entries = new LRUCache({ maxSize });
    memory.add(this);
  }

  /** About how many bytes its entries take, with those that have ended after their last use. */
  get bytes(): number {
    return this.entries?.calculatedSize ?? 0;
  }

  /** The value of a key, which counts as its use. */
  get(key: string): Value | undefined {
    const entry = this.entries?.get(key);
    if (!entry) return undefined;
    const now = performance.now();
    if (now >= entry.ends) {
      this.delete(key);
      return undefined;
    }
    entry.used = now;
    return entry.value;
  }

  peek(key: string): Value | undefined {
    const entry = this.entries?.peek(key);
    return entry && performance.now() < entry.ends ? entry.value : undefined;
  }

  /** Caches a value, unless it is larger than the memory, for `ttl` milliseconds at most. */
  set(key: string, value: Value, size: number, ttl = this.maxAge): void {
    const now = performance.now();
    this.entries?.set(key, { value, ends: now + ttl, used: now }, { size });
    this.memory.makeRoom();
  }

  delete(key: string): void {
    this.entries?.delete(key);
  }

  /** How long the entry of a key still lives, in milliseconds. */
  remainingTtl(key: string): number {
    return (this.entries?.peek(key)?.ends ?? 0) - performance.now();
  }

  idleTime(now: number): number {
    const { least } = this;
    return least ? (now - least.used) * this.weight : -1;
  }

  evict(): void {
    this.entries?.pop();
  }

  dropEnded(now: number): void {
    while (this.least && this.least.ends <= now) this.evict();
  }

  private get least(): Entry<Value> | undefined {
    const [least] = this.entries?.rvalues() ?? [];
    return least;
  }
}
