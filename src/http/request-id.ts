import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Where a request says its id, if a proxy gave it one, and where the answer does. */
const HEADER = 'x-request-id';
const FIT = /^[\w.:-]{1,100}$/;

/** The id that a proxy gave a request where it is fit for the log, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[HEADER];
  return typeof given === 'string' && FIT.test(given) ? given : randomUUID();
}

/** Answers with the id of the request, by which it can be found in the log. */
export function addRequestId(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header(HEADER, request.id);
    done();
  });
}
