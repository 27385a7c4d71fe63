/** Modes in which pg encrypts without verifying the server. */
const UNVERIFIED = new Set<string | null>(['no-verify', 'allow']);
/** Modes that pg takes as verify-full now, and will take as less. */
const ALIASES = new Set<string | null>(['prefer', 'require', 'verify-ca']);

/**
 * The address of a database whose server is verified: an address that requests TLS requires a
 * valid certificate, name included. One that requests TLS with an unverified server has a fault.
 * Without sslmode nothing is encrypted.
 */
export function verifiedUrl(text: string): { readonly verified: string; readonly fault?: string } {
  const url = new URL(text);
  const { searchParams } = url;
  const mode = searchParams.get('sslmode');
  const isUnverified = [mode, searchParams.get('ssl')].some((value) => UNVERIFIED.has(value));
  if (isUnverified || searchParams.has('uselibpqcompat')) {
    return {
      verified: text,
      fault:
        'must not request TLS with a server that is not verified: use sslmode=verify-full, with sslrootcert=FILE for a certificate of your own, or sslmode=disable',
    };
  }
  if (!ALIASES.has(mode)) return { verified: text };
  return { verified: text.replace(/([?&]sslmode=)[^&#]*/, '$1verify-full') };
}
