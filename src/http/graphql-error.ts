import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

const CLIENT_ERROR = 400;
const SERVER_ERROR = 500;

/**
 * What is no request of GraphQL, such as a body that is no JSON or too long, is answered like any
 * other error of GraphQL, with Fastify's status and reason.
 */
export function answerAsGraphql(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode ?? SERVER_ERROR;
  if (status >= CLIENT_ERROR && status < SERVER_ERROR) {
    return sendError(reply, status, 'BAD_REQUEST', error.message);
  }
  request.log.error({ err: error, requestId: request.id }, 'a request failed unexpectedly');
  const message = `Something went wrong here; the log has it as ${request.id}.`;
  return sendError(reply, SERVER_ERROR, 'INTERNAL_SERVER_ERROR', message);
}

function sendError(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): FastifyReply {
  return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
}
