import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ApiKeyGrant } from '../../src/access/api-key-store.js';
import { createApiKey, hashApiKey, isApiKey } from '../../src/access/api-key.js';
import { KeyRing } from '../../src/access/key-ring.js';

const KEY = createApiKey();
const GRANT: ApiKeyGrant = { name: 'ci', role: 'writer', tenant: 'acme' };

let now: number;
let reads: number;
let stored: Map<string, ApiKeyGrant>;
let failure: Error | null;
let ring: KeyRing;

beforeEach(() => {
  now = 0;
  reads = 0;
  stored = new Map();
  failure = null;
  const valid = async (): Promise<Map<string, ApiKeyGrant>> => {
    reads += 1;
    if (failure) throw failure;
    return new Map(stored);
  };
  ring = new KeyRing({ valid }, () => now);
});

test('a key is 256 random bits behind a prefix, and only whole it is one', () => {
  expect(KEY).toMatch(/^rpm_[0-9a-f]{64}$/);
  expect(createApiKey()).not.toBe(KEY);
  expect(isApiKey(KEY)).toBe(true);
  for (const text of ['', KEY.slice(1), `${KEY}0`, `${KEY}\n`, KEY.toUpperCase()]) {
    expect(isApiKey(text)).toBe(false);
  }
});

describe('the key ring', () => {
  test('knows the callers that have a key, and no others', async () => {
    stored.set(hashApiKey(KEY), GRANT);
    expect(await ring.find(KEY)).toEqual({ name: 'key:ci', role: 'writer', tenant: 'acme' });
    expect(await ring.find(createApiKey())).toBeNull();
    expect(await ring.find(hashApiKey(KEY))).toBeNull();
  });

  test('queries the database once a second, however many keys are tried', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => ring.find(createApiKey())));
    expect(await ring.isEmpty()).toBe(true);
    expect(reads).toBe(1);
    now = 999;
    await ring.isEmpty();
    expect(reads).toBe(1);
    now = 1000;
    await ring.isEmpty();
    expect(reads).toBe(2);
  });

  test('queries again soon for a key that it does not know, which may be just made', async () => {
    expect(await ring.find(KEY)).toBeNull();
    stored.set(hashApiKey(KEY), GRANT);
    now = 24;
    expect(await ring.find(KEY)).toBeNull();
    now = 25;
    expect(await ring.find(KEY)).not.toBeNull();
    now = 100;
    await ring.find(KEY);
    expect(reads).toBe(2);
  });

  test('takes a new key, and refuses a revoked one, after a second', async () => {
    expect(await ring.isEmpty()).toBe(true);
    stored.set(hashApiKey(KEY), GRANT);
    now = 1000;
    expect(await ring.isEmpty()).toBe(false);
    expect(await ring.find(KEY)).not.toBeNull();
    stored.clear();
    now = 2000;
    expect(await ring.find(KEY)).toBeNull();
  });

  test('knows at once what it has read, for a second from when it began to', async () => {
    expect([ring.isKnownEmpty(), ring.findKnown(KEY)]).toEqual([false, undefined]);
    await ring.isEmpty();
    expect(ring.isKnownEmpty()).toBe(true);
    stored.set(hashApiKey(KEY), GRANT);
    now = 1000;
    expect(ring.isKnownEmpty()).toBe(false);
    expect(await ring.find(KEY)).not.toBeNull();
    expect(ring.findKnown(KEY)).toEqual({ name: 'key:ci', role: 'writer', tenant: 'acme' });
    expect(ring.findKnown(createApiKey())).toBeUndefined();
    // While keys are being read again, what was read before is too old.
    stored.clear();
    now = 2000;
    const reading = ring.find(KEY);
    expect(ring.findKnown(KEY)).toBeUndefined();
    expect(await reading).toBeNull();
    expect([ring.isKnownEmpty(), ring.findKnown(KEY)]).toEqual([true, undefined]);
  });

  test('admits no client while the keys cannot be read, and reads them as soon as they can be', async () => {
    stored.set(hashApiKey(KEY), GRANT);
    await ring.find(KEY);
    now = 1000;
    failure = new Error('gone');
    await expect(ring.find(KEY)).rejects.toThrow('gone');
    await expect(ring.isEmpty()).rejects.toThrow('gone');
    failure = null;
    expect(await ring.find(KEY)).not.toBeNull();
  });
});
