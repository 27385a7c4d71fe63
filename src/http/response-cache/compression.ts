import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyInstance } from 'fastify';
import { addVary } from './vary.js';

/** Longer responses are compressed for clients that take it; a shorter one takes longer than it saves. */
const COMPRESSED_LENGTH = 16_384;
/** A chart of four years takes a third of the time that it takes at the usual level, and a twentieth more bytes. */
const LEVEL = 1;

const compress = promisify<string, { readonly level: number }, Buffer>(gzip);

/** Whether a client takes compressed responses. */
export function takesGzip({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return negotiate(headers['accept-encoding'] ?? '', ['gzip']) !== null;
}

/** Whether a body is compressed for a client. */
export function willCompress(request: Pick<IncomingMessage, 'headers'>, body: string): boolean {
  return body.length > COMPRESSED_LENGTH && takesGzip(request);
}

/** Compresses long responses for clients that take it. Hooks that are added before see them as text. */
export function addCompression(scope: FastifyInstance): void {
  scope.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length <= COMPRESSED_LENGTH) return payload;
    addVary(reply, ['Accept-Encoding']);
    if (!willCompress(request, payload)) return payload;
    const compressed = await compress(payload, { level: LEVEL });
    reply.header('content-encoding', 'gzip').removeHeader('content-length');
    return compressed;
  });
}
