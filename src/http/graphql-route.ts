import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.js';
import type { Caller } from '../access/caller.js';
import type { CacheOptions } from '../aggregates/series-cache.js';
import { until } from '../database/until.js';
import type { AnswerVersions } from '../graphql/answer-versions.js';
import type { RequestContext, RequestInfo } from '../graphql/context.js';
import type { RateLimit } from '../limits/rate-limit.js';
import { createAdmission } from './admission.js';
import { addConditionalGet, hasTag, notModified, tagOf } from './conditional-get.js';
import { KeptAnswers, questionOf } from './kept-answers.js';
import { answerAsGraphql } from './masked-errors.js';
import { secondsSince } from './request-metrics.js';
import type { RequestMetrics } from './request-metrics.js';
import { requestSignal } from './request-signal.js';

export const GRAPHQL_PATH = '/graphql';
/** Answers longer than this are compressed for who can take it; for less it takes longer than it saves. */
const COMPRESSED_BYTES = 16_384;

export interface GraphqlRouteOptions {
  /** Started. */
  readonly apollo: ApolloServer<RequestContext>;
  readonly access: Pick<Access, 'authenticate'>;
  readonly versions: AnswerVersions;
  /** How much of whole answers is kept, and for how long any is good. */
  readonly answers: CacheOptions;
  readonly operations: RequestMetrics['operations'];
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
  /** By which the answer may be kept. */
  question?: string;
  /** That of the answer, where it has one. */
  version?: string | undefined;
}

/** GraphQL over HTTP. To be given a scope of its own: what it adds is for its answers alone. */
export async function addGraphqlRoute(
  scope: FastifyInstance,
  {
    apollo,
    access,
    versions,
    answers,
    operations,
    createContext,
    rateLimit,
    timeoutMs,
  }: GraphqlRouteOptions,
): Promise<void> {
  const admit = createAdmission(access, rateLimit);
  const kept = new KeptAnswers(answers);
  const bodies = kept.isEnabled ? rememberJson(scope) : undefined;
  // Whether it is answered before GraphQL is asked or by it, a request is admitted once.
  const visits = new WeakMap<FastifyRequest, Visit>();
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

  /** A GET whose answer the client has. */
  const answerUnchanged = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.headers['if-none-match'] === undefined) return;
    const { signal, caller: admitted } = visitOf(request, reply);
    // Who may not ask is told so by the handler.
    const caller = await admitted.catch(() => undefined);
    const version = caller && (await versions.current(caller, signal));
    const tag = version && tagOf(version, request.url, answers.maxAge);
    if (tag && hasTag(request, tag)) await notModified(reply, tag).send();
  };

  /** A POST that was answered before in the present version. */
  const answerKept = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const started = performance.now();
    const body = bodies?.get(request);
    if (body === undefined) return;
    const visit = visitOf(request, reply);
    const caller = await visit.caller.catch(() => undefined);
    if (!caller) return;
    const question = questionOf(caller, request.headers.accept, body);
    if (question === undefined) return;
    const answer = kept.get(question);
    if (answer && answer.version === (await versions.current(caller, visit.signal))) {
      operations.observe({ operation: 'query', errors: 'none' }, secondsSince(started));
      await reply.type(answer.contentType).send(answer.text);
    } else {
      visit.question = question;
    }
  };

  scope.setErrorHandler(answerAsGraphql);
  scope.addHook('onSend', (request, reply, payload, done) => {
    const { question, version } = visits.get(request) ?? {};
    if (version !== undefined && reply.statusCode === 200 && typeof payload === 'string') {
      if (request.method === 'GET')
        reply.header('etag', tagOf(version, request.url, answers.maxAge));
      const contentType = String(reply.getHeader('content-type'));
      if (question !== undefined) kept.set(question, { version, contentType, text: payload });
    }
    done(null, payload);
  });
  addConditionalGet(scope);
  await scope.register(compress, { encodings: ['gzip'], threshold: COMPRESSED_BYTES });
  scope.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    preHandler: (request, reply) =>
      request.method === 'GET' ? answerUnchanged(request, reply) : answerKept(request, reply),
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        const visit = visitOf(request, reply);
        const caller = await visit.caller;
        let taken: string | undefined;
        const answer = {
          take: async () => void (taken = await versions.current(caller, visit.signal)),
          confirm: () => void (visit.version = taken),
        };
        return createContext({ caller, requestId: request.id, signal: visit.signal, answer });
      },
    }),
  });
}

/**
 * The bodies of requests as they were sent, where they are JSON. Those of other types are left to
 * Apollo, which refuses what a page of another site can make a browser send.
 */
function rememberJson(scope: FastifyInstance): WeakMap<FastifyRequest, string> {
  const bodies = new WeakMap<FastifyRequest, string>();
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      bodies.set(request, body);
      void parse(request, body, done);
    },
  );
  return bodies;
}
