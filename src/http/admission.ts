import type { FastifyRequest } from 'fastify';
import type { Access } from '../access/access.js';
import type { Caller } from '../access/caller.js';
import { passingFault } from '../database/sql-state.js';
import { ServiceError } from '../errors.js';
import type { RateLimit } from '../limits/rate-limit.js';

/** Who sends a request. Throws UNAUTHENTICATED, or RATE_LIMITED where it is one too many. */
export function createAdmission(
  access: Pick<Access, 'authenticate'>,
  rateLimit: RateLimit,
): (request: FastifyRequest) => Promise<Caller> {
  return async ({ headers, ip }) => {
    let caller: Caller;
    try {
      caller = await access.authenticate(headers.authorization);
    } catch (error) {
      if (isRefusal(error)) await rateLimit.countRefused(ip);
      // Where that cannot be found out just now, HTTP is told so.
      throw passingFault(error) ?? error;
    }
    await rateLimit.count(caller, ip);
    return caller;
  };
}

/** Whether a credential was found wrong, or could not be checked: whoever guesses gets both. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return error.code === 'UNAUTHENTICATED' || error.code === 'ISSUER_UNAVAILABLE';
}
