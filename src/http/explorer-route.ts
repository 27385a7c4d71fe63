import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PUBLIC } from './closed-routes.js';

const EXPLORER_PATH = '/graphiql/';

/** The page loads from and requests nothing but its own server; its editor needs workers and inline styles. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL, which needs nothing from other hosts. */
export async function addExplorerRoutes(server: FastifyInstance, directory: string): Promise<void> {
  await server.register(fastifyStatic, {
    root: directory,
    serve: false,
    preCompressed: true,
    decorateReply: !server.hasReplyDecorator('sendFile'),
  });
  server.get(EXPLORER_PATH.slice(0, -1), PUBLIC, (_request, reply) =>
    // Relative, as its links are: a proxy may serve it below any path.
    reply.redirect(`.${EXPLORER_PATH}`),
  );
  server.get(EXPLORER_PATH, PUBLIC, (_request, reply) =>
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .sendFile('index.html', directory, { maxAge: 0 }),
  );
  // Their names change with what is in them. Workers have the policy that their file comes with.
  server.get<{ Params: { '*': string } }>(`${EXPLORER_PATH}assets/*`, PUBLIC, ({ params }, reply) =>
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .sendFile(`assets/${params['*']}`, directory, { maxAge: '365d', immutable: true }),
  );
}
