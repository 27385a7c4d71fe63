import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** For answers that are data: a browser that is made to show one as a page does nothing with it. */
const OF_DATA = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] };

/**
 * For the page of the Sandbox, which brings a policy of its own for scripts, styles and frames:
 * two policies hold both, so this one is silent on them.
 */
const OF_PAGE = {
  'content-security-policy':
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  // Signing in there opens a window.
  'cross-origin-opener-policy': 'same-origin-allow-popups',
};

/** Tells browsers to guess nothing, frame nothing and run nothing of what they get here. */
export async function addSecurityHeaders(
  server: FastifyInstance,
  { explore }: { readonly explore: boolean },
): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: OF_DATA },
    // Whoever puts TLS in front of this speaks for this host, not for those below it.
    strictTransportSecurity: { includeSubDomains: false },
  });
  if (!explore) return;
  server.addHook('onSend', async (_request, reply, payload) => {
    if (String(reply.getHeader('content-type')).startsWith('text/html')) reply.headers(OF_PAGE);
    return payload;
  });
}
