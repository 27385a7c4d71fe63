import { hash, randomBytes } from 'node:crypto';

/** What every key begins with, so that one is known where it should not stand. */
const PREFIX = 'rpm_';
const RANDOM_BYTES = 32;
const PATTERN = new RegExp(`^${PREFIX}[0-9a-f]{${RANDOM_BYTES * 2}}$`);

/** A new key: 256 random bits. It can be shown once, and only its hash is stored. */
export function createApiKey(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('hex');
}

/** Whether a text has the form of a key. */
export function isApiKey(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * What is stored of a key. Plain SHA-256: a slow hash protects what people can think of, and
 * 2^256 keys are too many to try, however fast each attempt is.
 */
export function hashApiKey(key: string): string {
  return hash('sha256', key);
}
