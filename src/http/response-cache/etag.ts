import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { willCompress } from './compression.js';
import { addVary } from './vary.js';

/** How a response to a GET request may be cached: by the client alone, which revalidates it each time. */
export const CACHE_CONTROL = 'private, no-cache';
/** What every response to a GET request depends on besides its address. */
export const VARY: readonly string[] = ['Authorization', 'Accept', 'Accept-Encoding'];

/** Whether the client has what a tag stands for: If-None-Match, compared weakly (RFC 9110, 13.1.2). */
export function hasTag({ headers }: Pick<IncomingMessage, 'headers'>, tag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  if (given === tag) return true;
  const opaque = (text: string): string => text.trim().replace(/^W\//, '');
  return given.split(',').some((each) => opaque(each) === opaque(tag));
}

/**
 * Tags the successful responses to GET requests: by the body, its type and its encoding, so that a
 * tag belongs to one representation and is the same on every instance. To be added before
 * compression.
 */
export function addEtag(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200) return payload;
    reply.header('cache-control', CACHE_CONTROL);
    addVary(reply, VARY);
    if (typeof payload !== 'string' || reply.hasHeader('etag')) return payload;
    const encoding = willCompress(request, payload) ? 'gzip' : 'identity';
    const type = String(reply.getHeader('content-type'));
    const digest = hash('sha256', `${type} ${encoding}\n${payload}`, 'base64url');
    reply.header('etag', `W/"${digest.slice(0, 27)}"`);
    return payload;
  });
}

/** Sends no body that the client has. To be added last. */
export function addNotModified(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    const tag = reply.getHeader('etag');
    if (request.method !== 'GET' || reply.statusCode !== 200 || tag === undefined) return payload;
    if (!hasTag(request, String(tag))) return payload;
    for (const name of ['content-type', 'content-length', 'content-encoding']) {
      reply.removeHeader(name);
    }
    reply.code(304);
    return null;
  });
}
