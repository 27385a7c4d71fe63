import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** The header with the request id, in requests from a proxy and in responses. */
const HEADER = 'x-request-id';
const FIT = /^[\w.:-]{1,100}$/;

/** The id that a proxy gave a request where it is fit for the log, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[HEADER];
  return typeof given === 'string' && FIT.test(given) ? given : randomUUID();
}

/** Adds the request id, which is also in the log, to the response. */
export function addRequestId(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header(HEADER, request.id);
    done();
  });
}
