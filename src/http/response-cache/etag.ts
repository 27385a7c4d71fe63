import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import { addVary } from './vary.js';

/** How an answer to a GET request may be kept: by the client alone, who asks again each time. */
export const CACHE_CONTROL = 'private, no-cache';
/** What every answer to a GET request hangs on beside its address. */
export const VARY: readonly string[] = ['Authorization', 'Accept-Encoding'];
/** How much memory the addresses take whose tags are remembered: making one takes longer. */
const MAX_REMEMBERED_BYTES = 1_000_000;
const OVERHEAD_BYTES = 300;

/** The tag of what a request for an address is answered in a version. */
export type TagOf = (version: string, url: string) => string;

/** @param maxAge how long a tag is good at most, in milliseconds: what no version shows ends with it */
export function createTags(maxAge: number): TagOf {
  const last = new LRUCache<string, { readonly period: string; readonly tag: string }>({
    maxSize: MAX_REMEMBERED_BYTES,
    sizeCalculation: (_, url) => OVERHEAD_BYTES + url.length,
  });
  return (version, url) => {
    const period = `${version} ${Math.floor(Date.now() / maxAge)}`;
    const known = last.get(url);
    if (known?.period === period) return known.tag;
    const tag = weakTag(`${period} ${url}`);
    last.set(url, { period, tag });
    return tag;
  };
}

/** Whether the client has what a tag stands for: If-None-Match, compared weakly (RFC 9110, 13.1.2). */
export function hasTag({ headers }: Pick<IncomingMessage, 'headers'>, tag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  if (given === tag) return true;
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

function addCaching(reply: FastifyReply): void {
  reply.header('cache-control', CACHE_CONTROL);
  addVary(reply, VARY);
}

function weakTag(text: string): string {
  return `W/"${hash('sha256', text, 'base64url').slice(0, 27)}"`;
}
