import { GraphQLError } from 'graphql';

/** Every error code a client can get, with its meaning. */
export const ERROR_CODES = {
  BAD_USER_INPUT: 'An argument is wrong; the message names it, its value and the rule.',
  UNAUTHENTICATED: 'There is no credential where one is required, or it is not valid.',
  FORBIDDEN: 'The caller is known, but may not do this.',
  READ_ONLY: 'The database takes no writes just now, as while it fails over; reading goes on.',
  DATABASE_UNAVAILABLE:
    'The database cannot be reached just now; the same request may succeed later.',
  INTERNAL_SERVER_ERROR: 'Something unexpected; the id in the message is in the server log.',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Codes of what is wrong with a request before any field of it is asked for, as Apollo names them. */
export const GRAPHQL_ERROR_CODES = {
  BAD_REQUEST: 'The HTTP request is not one of GraphQL; nothing was done.',
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  OPERATION_RESOLUTION_FAILURE: 'The document has no operation of that name, or several.',
  PERSISTED_QUERY_NOT_FOUND: 'The hash is of no document known here: send the document with it.',
} as const;

/** What HTTP is told where it is not that of GraphQL's own rules. */
const HTTP_HEADS: Partial<Record<ErrorCode, HttpHead>> = {
  UNAUTHENTICATED: { status: 401, headers: new Map([['www-authenticate', 'Bearer']]) },
  FORBIDDEN: { status: 403 },
  DATABASE_UNAVAILABLE: { status: 503 },
};

interface HttpHead {
  readonly status: number;
  readonly headers?: ReadonlyMap<string, string>;
}

/** An error whose message is meant for the person who asked: subject, rule, value. */
export class ServiceError extends GraphQLError {
  override readonly name = 'ServiceError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    cause?: unknown,
  ) {
    const http = HTTP_HEADS[code];
    super(message, { extensions: { code, ...(http ? { http } : {}) } });
    if (cause !== undefined) this.cause = cause;
  }
}

/** A wrong argument. The message is subject, rule, value. */
export function badUserInput(message: string): ServiceError {
  return new ServiceError('BAD_USER_INPUT', message);
}

/**
 * A failure that whoever runs the program can mend: its message says what is wrong, with which
 * value, and what to do. It is printed without a stack.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The message of anything thrown; of several errors in one, such as one for each address of a host, theirs. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('errors' in error && Array.isArray(error.errors)) {
    return error.errors.map(messageOf).join('; ');
  }
  return 'message' in error ? String(error.message) : JSON.stringify(error);
}
