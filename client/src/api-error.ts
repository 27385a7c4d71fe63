/** One of the errors of a GraphQL response. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string };
}

export interface ApiErrorDetails {
  /**
   * The server's code (its docs/limits.md lists them), else TIMEOUT, NETWORK_ERROR where there was
   * no response, or HTTP_ERROR where it was none of the API, as that of a proxy.
   */
  readonly code: string;
  /** The HTTP status; undefined without a response. */
  readonly status?: number | undefined;
  /** The id under which the server's log has the request. */
  readonly requestId?: string | undefined;
  /** How long the client should wait, from Retry-After. */
  readonly retryAfterMs?: number | undefined;
  readonly errors?: readonly GraphqlError[] | undefined;
  /** What the response has beside its errors, where fields failed by themselves. */
  readonly data?: unknown;
}

/** Why an operation has no complete result. */
export class ApiError extends Error implements ApiErrorDetails {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly GraphqlError[];
  readonly data: unknown;

  constructor(message: string, details: ApiErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = details.code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
    this.errors = details.errors ?? [];
    this.data = details.data;
  }
}

/** An error with the message and the code of the first of a response's errors. */
export function graphqlFailure(
  errors: readonly GraphqlError[],
  details: Omit<ApiErrorDetails, 'code' | 'errors'> = {},
): ApiError {
  const [first] = errors;
  const code = first?.extensions?.code ?? 'INTERNAL_SERVER_ERROR';
  return new ApiError(first?.message ?? 'The response has errors without a message.', {
    ...details,
    code,
    errors,
  });
}
