import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import type { MaybePromise } from '../async/maybe-promise.js';
import type { AnswerVersions } from '../graphql/answer-versions.js';
import type { RequestContext, RequestInfo } from '../graphql/context.js';
import type { Admit } from './admission.js';
import { PUBLIC } from './closed-routes.js';
import { addCompression } from './response-cache/compression.js';
import { addConditionalGet, hasTag, notModified } from './response-cache/etag.js';
import type { TagOf } from './response-cache/etag.js';
import { JsonText, leaveJsonAsText } from './json-text.js';
import { KeptAnswers, keptHeaders, questionOf } from './response-cache/response-cache.js';
import type { KeptAnswersOptions } from './response-cache/response-cache.js';
import { answerAsGraphql } from './masked-errors.js';
import { secondsSince } from '../telemetry/request-metrics.js';
import type { RequestMetrics } from '../telemetry/request-metrics.js';
import { requestSignal } from './request-signal.js';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlRouteOptions {
  /** Started. */
  readonly apollo: ApolloServer<RequestContext>;
  readonly admit: Admit;
  readonly versions: AnswerVersions;
  readonly tagOf: TagOf;
  /** How much of whole answers is kept, and for how long any is good. */
  readonly answers: KeptAnswersOptions;
  readonly operations: RequestMetrics['operations'];
  readonly createContext: (info: RequestInfo) => RequestContext;
  /** How long an operation may take, in milliseconds; 0: as long as it likes. */
  readonly timeoutMs: number;
}

/** A request that is being answered. */
interface Visit {
  /** Aborts when nobody waits for the answer any more; made when it is first asked for. */
  readonly signal: () => AbortSignal;
  readonly caller: Promise<Caller>;
  /** By which the answer may be kept. */
  question?: string;
  /** That of the answer, where it has one. */
  version?: string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit | null;
  }
}

/** GraphQL over HTTP. To be given a scope of its own: what it adds is for its answers alone. */
export async function addGraphqlRoute(
  scope: FastifyInstance,
  {
    apollo,
    admit,
    versions,
    tagOf,
    answers,
    operations,
    createContext,
    timeoutMs,
  }: GraphqlRouteOptions,
): Promise<void> {
  const kept = new KeptAnswers(answers);
  const parseJson = leaveJsonAsText(scope);
  scope.decorateRequest('visit', null);
  /** Admits a request once, whether it is answered before GraphQL is asked or by it. */
  const visitOf = (request: FastifyRequest, reply: FastifyReply): Visit => {
    if (request.visit) return request.visit;
    let made: AbortSignal | undefined;
    const signal = (): AbortSignal => (made ??= requestSignal(reply.raw, timeoutMs));
    return (request.visit = { signal, caller: admit(request.raw, signal) });
  };
  const versionFor = (caller: Caller, { signal }: Visit): MaybePromise<string | undefined> =>
    versions.known(caller) ?? versions.current(caller, signal());

  /** A GET whose answer the client has, where that has to be found out. */
  const answerUnchanged = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.headers['if-none-match'] === undefined) return;
    const visit = visitOf(request, reply);
    // Who may not ask is told so by the handler.
    const caller = await visit.caller.catch(() => undefined);
    const version = caller && (await versionFor(caller, visit));
    const tag = version && tagOf(version, request.url);
    if (tag && hasTag(request, tag)) await notModified(reply, tag).send();
  };

  /** A POST that was answered before in the present version; the body of every other is parsed. */
  const answerKept = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const started = performance.now();
    const { body } = request;
    if (!(body instanceof JsonText)) return;
    const visit = visitOf(request, reply);
    const caller = await visit.caller.catch(() => undefined);
    const question = caller && questionOf(caller, request.headers, body.text);
    if (caller && question !== undefined) {
      const answer = kept.get(question);
      if (answer && answer.version === (await versionFor(caller, visit))) {
        operations.observe({ operation: 'query', errors: 'none' }, secondsSince(started));
        await reply.headers(answer.headers).send(answer.body);
        return;
      }
      visit.question = question;
    }
    request.body = await parseJson(request, body);
  };

  scope.setErrorHandler(answerAsGraphql);
  scope.addHook('onSend', (request, reply, payload, done) => {
    const version = request.visit?.version;
    if (version !== undefined && reply.statusCode === 200 && request.method === 'GET') {
      reply.header('etag', tagOf(version, request.url));
    }
    done(null, payload);
  });
  addConditionalGet(scope);
  addCompression(scope);
  scope.addHook('onSend', (request, reply, payload, done) => {
    const { question, version } = request.visit ?? {};
    const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
    if (question !== undefined && version !== undefined && reply.statusCode === 200 && isText) {
      kept.set(question, { version, headers: keptHeaders(reply), body: payload });
    }
    kept.giveWay();
    done(null, payload);
  });
  scope.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    // The page of the Sandbox is for anybody; operations are admitted below, with GraphQL's errors.
    ...PUBLIC,
    preHandler: (request, reply) =>
      request.method === 'GET' ? answerUnchanged(request, reply) : answerKept(request, reply),
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        const visit = visitOf(request, reply);
        const caller = await visit.caller;
        let taken: string | undefined;
        const answer = {
          take: async () => void (taken = await versionFor(caller, visit)),
          confirm: () => void (visit.version = taken),
        };
        return createContext({ caller, requestId: request.id, signal: visit.signal(), answer });
      },
    }),
  });
}
