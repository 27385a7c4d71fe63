import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The body of a request that is JSON, as it was sent. */
export class JsonText {
  constructor(readonly text: string) {}
}

/**
 * Leaves JSON bodies as text: one whose response is cached need not be parsed. Returns what
 * parses them. Those of other types are left to Apollo, which refuses what a page of another site
 * can make a browser send.
 */
export function leaveJsonAsText(
  scope: FastifyInstance,
): (request: FastifyRequest, body: JsonText) => Promise<unknown> {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    ({ headers }, text, done) => {
      const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
      if (encoding === 'identity') done(null, new JsonText(text));
      else done(unsupported(encoding));
    },
  );
  return (request, { text }) =>
    new Promise((resolve, reject) => {
      void parse(request, text, (error, body) => (error ? reject(error) : resolve(body)));
    });
}

const UNSUPPORTED_MEDIA_TYPE = 415;

function unsupported(encoding: string): Error {
  const message = `a request's body must not be compressed, but has Content-Encoding "${encoding}"`;
  return Object.assign(new Error(message), { statusCode: UNSUPPORTED_MEDIA_TYPE });
}
