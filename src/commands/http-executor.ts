import type { FormattedExecutionResult } from 'graphql';
import { Failure, messageOf } from '../errors.js';
import type { Executor } from './executor.js';

/** A server that has not responded after so long counts as unreachable, in milliseconds. */
const TIMEOUT_MS = 30_000;

export interface HttpTarget {
  /** The address of the API; /graphql where it has no path. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly timeoutMs?: number;
}

/** Runs operations in a server, over HTTP. */
export function createHttpExecutor({ url, token, timeoutMs = TIMEOUT_MS }: HttpTarget): Executor {
  const address = endpointOf(url);
  return async (operation) => {
    const request: RequestInit = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(operation),
      // Following would turn the POST into a GET: better to name where it leads.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    };
    try {
      const response = await fetch(address, request);
      return resultOf(address, response, await response.text(), Boolean(token));
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure(`No server responds at ${address}: ${reasonOf(error, timeoutMs)}`);
    }
  };
}

/** The address of the API. Throws a Failure for what is no address. */
export function endpointOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new Failure(`--url must be an http:// or https:// address, but got ${text}`);
  }
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

function resultOf(
  address: string,
  { ok, status, statusText, headers }: Response,
  text: string,
  hasToken: boolean,
): FormattedExecutionResult {
  const responded = `${address} responded with ${status} ${statusText}`;
  const result = parseResult(text);
  if (status === 401 || status === 403) {
    const advice = hasToken
      ? 'The token it was given is not enough.'
      : 'Give a token with --token or API_TOKEN.';
    throw new Failure([`${responded}.`, advice, ...messagesOf(result)].join(' '));
  }
  // An operation that is refused comes with its errors, whatever the status.
  if (result && (ok || result.errors)) return result;
  const location = headers.get('location');
  if (location !== null) {
    throw new Failure(`${address} leads to ${location}. Give that address with --url.`);
  }
  throw new Failure(
    ok
      ? `The server at ${address} is not a GraphQL API. Check the address.`
      : `${responded}. Check the address, and the log of the server.`,
  );
}

/** The result in the body of a response; null when it holds none. */
function parseResult(text: string): FormattedExecutionResult | null {
  try {
    const body: unknown = JSON.parse(text);
    const isResult =
      typeof body === 'object' && body !== null && ('data' in body || 'errors' in body);
    return isResult ? (body as FormattedExecutionResult) : null;
  } catch {
    return null;
  }
}

function messagesOf(result: FormattedExecutionResult | null): string[] {
  return (result?.errors ?? []).map(({ message }) => message);
}

/** Why there was no response, as a sentence with what to do. */
export function reasonOf(error: unknown, timeoutMs = TIMEOUT_MS): string {
  const { name, cause } = error as { name?: string; cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') {
    return `no response within ${timeoutMs / 1000} s. Is the server overloaded?`;
  }
  switch (cause?.code) {
    case 'ECONNREFUSED':
      return 'connection refused. Is the server running there?';
    case 'ENOTFOUND':
      return 'there is no such host. Check the address.';
    default:
      // What fetch says itself is only that it failed.
      return `${cause?.message || messageOf(error)}.`;
  }
}
