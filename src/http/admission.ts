import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/access.js';
import type { Caller } from '../access/caller.js';
import type { HostCheck } from '../access/host-check.js';
import { until } from '../async/until.js';
import { passingFault } from '../database/sql-state.js';
import { ServiceError } from '../errors.js';
import type { RateLimit } from '../limits/rate-limit.js';
import type { ClientAddress } from './client-address.js';

/**
 * Authenticates a request and counts it for the rate limit. Throws UNAUTHENTICATED, FORBIDDEN for a Host that the
 * caller may not use, or RATE_LIMITED where it is one too many. The signal is made only where something has to be waited for.
 */
export type Admit = (
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  signal: () => AbortSignal,
) => Promise<Caller>;

export function createAdmission(
  access: Pick<Access, 'authenticate' | 'known'>,
  rateLimit: RateLimit,
  checkHost: HostCheck,
  addressOf: ClientAddress,
): Admit {
  const authenticate = async (authorization: unknown, address: string): Promise<Caller> => {
    try {
      return await access.authenticate(authorization);
    } catch (error) {
      if (isRefusal(error)) await rateLimit.countRefused(address);
      // Where that cannot be checked just now, the response says so.
      throw passingFault(error) ?? error;
    }
  };
  return async (request, signal) => {
    const { authorization, host } = request.headers;
    const address = addressOf(request);
    const caller =
      access.known(authorization) ?? (await until(authenticate(authorization, address), signal()));
    checkHost(caller, host);
    await rateLimit.count(caller, address);
    return caller;
  };
}

/** Whether a credential was found wrong, or could not be checked: clients that guess get both. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return error.code === 'UNAUTHENTICATED' || error.code === 'ISSUER_UNAVAILABLE';
}
