import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import { Dependencies } from '../aggregates/revisions/dependencies.js';
import type { RequestContext, RequestInfo } from '../graphql/context.js';
import { secondsSince, type RequestMetrics } from '../telemetry/request-metrics.js';
import type { Admit } from './admission.js';
import { PUBLIC } from './closed-routes.js';
import { isFromOwnPage } from './fetch-site.js';
import { JsonText, leaveJsonAsText } from './json-text.js';
import { respondAsGraphql } from './masked-errors.js';
import { requestSignal } from './request-signal.js';
import { addCompression } from './response-cache/compression.js';
import { addEtag, addNotModified } from './response-cache/etag.js';
import { cachedHeaders, cacheKey, type ResponseCache } from './response-cache/response-cache.js';

const PREFLIGHTED = 'apollo-require-preflight';
export const GRAPHQL_PATH = '/graphql';

export interface GraphqlRouteOptions {
  /** Started. */
  readonly apollo: ApolloServer<RequestContext>;
  readonly admit: Admit;
  readonly cache: ResponseCache;
  readonly operations: RequestMetrics['operations'];
  readonly createContext: (info: RequestInfo) => RequestContext;
  /** How long an operation may take, in milliseconds; 0: no limit. */
  readonly timeoutMs: number;
}

/** The state of a request. */
interface RequestState {
  /** Aborts when the response is no longer needed; created on first use. */
  readonly signal: () => AbortSignal;
  readonly caller: Promise<Caller>;
  /** Undefined where the response is not to be cached, or comes from the cache. */
  key?: string | undefined;
  dependencies?: Dependencies;
  /** Called when the response has been passed on, or never will be. */
  whenEnded?: () => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    graphql: RequestState | null;
  }
}

/** GraphQL over HTTP. To be given a scope of its own: what it adds is for its responses alone. */
export async function addGraphqlRoute(
  scope: FastifyInstance,
  { apollo, admit, cache, operations, createContext, timeoutMs }: GraphqlRouteOptions,
): Promise<void> {
  const parseJson = leaveJsonAsText(scope);
  scope.decorateRequest('graphql', null);
  /** Admits a request once, whether its response comes from the cache or not. */
  const stateOf = (request: FastifyRequest, reply: FastifyReply): RequestState => {
    if (request.graphql) return request.graphql;
    let made: AbortSignal | undefined;
    const signal = (): AbortSignal => (made ??= requestSignal(reply.raw, timeoutMs));
    return (request.graphql = { signal, caller: admit(request.raw, signal) });
  };

  /** Sends the cached response, where there is one; else remembers where to cache the response. */
  const sendCached = async (
    request: FastifyRequest,
    reply: FastifyReply,
    content: string,
  ): Promise<boolean> => {
    const started = performance.now();
    const state = stateOf(request, reply);
    // A caller that is not admitted gets the handler's error.
    const caller = await state.caller.catch(() => undefined);
    const key = caller && cacheKey(caller, request.method, request.headers, content);
    if (key === undefined) return false;
    const response = await cache.find(key, state.signal).catch(() => undefined);
    if (!response) {
      state.key = key;
      return false;
    }
    operations.observe({ operation: 'query', errors: 'none' }, secondsSince(started));
    await reply.headers(response.headers).send(response.body);
    return true;
  };

  scope.setErrorHandler(respondAsGraphql);
  addEtag(scope);
  addCompression(scope);
  scope.addHook('onSend', (request, reply, payload, done) => {
    const { key, dependencies } = request.graphql ?? {};
    const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
    if (key !== undefined && dependencies?.isComplete && reply.statusCode === 200 && isText) {
      cache.set(key, { dependencies, headers: cachedHeaders(reply) }, payload);
    }
    done(null, payload);
  });
  addNotModified(scope);
  scope.addHook('onSend', (request, _reply, payload, done) => {
    request.graphql?.whenEnded?.();
    done(null, payload);
  });
  scope.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    // The page of the Sandbox is public; operations are admitted below, with GraphQL's errors.
    ...PUBLIC,
    preHandler: async (request, reply) => {
      const { body } = request;
      if (request.method === 'GET') {
        // Apollo requires a header that a page of another site cannot send without a preflight.
        if (isFromOwnPage(request.headers)) request.headers[PREFLIGHTED] ??= 'same-origin';
        await sendCached(request, reply, request.url);
      } else if (body instanceof JsonText && !(await sendCached(request, reply, body.text))) {
        request.body = await parseJson(request, body);
      }
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        const state = stateOf(request, reply);
        const caller = await state.caller;
        const dependencies = new Dependencies();
        state.dependencies = dependencies;
        return createContext({
          caller,
          requestId: request.id,
          signal: state.signal(),
          whenEnded: (action) => {
            state.whenEnded = action;
            // Of a client that went away no response is sent.
            if (reply.raw.closed) action();
            else reply.raw.once('close', action);
          },
          dependencies,
        });
      },
    }),
  });
}
