import { ERROR_CODES, GRAPHQL_ERROR_CODES } from '../../src/errors.js';

/** What came back of a request. */
export interface HttpResponse {
  readonly status: number;
  readonly text: string;
  readonly etag?: string | undefined;
}

/** Codes that a client may get for whatever it sends: not those of a fault on this side. */
const CLEAN = new Set(
  Object.keys({ ...ERROR_CODES, ...GRAPHQL_ERROR_CODES }).filter(
    (code) => !['INTERNAL_SERVER_ERROR', 'DATABASE_UNAVAILABLE', 'READ_ONLY'].includes(code),
  ),
);

/** What is wrong with a response; null for a clean one. */
export function faultOf({ status, text }: HttpResponse): string | null {
  if (status >= 500) return `status ${status}`;
  // An address too long to be read at all.
  if (status === 431) return null;
  if (status === 204 || status === 304) return text === '' ? null : 'a body where there is none';
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return `no JSON with status ${status}`;
  }
  const results = Array.isArray(body) ? body : [body];
  return results.map(faultOfResult).find((fault) => fault !== null) ?? null;
}

function faultOfResult(result: unknown): string | null {
  const { data, errors } = (result ?? {}) as { data?: unknown; errors?: unknown };
  if (errors === undefined) return data === undefined ? 'neither data nor errors' : null;
  if (!Array.isArray(errors) || errors.length === 0) return 'errors that are no list of them';
  for (const error of errors as { message?: unknown; extensions?: Record<string, unknown> }[]) {
    const { code } = error.extensions ?? {};
    if (typeof error.message !== 'string') return 'an error without a message';
    if (typeof code !== 'string' || !CLEAN.has(code)) return `code ${String(code)}`;
    if (error.extensions && 'stacktrace' in error.extensions) return 'a stack';
  }
  return null;
}
