import { computed, signal } from '@preact/signals';
import { createClient, type Client } from '../../../client/src/index.js';

const STORED = 'access-key';
const TIMEOUT_MS = 30_000;

/** The page's own server, also where a proxy serves it below a path. */
export const SERVER_URL = new URL('./', location.href);

const key = signal(sessionStorage.getItem(STORED) ?? undefined);

/** The access key, for as long as the tab is open. */
export const accessKey = computed(() => key.value);
/** Whether the server refused the last request for want of a valid key. */
export const needsKey = signal(false);

export const client = computed<Client>(() =>
  createClient({ url: SERVER_URL, key: key.value, timeoutMs: TIMEOUT_MS, maxRetries: 2 }),
);

export function useKey(entered: string): void {
  sessionStorage.setItem(STORED, entered);
  needsKey.value = false;
  key.value = entered;
}

export function forgetKey(): void {
  sessionStorage.removeItem(STORED);
  key.value = undefined;
}
