import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import cors from '@fastify/cors';
import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { RequestContext } from '../graphql/context.js';

const SANDBOX_ORIGIN = 'https://studio.apollographql.com';

export interface HttpServerOptions {
  /** Started. */
  readonly apollo: ApolloServer<RequestContext>;
  readonly createContext: () => RequestContext;
  /** Whether the hosted Sandbox may send requests from a browser. */
  readonly explore: boolean;
  readonly log: FastifyBaseLogger;
}

/** The HTTP server, not yet listening. */
export async function createHttpServer({
  apollo,
  createContext,
  explore,
  log,
}: HttpServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
  });
  if (explore) await server.register(cors, { origin: [SANDBOX_ORIGIN] });
  server.get('/', (_request, reply) => reply.redirect('/graphql'));
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: fastifyApolloHandler(apollo, { context: async () => createContext() }),
  });
  return server;
}
