import { createSecretKey } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { ServiceError } from '../errors.js';
import type { JwtConfig } from './access-config.js';
import { UNNAMED_TOKEN, type Caller } from './caller.js';
import { isRole } from './roles.js';
import { isTenantScope } from './tenant.js';

/** A key that is not known yet may have been added since: so often it is looked for at most. */
const JWKS_COOLDOWN_MS = 10_000;
/** A key that was taken out of the set counts for so long at most. */
const JWKS_MAX_AGE_MS = 300_000;
const JWKS_TIMEOUT_MS = 5000;
const MAX_NAME_LENGTH = 200;

/** The caller that a token names, or the reason why the token is not accepted. */
export type Verified = { readonly caller: Caller } | { readonly reason: string };
export type TokenVerifier = (token: string) => Promise<Verified>;

/** Checks JSON Web Tokens. Throws ISSUER_UNAVAILABLE when the keys of the issuer cannot be fetched. */
export function createTokenVerifier(
  { issuer, audience, clockSkewSeconds, ...config }: JwtConfig,
  now: () => Date,
  /** Called with the reason when the keys cannot be fetched. */
  onUnavailable: (error: unknown) => void = () => undefined,
): TokenVerifier {
  const find: JWTVerifyGetKey = keyOf(config);
  const key: JWTVerifyGetKey = async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (isWrongToken(error)) throw error;
      onUnavailable(error);
      throw new ServiceError(
        'ISSUER_UNAVAILABLE',
        'Tokens cannot be checked just now, for their issuer cannot be reached: try again.',
      );
    }
  };
  const algorithms = 'secret' in config ? ['HS256'] : [...config.algorithms];
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms,
        issuer,
        audience,
        clockTolerance: clockSkewSeconds,
        requiredClaims: ['exp', 'tenant', 'role'],
        currentDate: now(),
      });
      return verified(payload);
    } catch (error) {
      if (isWrongToken(error)) return { reason: error.message };
      throw error;
    }
  };
}

function keyOf(
  config: { readonly secret: string } | { readonly jwksUrl: string },
): JWTVerifyGetKey {
  if ('secret' in config) {
    const secret = createSecretKey(config.secret, 'utf8');
    return async () => secret;
  }
  return createRemoteJWKSet(new URL(config.jwksUrl), {
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_MAX_AGE_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
}

function verified({ tenant, role, sub }: JWTPayload): Verified {
  if (!isTenantScope(tenant)) return { reason: 'the claim "tenant" is no tenant' };
  if (!isRole(role)) return { reason: 'the claim "role" is no role' };
  // A claim can be of any type, whatever the library's says.
  const isNamed = typeof sub === 'string' && sub !== '';
  const name = isNamed ? `${UNNAMED_TOKEN}:${sub.slice(0, MAX_NAME_LENGTH)}` : UNNAMED_TOKEN;
  return { caller: { name, role, tenant } };
}

/** Whether the fault is the token's, and not that of where the keys come from. */
function isWrongToken(error: unknown): error is errors.JOSEError {
  if (!(error instanceof errors.JOSEError)) return false;
  return !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    // The address of the keys responds with something other than a set of keys.
    error.code === errors.JOSEError.code
  );
}
