import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.js';
import type { Caller } from '../access/caller.js';
import { until } from '../database/until.js';
import type { AnswerVersions } from '../graphql/answer-versions.js';
import type { RequestContext, RequestInfo } from '../graphql/context.js';
import type { RateLimit } from '../limits/rate-limit.js';
import { createAdmission } from './admission.js';
import { addConditionalGet, hasTag, notModified, tagOf } from './conditional-get.js';
import { answerAsGraphql } from './masked-errors.js';
import { requestSignal } from './request-signal.js';

export const GRAPHQL_PATH = '/graphql';
/** Answers longer than this are compressed for who can take it; for less it takes longer than it saves. */
const COMPRESSED_BYTES = 16_384;

export interface GraphqlRouteOptions {
  /** Started. */
  readonly apollo: ApolloServer<RequestContext>;
  readonly access: Pick<Access, 'authenticate'>;
  readonly versions: AnswerVersions;
  readonly createContext: (info: RequestInfo) => RequestContext;
  readonly rateLimit: RateLimit;
  /** How long an operation may take, in milliseconds; 0: as long as it likes. */
  readonly timeoutMs: number;
}

/** A request that is being answered. */
interface Visit {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly caller: Promise<Caller>;
}

/** GraphQL over HTTP. To be given a scope of its own: what it adds is for its answers alone. */
export async function addGraphqlRoute(
  scope: FastifyInstance,
  { apollo, access, versions, createContext, rateLimit, timeoutMs }: GraphqlRouteOptions,
): Promise<void> {
  const admit = createAdmission(access, rateLimit);
  // A request that is answered 304 and one that is not are admitted once each.
  const visits = new WeakMap<FastifyRequest, Visit>();
  const tagFor = async (
    { url }: FastifyRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<string | undefined> => {
    const version = await versions.current(caller, signal);
    return version === undefined ? undefined : tagOf(version, url);
  };
  const visitOf = (request: FastifyRequest, reply: FastifyReply): Visit => {
    let visit = visits.get(request);
    if (!visit) {
      // First, or a client that is gone while it is looked up would not be noticed.
      const signal = requestSignal(reply.raw, timeoutMs);
      visit = { signal, caller: until(admit(request), signal) };
      visits.set(request, visit);
    }
    return visit;
  };
  scope.setErrorHandler(answerAsGraphql);
  addConditionalGet(scope);
  await scope.register(compress, { encodings: ['gzip'], threshold: COMPRESSED_BYTES });
  scope.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    async preHandler(request, reply) {
      if (request.method !== 'GET' || request.headers['if-none-match'] === undefined) return;
      const { signal, caller: admitted } = visitOf(request, reply);
      // Who may not ask is told so by the handler.
      const caller = await admitted.catch(() => undefined);
      const tag = caller && (await tagFor(request, caller, signal));
      if (tag && hasTag(request, tag)) await notModified(reply, tag).send();
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        const { signal, caller: admitted } = visitOf(request, reply);
        const caller = await admitted;
        const isGet = request.method === 'GET';
        const tag = isGet ? await tagFor(request, caller, signal) : undefined;
        return createContext({ caller, requestId: request.id, signal, ...(tag ? { tag } : {}) });
      },
    }),
  });
}
