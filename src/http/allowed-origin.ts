/** Where Apollo's hosted Sandbox runs. */
export const SANDBOX_ORIGIN = 'https://studio.apollographql.com';

/**
 * Whether a page of this origin may open a WebSocket here. Browsers let any page try, and send
 * what they know of us along; programs send no origin.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  { host, origins }: { readonly host: string | undefined; readonly origins: readonly string[] },
): boolean {
  if (origin === undefined) return true;
  if (origins.includes(origin)) return true;
  // A sandboxed frame says "null".
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
