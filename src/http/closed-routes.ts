import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import type { Admit } from './admission.js';
import { requestSignal } from './request-signal.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route requires no credential, or authenticates requests itself. */
    public?: true;
  }
  interface FastifyRequest {
    /** The caller that sends the request; null on public routes. */
    caller: Caller | null;
  }
}

/** The options of a public route. */
export const PUBLIC = { config: { public: true } } as const;

/**
 * Closes all routes that are added later: a request is admitted before its body is read, unless
 * its route is PUBLIC.
 */
export function closeRoutes(
  server: FastifyInstance,
  { admit, timeoutMs }: { readonly admit: Admit; readonly timeoutMs: number },
): void {
  server.decorateRequest('caller', null);
  server.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (request.is404 || request.routeOptions.config.public) return;
    request.caller = await admit(request.raw, () => requestSignal(reply.raw, timeoutMs));
  });
}
