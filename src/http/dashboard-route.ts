import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PUBLIC } from './closed-routes.js';
import { GRAPHQL_PATH } from './graphql-route.js';

/** The page runs nothing but its own files, and connects to nothing but its own server. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * The dashboard at `/` for browsers; other clients are redirected to the API. The files are
 * public: they hold no numbers, which come from the API.
 */
export async function addDashboardRoutes(
  server: FastifyInstance,
  directory: string,
): Promise<void> {
  await server.register(fastifyStatic, { root: directory, serve: false, preCompressed: true });
  server.get('/', PUBLIC, (request, reply) => {
    reply.header('vary', 'accept, accept-encoding');
    if (!request.headers.accept?.includes('text/html')) return reply.redirect(GRAPHQL_PATH);
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    return reply.sendFile('index.html', { maxAge: 0 });
  });
  server.get('/icon.svg', PUBLIC, (_request, reply) =>
    reply.sendFile('icon.svg', { maxAge: '1d' }),
  );
  // Their names change with what is in them.
  server.get<{ Params: { '*': string } }>('/assets/*', PUBLIC, ({ params }, reply) =>
    reply.sendFile(`assets/${params['*']}`, { maxAge: '365d', immutable: true }),
  );
}
