import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import { isStale } from '../aggregates/freshness.js';
import { AGGREGATE_OF_WINDOW, AGGREGATES } from '../aggregates/registry.js';
import { Dependencies } from '../aggregates/revisions/dependencies.js';
import type { Turns } from '../async/turns.js';
import { ServiceError } from '../errors.js';
import { exportCost, requestsOf } from '../export/export-cost.js';
import {
  EXPORT_FORMATS,
  EXPORT_KINDS,
  type ExportFormat,
  type ExportKind,
  type ExportParameters,
} from '../export/export-parameters.js';
import { parseExportRequest, type ExportRequest } from '../export/export-request.js';
import { exportTable, findChosen, type ExportContext } from '../export/export-table.js';
import { fileNameOf } from '../export/file-name.js';
import { MEDIA_TYPES, toText } from '../export/formats.js';
import type { OpenFile, ParquetFiles } from '../export/parquet-files.js';
import type { Table } from '../export/table.js';
import type { RequestContext, RequestInfo } from '../graphql/context.js';
import { callerKey } from '../limits/caller-key.js';
import type { RateLimit } from '../limits/rate-limit.js';
import { windowStart } from '../metrics/calendar.js';
import { isFromOtherPage } from './fetch-site.js';
import { respondLikeGraphql } from './masked-errors.js';
import { requestSignal } from './request-signal.js';
import { CACHE_CONTROL, hasTag } from './response-cache/etag.js';

/** Each has a page of portfolios in memory. */
const MAX_EXPORTS = 4;
const MAX_EXPORTS_PER_CALLER = 2;
/** How long a client may take nothing of what is sent before it counts as gone. */
const IDLE_MS = 60_000;
/** Whether days in a series are pending, known before its first row. */
const STALE_HEADER = 'x-stale';

export interface ExportServices {
  readonly createContext: (info: RequestInfo) => RequestContext;
  readonly files: ParquetFiles;
  readonly turns: Turns;
  readonly rateLimit: RateLimit;
  /** Of one operation. */
  readonly maxCost: number;
  /** Whose pages may send requests, besides those of this host. */
  readonly origins: readonly string[];
  readonly idleMs?: number;
}

/** An export that a client has requested, with all that its response needs. */
interface Export {
  readonly request: ExportRequest;
  readonly format: ExportFormat;
  readonly context: ExportContext;
  readonly table: () => Table;
  readonly dependencies: Dependencies;
  readonly signal: AbortSignal;
}

/** GET and HEAD /export/series, /export/windows and /export/daily. */
export async function addExportRoutes(
  scope: FastifyInstance,
  { createContext, files, turns, rateLimit, maxCost, origins, idleMs = IDLE_MS }: ExportServices,
): Promise<void> {
  const running = new Map<string, number>();
  scope.setErrorHandler(respondLikeGraphql);

  /** Checks and counts an export; throws where it is refused. */
  const prepare = async (
    kind: ExportKind,
    { query, headers, caller, id, socket }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Export> => {
    const request = parseExportRequest(kind, query as ExportParameters);
    const signal = requestSignal(reply.raw, 0);
    const format = request.format ?? acceptedFormat(headers.accept);
    const dependencies = new Dependencies();
    const context = createContext({
      caller: caller!,
      requestId: id,
      signal,
      // Only files are kept.
      dependencies: format === 'parquet' ? dependencies : undefined,
    });
    const filter = await findChosen(context.portfolioStore, request.portfolios);
    const count = filter.ids?.length ?? (await context.portfolioStore.count(filter));
    const requests = requestsOf(exportCost(request, count), maxCost);
    // The request itself is counted already.
    if (requests > 1) await rateLimit.count(caller!, socket.remoteAddress ?? '', requests - 1);
    return {
      request,
      format,
      context,
      table: () => exportTable(context, request, filter),
      dependencies,
      signal,
    };
  };

  const place = (caller: Caller, address: string): (() => void) => {
    const key = callerKey(caller, address);
    const own = running.get(key) ?? 0;
    const all = [...running.values()].reduce((sum, count) => sum + count, 0);
    if (own >= MAX_EXPORTS_PER_CALLER || all >= MAX_EXPORTS) {
      const whose = own >= MAX_EXPORTS_PER_CALLER ? ' of this caller' : '';
      throw new ServiceError(
        'OVERLOADED',
        `${whose ? own : all} exports${whose} are running already: try again when one has ended.`,
      );
    }
    running.set(key, own + 1);
    return () => {
      const left = running.get(key)! - 1;
      if (left === 0) running.delete(key);
      else running.set(key, left);
    };
  };

  for (const kind of EXPORT_KINDS) {
    scope.route({
      method: ['GET', 'HEAD'],
      url: `/export/${kind}`,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        checkPage(request, origins);
        const release = place(request.caller!, request.socket.remoteAddress ?? '');
        if (reply.raw.closed) release();
        else reply.raw.once('close', release);
        // A Parquet file, or room for a page, may take as long as it takes.
        reply.raw.setTimeout(idleMs, () => {
          if (reply.raw.writableLength > 0) reply.raw.destroy();
        });
        const wanted = await prepare(kind, request, reply);
        const { format } = wanted;
        reply
          .type(MEDIA_TYPES[format])
          .header(
            'content-disposition',
            `attachment; filename="${fileNameOf(wanted.request, format)}"`,
          )
          .header('cache-control', CACHE_CONTROL)
          .header('vary', 'Authorization, Accept');
        await addStale(reply, wanted);
        if (format === 'parquet') {
          const file = await fileFor(request, wanted);
          if (!file.isCurrent) reply.header(STALE_HEADER, 'true');
          return sendFile(request, reply, file);
        }
        if (request.method === 'HEAD') return reply.send();
        return reply.send(await streamOf(toText(wanted.table(), format, turns)));
      },
    });
  }

  /** The file behind a response. For a part, the one that the parts before were of. */
  const fileFor = async (
    { caller, headers, method }: FastifyRequest,
    { request, table, dependencies, signal }: Export,
  ): Promise<OpenFile> => {
    const key = JSON.stringify([caller!.tenant, request]);
    const isPart = method === 'GET' && headers.range !== undefined;
    const found = isPart ? await files.findLast(key, signal) : await files.findCurrent(key, signal);
    return found ?? files.make(key, table(), dependencies);
  };
}

/** A page of another site could not read an export, but could make a browser request many. */
function checkPage({ headers }: FastifyRequest, origins: readonly string[]): void {
  if (!isFromOtherPage(headers) || headers.authorization !== undefined) return;
  if (headers.origin !== undefined && origins.includes(headers.origin)) return;
  throw new ServiceError(
    'FORBIDDEN',
    'Pages of other sites may not export: CORS_ORIGINS allows them.',
  );
}

/** The first format of those that the client names; else CSV. */
function acceptedFormat(accept = ''): ExportFormat {
  const named = accept.split(',').map((range) => range.split(';')[0]!.trim().toLowerCase());
  const bare = (format: ExportFormat): string => MEDIA_TYPES[format].split(';')[0]!;
  const formats = named.map((type) => EXPORT_FORMATS.find((format) => bare(format) === type));
  return formats.find((format) => format !== undefined) ?? 'csv';
}

/** Says of a series whether days in it are pending. Windows say so in each row. */
async function addStale(reply: FastifyReply, { request, context, signal }: Export): Promise<void> {
  if (request.kind !== 'series') return;
  const { window, from, to } = request.series;
  const { snapshot } = await context.dailySeries.revisions.current(signal);
  const name = AGGREGATE_OF_WINDOW[window];
  const { state } = snapshot.aggregates[name];
  const days = { from: windowStart(from, AGGREGATES[name].length), to };
  reply.header(STALE_HEADER, String(isStale(state, days)));
}

/** A stream of texts whose first is there already: what fails before it is an ordinary error. */
async function streamOf(texts: AsyncGenerator<string>): Promise<Readable> {
  const first = await texts.next();
  async function* all(): AsyncGenerator<string> {
    if (!first.done) yield first.value;
    yield* texts;
  }
  return Readable.from(all());
}

/** Sends a file, or the requested part of it (RFC 9110, 13 and 14). */
async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { handle, bytes, digest }: OpenFile,
): Promise<FastifyReply> {
  const tag = `"${digest}"`;
  reply.headers({ etag: tag, 'accept-ranges': 'bytes' });
  const respond = async (
    status: number,
    headers: Record<string, string>,
  ): Promise<FastifyReply> => {
    await handle.close();
    return reply.code(status).headers(headers).send();
  };
  const { 'if-match': ifMatch, 'if-range': ifRange } = request.headers;
  if (ifMatch !== undefined && ifMatch !== '*' && !ifMatch.includes(tag)) return respond(412, {});
  if (hasTag(request.raw, tag)) return respond(304, {});
  if (request.method === 'HEAD') return respond(200, { 'content-length': String(bytes) });
  const isOther = ifRange !== undefined && ifRange !== tag;
  const range = isOther ? null : rangeOf(request.raw, bytes);
  if (range === 'unsatisfiable') return respond(416, { 'content-range': `bytes */${bytes}` });
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes}`);
  reply.header('content-length', String(end - start + 1));
  return reply.send(handle.createReadStream({ start, end }));
}

interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** The one requested range of bytes; null for all, as where several are requested. */
function rangeOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  bytes: number,
): ByteRange | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return null;
  const range =
    first === ''
      ? { start: Math.max(0, bytes - Number(last)), end: bytes - 1 }
      : { start: Number(first), end: last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1) };
  return range.start > range.end ? 'unsatisfiable' : range;
}
