/** The tenant of a portfolio that is created without one. */
export const DEFAULT_TENANT = 'default';
/** The scope of a caller that may see the portfolios of all tenants. */
export const EVERY_TENANT = '*';

/** The tenant that gets what a caller makes. */
export function ownerOf(caller: string): string {
  return caller === EVERY_TENANT ? DEFAULT_TENANT : caller;
}

const MAX_LENGTH = 200;
// Control characters, halves of characters (two tenants would become one when they are stored), and
// what decoding puts in the place of bytes that are not UTF-8.
// oxlint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u001F\u007F\uFFFD]|\p{Surrogate}/u;

/** The rule that a text breaks as the name of one tenant; null when it breaks none. */
export function tenantFault(text: string): string | null {
  if (text === EVERY_TENANT) return 'is not one tenant';
  if (text === '' || text !== text.trim()) return 'is empty or has spaces around it';
  if (text.length > MAX_LENGTH) return `has more than ${MAX_LENGTH} characters`;
  return UNFIT.test(text) ? 'has characters that cannot be shown' : null;
}

/** Whether a caller may have this: one tenant, or `*`. */
export function isTenantScope(value: unknown): value is string {
  return typeof value === 'string' && (value === EVERY_TENANT || tenantFault(value) === null);
}
