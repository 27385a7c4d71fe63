import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Access } from '../../access/access.js';
import type { AnswerVersions } from '../../graphql/answer-versions.js';
import type { RateLimit } from '../../limits/rate-limit.js';
import { CACHE_CONTROL, hasTag } from './etag.js';
import type { TagOf } from './etag.js';
import { secondsSince } from '../../telemetry/request-metrics.js';
import type { RequestMetrics } from '../../telemetry/request-metrics.js';

export interface UnchangedAnswersOptions {
  /** Where answers have tags. */
  readonly path: string;
  readonly access: Pick<Access, 'known'>;
  readonly versions: Pick<AnswerVersions, 'known'>;
  readonly tagOf: TagOf;
  readonly rateLimit: Pick<RateLimit, 'count'>;
  /** What of a request its answers depend on. */
  readonly vary: string;
  /** Whether the server is to close: connections end with their answers then. */
  readonly isClosing: () => boolean;
  readonly http: RequestMetrics['http'];
}

/**
 * Answers 304 to GET requests whose answer the client has, where all that this takes is in memory,
 * and leaves every other request to whoever listened before. Without the framework it takes a
 * quarter of the time; what a 304 does not repeat stays as the client has it (RFC 9110, 15.4.5).
 */
export function answerUnchangedAtOnce(
  server: Server,
  { path, access, versions, tagOf, rateLimit, vary, isClosing, http }: UnchangedAnswersOptions,
): void {
  const [otherwise, another] = server.listeners('request') as RequestListener[];
  if (!otherwise || another) throw new Error('not one listener answers requests');
  const labels = { route: path, status: '304' };
  /** Who asks for what they have, and its tag; undefined where that has to be found out. */
  const find = (request: IncomingMessage) => {
    const { method, url = '', headers } = request;
    if (method !== 'GET' || headers['if-none-match'] === undefined) return undefined;
    // A browser wants to be told more for a page of another site.
    if (headers.origin !== undefined || !url.startsWith(`${path}?`)) return undefined;
    const caller = access.known(headers.authorization);
    const version = caller && versions.known(caller);
    const tag = version && tagOf(version, url);
    return tag && hasTag(request, tag) ? { caller, tag } : undefined;
  };
  server.off('request', otherwise).on('request', (request, response) => {
    const started = performance.now();
    const found = isClosing() ? undefined : find(request);
    if (!found) {
      otherwise(request, response);
      return;
    }
    const answer = (): void => {
      response.once('finish', () => http.observe(labels, secondsSince(started)));
      response.writeHead(304, { 'cache-control': CACHE_CONTROL, etag: found.tag, vary }).end();
    };
    // A request too many is told so like any other.
    const refuse = (): void => otherwise(request, response);
    void rateLimit.count(found.caller, request.socket.remoteAddress ?? '').then(answer, refuse);
  });
}
