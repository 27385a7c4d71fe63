import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * The tag of what a request for an address is answered in a version.
 * @param maxAge how long a tag is good at most, in milliseconds: what no version shows ends with it
 */
export function tagOf(version: string, url: string, maxAge: number): string {
  return weakTag(`${version} ${Math.floor(Date.now() / maxAge)} ${url}`);
}

/** Whether the client has what a tag stands for: If-None-Match, compared weakly (RFC 9110, 13.1.2). */
export function hasTag({ headers }: FastifyRequest, tag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  const opaque = (text: string): string => text.trim().replace(/^W\//, '');
  return given.split(',').some((each) => opaque(each) === opaque(tag));
}

/** Says of every answer to a GET request how it may be kept, and sends none that the client has. */
export function addConditionalGet(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200) return payload;
    addCaching(reply);
    if (typeof payload !== 'string') return payload;
    const tag = String(reply.getHeader('etag') ?? weakTag(payload));
    reply.header('etag', tag);
    if (!hasTag(request, tag)) return payload;
    notModified(reply, tag);
    return null;
  });
}

/** Makes of a reply the one that says that nothing has changed since the client last asked. */
export function notModified(reply: FastifyReply, tag: string): FastifyReply {
  addCaching(reply);
  reply.removeHeader('content-type').removeHeader('content-length');
  return reply.code(304).header('etag', tag);
}

/** Kept by the client alone, and asked for again each time. */
function addCaching(reply: FastifyReply): void {
  const vary = String(reply.getHeader('vary') ?? '');
  const varies = vary.split(/, */).filter((name) => name !== '' && name !== 'Authorization');
  reply.headers({
    'cache-control': 'private, no-cache',
    vary: [...varies, 'Authorization'].join(', '),
  });
}

function weakTag(text: string): string {
  return `W/"${hash('sha256', text, 'base64url').slice(0, 27)}"`;
}
