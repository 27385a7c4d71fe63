import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { passingFault } from '../database/sql-state.js';
import { ServiceError } from '../errors.js';

const CLIENT_ERROR = 400;
const SERVER_ERROR = 500;

/** What a client receives of an error. */
interface ErrorResponse {
  readonly status: number;
  /** Fastify's; absent where it has none. */
  readonly code: string | undefined;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns client errors unchanged, and for server errors only the id of the request, which is in the log. */
function responseTo(error: FastifyError | ServiceError, request: FastifyRequest): ErrorResponse {
  const { code, message } = error;
  const status = error instanceof ServiceError ? error.status : error.statusCode;
  if (error instanceof ServiceError && status) {
    return { status, code, message, headers: Object.fromEntries(error.headers) };
  }
  if (status && status >= CLIENT_ERROR && status < SERVER_ERROR) return { status, code, message };
  request.log.error({ err: error, requestId: request.id }, 'a request failed unexpectedly');
  return {
    status: SERVER_ERROR,
    code: 'INTERNAL_SERVER_ERROR',
    message: `Something went wrong here; the log has it as ${request.id}.`,
  };
}

/** Formats errors of routes other than GraphQL. */
export function maskErrors(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, code, message, headers = {} } = responseTo(error, request);
    return reply.code(status).headers(headers).send({ statusCode: status, code, message });
  });
}

/**
 * Responds to what is no request of GraphQL, such as a body that is no JSON or too long, like to
 * any other error of GraphQL, with Fastify's status and reason.
 */
export function respondAsGraphql(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, code, message } = responseTo(error, request);
  const known = status < SERVER_ERROR ? 'BAD_REQUEST' : code;
  return reply.code(status).send({ errors: [{ message, extensions: { code: known } }] });
}

/** Responds to errors of other routes as GraphQL does; what is wrong with a request has no status there. */
export function respondLikeGraphql(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = error instanceof ServiceError ? error : passingFault(error);
  if (!known) return respondAsGraphql(error, request, reply);
  const { code, message, status = CLIENT_ERROR, headers } = known;
  return reply
    .code(status)
    .headers(Object.fromEntries(headers))
    .send({ errors: [{ message, extensions: { code } }] });
}
