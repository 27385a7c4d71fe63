/** More is neither a key nor a token; a message over WebSocket could have a megabyte. */
const MAX_LENGTH = 8192;

/** The credential in an Authorization header; null when it has none that can be right. */
export function bearerOf(authorization: unknown): string | null {
  if (typeof authorization !== 'string' || authorization.length > MAX_LENGTH) return null;
  return /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1] ?? null;
}
