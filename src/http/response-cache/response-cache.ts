import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../access/caller.js';
import { SharedCache, type CacheMemory } from '../../aggregates/cache-memory.js';
import type { Dependencies } from '../../aggregates/revisions/dependencies.js';
import type { NumberedSnapshot, Revisions } from '../../aggregates/revisions/revisions.js';
import { isFromOwnPage } from '../fetch-site.js';
import { takesGzip } from './compression.js';
import { RecentKeys } from './recent-keys.js';

/** A response as it was sent. */
export interface CachedResponse {
  /** What it depends on: it is valid while that is as it was. */
  readonly dependencies: Dependencies;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What of a response's head belongs to its body; the rest is the same for every response. */
const CACHED_HEADERS = ['content-type', 'content-encoding', 'vary', 'etag', 'cache-control'];
/** Longer contents of requests are hashed: a key is kept with each response. */
const MAX_CONTENT_LENGTH = 1000;
/** A response to a longer request is not cached: hashing it would take as long as much of its work. */
const MAX_HASHED_LENGTH = 100_000;
/** What a response takes besides its texts and dependencies, about. */
const OVERHEAD_BYTES = 500;
/** The largest share of the cache that one response may take: it is not to evict all others. */
const LARGEST_SHARE = 1 / 80;

/** Responses in memory, for GET and POST alike. */
export class ResponseCache {
  private readonly responses: SharedCache<CachedResponse>;
  private readonly maxResponseBytes: number;
  private readonly requested = new RecentKeys();
  private found = 0;

  constructor(
    private readonly revisions: Revisions,
    private readonly memory: CacheMemory,
    maxAge: number,
  ) {
    this.responses = new SharedCache(memory, { maxAge });
    this.maxResponseBytes = memory.maxBytes * LARGEST_SHARE;
  }

  /** The response to a request that is valid still, where that is known without waiting. */
  peek(key: string): CachedResponse | undefined {
    const response = this.responses.get(key);
    const current = response && this.revisions.peek();
    return current && this.validated(key, response, current);
  }

  /** The response to a request that is valid still. Without one it does not wait. */
  async find(key: string, signal: () => AbortSignal): Promise<CachedResponse | undefined> {
    const response = this.responses.get(key);
    if (!response) return undefined;
    const current = this.revisions.peek() ?? (await this.revisions.current(signal()));
    const valid = this.validated(key, response, current);
    if (valid) this.found += 1;
    return valid;
  }

  /** How many times `find` had one. */
  get sent(): number {
    return this.found;
  }

  /** About how many bytes it holds. */
  get bytes(): number {
    return this.responses.bytes;
  }

  /**
   * Caches a response. Once the memory is full, only if its request came before: a response that is
   * not requested again is to evict nothing.
   */
  set(key: string, response: Omit<CachedResponse, 'body'>, sent: string | Buffer): void {
    const length = Buffer.byteLength(sent);
    const bytes = OVERHEAD_BYTES + sizeOf(key) + length + response.dependencies.bytes;
    if (bytes > this.maxResponseBytes) return;
    const cameBefore = this.requested.add(key);
    if (!cameBefore && !this.memory.hasRoom(bytes)) return;
    // Outside the heap of JavaScript, which is searched for garbage the more often the more it holds.
    const body = Buffer.allocUnsafeSlow(length);
    if (typeof sent === 'string') body.write(sent);
    else sent.copy(body);
    this.responses.set(key, { ...response, body }, bytes);
  }

  private validated(
    key: string,
    response: CachedResponse,
    current: NumberedSnapshot,
  ): CachedResponse | undefined {
    if (response.dependencies.isCurrent(current, this.revisions)) return response;
    // Unless another one has taken its place.
    if (this.responses.peek(key) === response) this.responses.delete(key);
    // It was requested again: the next response to it may evict others.
    this.requested.add(key);
    return undefined;
  }
}

/** What is cached of a response's head. */
export function cachedHeaders(reply: FastifyReply): Record<string, string> {
  const headers = CACHED_HEADERS.map((name) => [name, reply.getHeader(name)] as const);
  return Object.fromEntries(
    headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/**
 * The cache key of a request: what its response depends on besides what is in memory. `content` is
 * the body of a POST, the address of a GET. Undefined for what is too long.
 */
export function cacheKey(
  { tenant, role }: Pick<Caller, 'tenant' | 'role'>,
  method: string,
  headers: IncomingHttpHeaders,
  content: string,
): string | undefined {
  if (content.length > MAX_HASHED_LENGTH) return undefined;
  const form = [
    role,
    tenant,
    method,
    headers.accept,
    takesGzip({ headers }),
    ...preflightHeaders(headers),
  ];
  const isLong = content.length > MAX_CONTENT_LENGTH;
  return `${JSON.stringify(form)}${isLong ? `#${hash('sha256', content)}` : `\n${content}`}`;
}

/** The headers that Apollo's CSRF prevention checks. */
function preflightHeaders(headers: IncomingHttpHeaders): unknown[] {
  const isGiven = (name: string): boolean => Boolean(headers[name]);
  const names = ['apollo-require-preflight', 'x-apollo-operation-name'];
  return [...names.map(isGiven), isFromOwnPage(headers), headers['content-type']];
}

/** How many bytes of memory a text takes: one a character, unless one of them needs two. */
function sizeOf(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
