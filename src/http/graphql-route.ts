import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Access } from '../access/access.js';
import type { Caller } from '../access/caller.js';
import { passingFault } from '../database/sql-state.js';
import type { RequestContext, RequestInfo } from '../graphql/context.js';
import { addConditionalGet, hasTag, notModified } from './conditional-get.js';
import type { AnswerTags } from './conditional-get.js';
import { answerAsGraphql } from './graphql-error.js';

export const GRAPHQL_PATH = '/graphql';
/** Answers longer than this are compressed for who can take it; for less it takes longer than it saves. */
const COMPRESSED_BYTES = 16_384;

export interface GraphqlRouteOptions {
  /** Started. */
  readonly apollo: ApolloServer<RequestContext>;
  readonly access: Pick<Access, 'authenticate'>;
  readonly answerTags: AnswerTags;
  readonly createContext: (info: RequestInfo) => RequestContext;
}

/** GraphQL over HTTP. To be given a scope of its own: what it adds is for its answers alone. */
export async function addGraphqlRoute(
  scope: FastifyInstance,
  { apollo, access, answerTags, createContext }: GraphqlRouteOptions,
): Promise<void> {
  // A request that is answered 304 and one that is not are authenticated once each.
  const callers = new WeakMap<FastifyRequest, Promise<Caller>>();
  const callerOf = (request: FastifyRequest): Promise<Caller> => {
    let caller = callers.get(request);
    if (!caller)
      callers.set(request, (caller = authenticated(access, request.headers.authorization)));
    return caller;
  };
  scope.setErrorHandler(answerAsGraphql);
  addConditionalGet(scope);
  await scope.register(compress, { encodings: ['gzip'], threshold: COMPRESSED_BYTES });
  scope.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    async preHandler(request, reply) {
      if (request.method !== 'GET' || request.headers['if-none-match'] === undefined) return;
      // Who may not ask is told so by the handler.
      const caller = await callerOf(request).catch(() => undefined);
      const tag = caller && (await answerTags.tagOf(request, caller));
      if (tag && hasTag(request, tag)) await notModified(reply, tag).send();
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        // First, or a client that is gone while it is looked up would not be noticed.
        const signal = goneSignal(reply.raw);
        const caller = await callerOf(request);
        const tag = request.method === 'GET' ? await answerTags.tagOf(request, caller) : undefined;
        return createContext({ caller, requestId: request.id, signal, ...(tag ? { tag } : {}) });
      },
    }),
  });
}

/** Who asks. Where that cannot be found out just now, HTTP is told so, too. */
async function authenticated(
  access: GraphqlRouteOptions['access'],
  authorization: string | undefined,
): Promise<Caller> {
  try {
    return await access.authenticate(authorization);
  } catch (error) {
    throw passingFault(error) ?? error;
  }
}

/** Aborts when the connection ends before the answer has. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
