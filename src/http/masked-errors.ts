import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance } from 'fastify';

/** Tells a client of its own errors as they are, and of ours an id that is in the log. */
export function maskErrors(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { statusCode = 500, code, message } = error;
    if (statusCode < 500) return reply.code(statusCode).send({ statusCode, code, message });
    const id = randomUUID();
    request.log.error({ err: error, errorId: id }, 'a request failed unexpectedly');
    return reply.code(500).send({
      statusCode: 500,
      code: 'INTERNAL_SERVER_ERROR',
      message: `Something went wrong here; the log has it as ${id}.`,
    });
  });
}
