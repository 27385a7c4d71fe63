import { hash } from 'node:crypto';

/** How many keys it knows at most; a power of two. */
const PLACES = 65_536;

/**
 * Keys that were added lately. Each has one place, where a later one replaces it: after 45,000
 * others about half of them are known.
 */
export class RecentKeys {
  private readonly places = new Uint32Array(PLACES);

  /** Adds a key; whether it was there. */
  add(key: string): boolean {
    const digest = hash('sha1', key, 'buffer');
    const place = digest.readUInt32LE(0) % PLACES;
    const mark = digest.readUInt32LE(4);
    const wasThere = this.places[place] === mark;
    this.places[place] = mark;
    return wasThere;
  }
}
