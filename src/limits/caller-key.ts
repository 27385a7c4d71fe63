import { ANYBODY, UNNAMED_TOKEN, type Caller } from '../access/caller.js';

/** Names that many callers may have. */
const SHARED_NAMES: ReadonlySet<string> = new Set([ANYBODY.name, UNNAMED_TOKEN]);

/** What a caller is counted by: its name in its tenant, or its address where it has no name of its own. */
export function callerKey({ name, tenant }: Caller, address: string): string {
  return SHARED_NAMES.has(name) ? addressKey(address) : `${tenant} ${name}`;
}

/** What is counted by address. */
export function addressKey(address: string): string {
  return `address:${address}`;
}
