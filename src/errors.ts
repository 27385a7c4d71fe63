import { GraphQLError } from 'graphql';

interface ErrorKind {
  readonly meaning: string;
  /** The HTTP status of a response with such an error, where it is not that of GraphQL's own rules. */
  readonly status?: number;
  readonly headers?: ReadonlyMap<string, string>;
}

/** The headers of a response where the same request may succeed in a moment. */
const SOON = new Map([['retry-after', '1']]);

/** Every error code a client can get, besides those of GraphQL itself. */
export const ERROR_CODES = {
  BAD_USER_INPUT: {
    meaning: 'An argument is wrong; the message names it, its value and the rule.',
  },
  UNAUTHENTICATED: {
    meaning: 'There is no credential where one is required, or it is not valid.',
    status: 401,
    headers: new Map([['www-authenticate', 'Bearer']]),
  },
  ISSUER_UNAVAILABLE: {
    meaning:
      'The keys that tokens are signed with cannot be fetched from their issuer just now; the same request may succeed later.',
    status: 503,
    headers: SOON,
  },
  FORBIDDEN: { meaning: 'The caller is known, but may not do this.', status: 403 },
  OPERATION_TOO_COSTLY: {
    meaning:
      'The operation requests too much at once; the message says how much and what of it. Nothing ran, unless it is the response that is too long.',
    status: 400,
  },
  RATE_LIMITED: {
    meaning: 'The caller sends too many requests; `Retry-After` says when to come back.',
    status: 429,
  },
  QUERY_TIMEOUT: {
    meaning:
      'The operation took too long and was stopped. Of a mutation that writes, nothing was changed.',
    status: 504,
  },
  CLIENT_GONE: {
    meaning:
      'The client disconnected before the response was complete. Only in the log and the audit.',
    status: 499,
  },
  OVERLOADED: {
    meaning:
      'Too many requests wait for the database, or for other costly operations to end; the same request may succeed in a moment.',
    status: 503,
    headers: SOON,
  },
  READ_ONLY: {
    meaning:
      'The database is currently read-only, for example during a failover; reads continue to work.',
  },
  DATABASE_UNAVAILABLE: {
    meaning: 'The database cannot be reached just now; the same request may succeed later.',
    status: 503,
    headers: SOON,
  },
  INTERNAL_SERVER_ERROR: {
    meaning: 'Something unexpected; the id in the message is in the server log.',
  },
} as const satisfies Record<string, ErrorKind>;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Codes of what is wrong with a request before any of its fields is resolved, as Apollo names them. */
export const GRAPHQL_ERROR_CODES = {
  BAD_REQUEST: 'The HTTP request is not one of GraphQL; nothing was done.',
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  OPERATION_RESOLUTION_FAILURE: 'The document has no operation of that name, or several.',
  PERSISTED_QUERY_NOT_FOUND: 'The hash is of no document known here: send the document with it.',
} as const;

/** An error whose message is meant for the caller: subject, rule, value. */
export class ServiceError extends GraphQLError {
  override readonly name = 'ServiceError';
  /** The HTTP status of a response with this error; undefined where GraphQL decides. */
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Beside the status; instead of those that the code has by itself. */
    givenHeaders?: ReadonlyMap<string, string>,
  ) {
    const { status, headers = new Map() }: ErrorKind = ERROR_CODES[code];
    const http = { status, headers: givenHeaders ?? headers };
    super(message, { extensions: { code, ...(status ? { http } : {}) } });
    this.status = status;
    this.headers = http.headers;
  }
}

/** A wrong argument. The message is subject, rule, value. */
export function badUserInput(message: string): ServiceError {
  return new ServiceError('BAD_USER_INPUT', message);
}

/**
 * A failure that the operator can fix: its message says what is wrong, with which
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
