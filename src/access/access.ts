import type { Logger } from 'pino';
import { Failure, ServiceError } from '../errors.js';
import type { AccessConfig } from './access-config.js';
import type { ApiKeyStore } from './api-key-store.js';
import { isApiKey } from './api-key.js';
import { bearerOf } from './bearer.js';
import { ANYBODY, type Caller } from './caller.js';
import { KeyRing } from './key-ring.js';
import { createTokenVerifier } from './token-verifier.js';

export interface AccessOptions {
  readonly config: AccessConfig;
  readonly keys: Pick<ApiKeyStore, 'valid'>;
  readonly now: () => Date;
  /** Milliseconds of a clock that only goes forward; by default the process's. */
  readonly clock?: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Which callers are admitted. */
export interface Access {
  /** Whether there is a key that is not revoked. */
  hasKeys(): Promise<boolean>;
  /**
   * The caller that sends this Authorization header; null or undefined: none was sent. Throws
   * UNAUTHENTICATED where one is required, and for a wrong one always; ISSUER_UNAVAILABLE for a
   * token that cannot be checked.
   */
  authenticate(authorization: unknown): Promise<Caller>;
  /** The same where that is known at once; undefined where it is not, or no caller is admitted. */
  known(authorization: unknown): Caller | undefined;
}

/** The access of one application. */
export function createAccess({ config, keys, now, clock, log }: AccessOptions): Access {
  const ring = new KeyRing(keys, clock);
  const verify =
    config.jwt &&
    createTokenVerifier(config.jwt, now, (err) =>
      log.warn({ err }, 'the keys of the issuer cannot be fetched'),
    );
  const hasKeys = async (): Promise<boolean> => !(await ring.isEmpty());
  // The first key that is made changes the result.
  const isRequired = async (): Promise<boolean> =>
    config.required === 'always' || (config.required === 'keyed' && (await hasKeys()));

  const find = async (authorization: unknown): Promise<Caller | string> => {
    const credential = bearerOf(authorization);
    if (credential === null) return 'it is not of the form "Bearer CREDENTIAL"';
    if (isApiKey(credential)) return (await ring.find(credential)) ?? 'there is no such key';
    if (!verify) return 'it is no key, and tokens are not configured';
    const verified = await verify(credential);
    return 'caller' in verified ? verified.caller : verified.reason;
  };

  return {
    hasKeys,
    async authenticate(authorization) {
      if (authorization === undefined || authorization === null) {
        if (!(await isRequired())) return ANYBODY;
        throw unauthenticated('A credential is required: Authorization: Bearer KEY_OR_TOKEN.');
      }
      const found = await find(authorization);
      if (typeof found !== 'string') return found;
      // The reason is for the operator's log; a client that guesses learns nothing from it.
      log.info({ reason: found }, 'a credential was refused');
      throw unauthenticated(
        'The credential is not valid: unknown, revoked, expired or not meant for this server.',
      );
    },
    known(authorization) {
      if (authorization === undefined || authorization === null) {
        const isOpen =
          config.required === 'never' || (config.required === 'keyed' && ring.isKnownEmpty());
        return isOpen ? ANYBODY : undefined;
      }
      const credential = bearerOf(authorization);
      return credential !== null && isApiKey(credential) ? ring.findKnown(credential) : undefined;
    },
  };
}

/**
 * Throws a Failure when others could reach the server and none of them could get in, and returns a
 * notice when that is so where they could not reach it either.
 */
export async function checkConfigured(
  { required, jwt, refuseUnconfigured }: AccessConfig,
  host: string,
  keys: Pick<ApiKeyStore, 'valid'>,
): Promise<string[]> {
  if (required !== 'always' || jwt !== null || (await keys.valid()).size > 0) return [];
  const remedy = `Make a key (rolling-metrics keys create --name NAME --role operator --tenant '*'), or set JWT_SECRET or JWT_JWKS_URL, or set ACCESS=open to admit every client that can reach the server.`;
  if (!refuseUnconfigured) {
    return [`No client can get in: a credential is required, and there is none yet. ${remedy}`];
  }
  throw new Failure(
    `HOST=${host} can be reached from elsewhere, and no key, JWT_SECRET or JWT_JWKS_URL is configured. ${remedy}`,
  );
}

function unauthenticated(message: string): ServiceError {
  return new ServiceError('UNAUTHENTICATED', message);
}
