import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The body of a request that is JSON, as it was sent. */
export class JsonText {
  constructor(readonly text: string) {}
}

/**
 * Leaves bodies that are JSON as text: one that was answered before need not be parsed. Gives what
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
    (_request, text, done) => done(null, new JsonText(text)),
  );
  return (request, { text }) =>
    new Promise((resolve, reject) => {
      void parse(request, text, (error, body) => (error ? reject(error) : resolve(body)));
    });
}
