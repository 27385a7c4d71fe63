import { ApiError, graphqlFailure, type GraphqlError } from './api-error.js';
import {
  PortfoliosDocument,
  SeriesDocument,
  type PortfoliosQuery,
  type PortfoliosQueryVariables,
  type RollingMetric,
  type SeriesQueryVariables,
} from './generated/operations.js';
import { delay, parseRetryAfter, retryDelay } from './retry.js';
import { toSeries, type Series } from './series.js';
import type { TypedDocument } from './typed-document.js';

export interface ClientOptions {
  /** The address of the server: https://metrics.example.com, with or without /graphql. */
  readonly url: string | URL;
  /** An API key or a JSON Web Token. */
  readonly key?: string | undefined;
  /** How long an operation may take in all, its retries included: a minute unless given. */
  readonly timeoutMs?: number | undefined;
  /** How often an operation is sent again: 4 times unless given. */
  readonly maxRetries?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface ExecuteOptions {
  /** Ends the operation; what it throws is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether to send the operation again where a part of it may have been done: as it is with
   * queries, and may be with mutations whose repetition changes nothing.
   */
  readonly repeatable?: boolean | undefined;
}

/** Nothing has to be given where all variables are optional. */
type Arguments<Variables> =
  Record<string, never> extends Variables
    ? [variables?: Variables, options?: ExecuteOptions]
    : [variables: Variables, options?: ExecuteOptions];

/** A page of results in the manner of the GraphQL Cursor Connections specification. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export type PortfolioNode = PortfoliosQuery['portfolios']['edges'][number]['node'];

export interface SeriesRequest<Metric extends RollingMetric> extends Omit<
  SeriesQueryVariables,
  'metrics'
> {
  readonly metrics: readonly Metric[];
}

/** A client of the API. */
export interface Client {
  /** Runs a query or a mutation and gives its data; throws an ApiError where it has errors. */
  execute<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    ...args: Arguments<Variables>
  ): Promise<Result>;
  /** The nodes of all pages, each page requested when the one before is used up. */
  nodes<Result, Variables extends { after?: string | null | undefined }, Node>(
    document: TypedDocument<Result, Variables>,
    connectionOf: (result: Result) => Connection<Node>,
    ...args: Arguments<Variables>
  ): AsyncGenerator<Node, void, undefined>;
  /** All portfolios, or the requested ones, by name. `first` is the size of a page. */
  portfolios(
    variables?: PortfoliosQueryVariables,
    options?: ExecuteOptions,
  ): AsyncGenerator<PortfolioNode, void, undefined>;
  /** A series of metrics; null where there is no such portfolio. */
  series<Metric extends RollingMetric>(
    request: SeriesRequest<Metric>,
    options?: ExecuteOptions,
  ): Promise<Series<Metric> | null>;
}

const MINUTE_MS = 60_000;

export function createClient({
  url,
  key,
  timeoutMs = MINUTE_MS,
  maxRetries = 4,
  fetch = globalThis.fetch,
}: ClientOptions): Client {
  const address = graphqlUrl(url);
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };

  const send = async (body: string, signal: AbortSignal): Promise<unknown> => {
    const request = { method: 'POST', headers, body, signal };
    const response = await fetch(address, request).catch((error: unknown) => {
      if (signal.aborted) throw error;
      const message = `${address.origin} cannot be reached: ${causeOf(error)}`;
      throw new ApiError(message, { code: 'NETWORK_ERROR' }, { cause: error });
    });
    return resultOf(response, signal);
  };

  const run = async (
    document: string,
    variables: unknown,
    { signal, repeatable = isQuery(document) }: ExecuteOptions = {},
  ): Promise<unknown> => {
    const body = JSON.stringify({ query: document, variables });
    const end = performance.now() + timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const ends = signal ? AbortSignal.any([signal, timeout]) : timeout;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await send(body, ends);
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (timeout.aborted) {
          const message = `There was no response within ${timeoutMs / 1000} s.`;
          throw new ApiError(message, { code: 'TIMEOUT' }, { cause: error });
        }
        const waitMs = attempt < maxRetries ? retryDelay(error, attempt, repeatable) : null;
        // Where the time would end before, the error is worth more than the waiting.
        if (waitMs === null || performance.now() + waitMs >= end) throw error;
        await delay(waitMs, ends);
      }
    }
  };

  const client: Client = {
    execute: (document, ...[variables, options]) =>
      run(document, variables, options) as Promise<never>,
    async *nodes(document, connectionOf, ...[variables, options]) {
      let { after } = variables ?? {};
      for (;;) {
        const result = await run(document, { ...variables, after }, options);
        const { edges, pageInfo } = connectionOf(result as never);
        for (const { node } of edges) yield node;
        if (!pageInfo.hasNextPage) return;
        after = pageInfo.endCursor;
      }
    },
    portfolios: (variables, options) =>
      client.nodes(PortfoliosDocument, ({ portfolios }) => portfolios, variables, options),
    async series({ metrics, ...request }, options) {
      const variables = { ...request, metrics: [...metrics] };
      const { portfolio } = await client.execute(SeriesDocument, variables, options);
      return portfolio && toSeries(portfolio.rollingSeries);
    },
  };
  return client;
}

/** The address of the API, from that of its server or its own. */
export function graphqlUrl(url: string | URL): URL {
  const address = new URL(url);
  if (!address.pathname.endsWith('/graphql')) {
    address.pathname = `${address.pathname.replace(/\/$/, '')}/graphql`;
  }
  return address;
}

/** The data of a response; throws an ApiError where it has errors, or is none of the API. */
async function resultOf(response: Response, signal: AbortSignal): Promise<unknown> {
  const { status, headers } = response;
  const details = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterMs: parseRetryAfter(headers.get('retry-after')),
  };
  const result = (await response.json().catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  })) as { readonly data?: unknown; readonly errors?: readonly GraphqlError[] } | null;
  if (result?.errors) {
    throw graphqlFailure(result.errors, { ...details, data: result.data });
  }
  if (!result || result.data === undefined) {
    const message = `The response, with HTTP status ${status}, is not one of GraphQL.`;
    throw new ApiError(message, { ...details, code: 'HTTP_ERROR' });
  }
  return result.data;
}

/** Whether a document has one query; where a fragment stands first it is not known. */
function isQuery(document: string): boolean {
  return /^(?:\s|#.*\n)*(?:query\b|\{)/.test(document);
}

/** What Node.js hides in the cause of "fetch failed". */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? cause.message : message;
}
