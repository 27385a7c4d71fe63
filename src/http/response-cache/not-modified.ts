import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Access } from '../../access/access.js';
import type { RateLimit } from '../../limits/rate-limit.js';
import { secondsSince, type RequestMetrics } from '../../telemetry/request-metrics.js';
import type { ClientAddress } from '../client-address.js';
import { CACHE_CONTROL, hasTag } from './etag.js';
import { cacheKey, type ResponseCache } from './response-cache.js';

export interface NotModifiedOptions {
  /** Where responses are cached. */
  readonly path: string;
  readonly access: Pick<Access, 'known'>;
  readonly cache: Pick<ResponseCache, 'peek'>;
  readonly rateLimit: Pick<RateLimit, 'count'>;
  readonly addressOf: ClientAddress;
  /** What of a request its responses depend on. */
  readonly vary: string;
  /** Whether the server is to close: connections end with their responses then. */
  readonly isClosing: () => boolean;
  readonly http: RequestMetrics['http'];
}

/**
 * Responds 304 to GET requests whose cached response the client has, where all that this takes is
 * in memory, and leaves every other request to the listener before it. Without the framework it
 * takes a quarter of the time; what a 304 does not repeat stays as the client has it (RFC 9110,
 * 15.4.5).
 */
export function respondNotModified(
  server: Server,
  { path, access, cache, rateLimit, addressOf, vary, isClosing, http }: NotModifiedOptions,
): void {
  const [otherwise, another] = server.listeners('request') as RequestListener[];
  if (!otherwise || another) throw new Error('not one listener responds to requests');
  const labels = { route: path, status: '304' };
  /** The caller and the tag of what it has; undefined where memory alone cannot say. */
  const find = (request: IncomingMessage) => {
    const { method, url = '', headers } = request;
    if (method !== 'GET' || headers['if-none-match'] === undefined) return undefined;
    // A browser needs more headers for a page of another site.
    if (headers.origin !== undefined || !url.startsWith(`${path}?`)) return undefined;
    const caller = access.known(headers.authorization);
    const key = caller && cacheKey(caller, method, headers, url);
    const tag = key === undefined ? undefined : cache.peek(key)?.headers['etag'];
    return caller && tag !== undefined && hasTag(request, tag) ? { caller, tag } : undefined;
  };
  server.off('request', otherwise).on('request', (request, response) => {
    const started = performance.now();
    const found = isClosing() ? undefined : find(request);
    if (!found) {
      otherwise(request, response);
      return;
    }
    const respond = (): void => {
      response.once('finish', () => http.observe(labels, secondsSince(started)));
      const last = isClosing() ? { connection: 'close' } : {};
      const head = { 'cache-control': CACHE_CONTROL, etag: found.tag, vary, ...last };
      response.writeHead(304, head).end();
    };
    // A request over the rate limit gets the framework's error response.
    const refuse = (): void => otherwise(request, response);
    void rateLimit.count(found.caller, addressOf(request)).then(respond, refuse);
  });
}
