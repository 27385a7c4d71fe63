import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { requestData } from '../../src/commands/executor.js';
import { createHttpExecutor } from '../../src/commands/http-executor.js';

const QUERY = 'query Health { health { status } }';
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** The address of a server with the given handler. */
async function serving(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    response.writeHead(status).end(JSON.stringify(body));

const requested = (url: string, token?: string): Promise<unknown> =>
  requestData(createHttpExecutor({ url, token }), QUERY, { id: '7' });

test('sends the operation to /graphql, with the token', async () => {
  let request: IncomingMessage | undefined;
  let body: Promise<string> | undefined;
  const url = await serving((incoming, response) => {
    request = incoming;
    body = text(incoming);
    response.end(JSON.stringify({ data: { health: { status: 'HEALTHY' } } }));
  });
  expect(await requested(url, 'secret')).toEqual({ health: { status: 'HEALTHY' } });
  expect(request!.method).toBe('POST');
  expect(request!.url).toBe('/graphql');
  expect(request!.headers).toMatchObject({
    authorization: 'Bearer secret',
    'content-type': 'application/json',
  });
  expect(JSON.parse(await body!)).toEqual({ query: QUERY, variables: { id: '7' } });
});

test('a path that is given stays, and no token is sent where there is none', async () => {
  let request: IncomingMessage | undefined;
  const url = await serving((incoming, response) => {
    request = incoming;
    response.end('{"data":{}}');
  });
  await requested(`${url}/metrics/graphql`);
  expect(request!.url).toBe('/metrics/graphql');
  expect(request!.headers).not.toHaveProperty('authorization');
});

test('errors of the operation are its errors, whatever the status', async () => {
  const errors = [{ message: 'from must not be after to' }, { message: 'and so on' }];
  for (const status of [200, 400, 500]) {
    const url = await serving(json(status, { errors }));
    await expect(requested(url)).rejects.toThrow('from must not be after to\nand so on');
  }
});

test('a refused connection is a sentence', async () => {
  const url = await serving(json(200, {}));
  for (const close of closers.splice(0)) close();
  await expect(requested(url)).rejects.toThrow(
    `No server responds at ${url}/graphql: connection refused. Is the server running there?`,
  );
});

test('so is a server that does not respond', async () => {
  const url = await serving(() => undefined);
  const execute = createHttpExecutor({ url, timeoutMs: 20 });
  await expect(requestData(execute, QUERY)).rejects.toThrow(
    `No server responds at ${url}/graphql: no response within 0.02 s. Is the server overloaded?`,
  );
});

test('so is a connection that breaks', async () => {
  const url = await serving((request) => request.socket.destroy());
  await expect(requested(url)).rejects.toThrow(`No server responds at ${url}/graphql: `);
});

test.each([
  [401, undefined, 'responded with 401 Unauthorized. Give a token with --token or API_TOKEN. Who?'],
  [403, 'secret', 'responded with 403 Forbidden. The token it was given is not enough. Who?'],
])('%d says what to do about the token', async (status, token, sentence) => {
  const url = await serving(json(status, { errors: [{ message: 'Who?' }] }));
  await expect(requested(url, token)).rejects.toThrow(`${url}/graphql ${sentence}`);
});

test.each([
  [404, '<h1>Not Found</h1>', 'responded with 404 Not Found. Check the address'],
  [503, '', 'responded with 503 Service Unavailable. Check the address'],
])('%d names the status', async (status, body, sentence) => {
  const url = await serving((_request, response) => response.writeHead(status).end(body));
  await expect(requested(url)).rejects.toThrow(`${url}/graphql ${sentence}`);
});

test('a redirection is named, not followed', async () => {
  const url = await serving((_request, response) =>
    response.writeHead(308, { location: 'https://example.org/graphql' }).end(),
  );
  await expect(requested(url, 'secret')).rejects.toThrow(
    `${url}/graphql leads to https://example.org/graphql. Give that address with --url.`,
  );
});

test.each(['<h1>Hello</h1>', '[]', 'null', '{"status":"ok"}'])(
  'a server that responds with %j is no GraphQL API',
  async (body) => {
    const url = await serving((_request, response) => response.end(body));
    await expect(requested(url)).rejects.toThrow(
      `The server at ${url}/graphql is not a GraphQL API.`,
    );
  },
);

test.each(['localhost:4000', 'ftp://localhost', ''])('%j is no address', (url) => {
  expect(() => createHttpExecutor({ url })).toThrow(
    `--url must be an http:// or https:// address, but got ${url}`,
  );
});
