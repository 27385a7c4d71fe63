import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ApiError, createClient, toSeries, type ClientOptions } from '../../client/src/index.js';

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A client of a server that responds to the first request with the first, and so on. */
async function clientOf(
  responses: readonly Respond[],
  options: Partial<ClientOptions> = {},
): Promise<{ client: ReturnType<typeof createClient>; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume().once('end', () => responses[requests.length - 1]!(request, response));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { client: createClient({ url, ...options }), requests };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Respond =>
  (_request, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));

const failing = (code: string, status = 503, headers: Record<string, string> = {}): Respond =>
  json(status, { errors: [{ message: `It is ${code}.`, extensions: { code } }] }, headers);

const SUCCESS = json(200, { data: { health: 'fine' } });
const SOON = { 'retry-after': '0', 'x-request-id': 'r-1' };
const QUERY = '# The state.\nquery { health }';
const MUTATION = 'mutation { touch }';

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('what is sent again', () => {
  test.each(['OVERLOADED', 'DATABASE_UNAVAILABLE', 'RATE_LIMITED', 'ISSUER_UNAVAILABLE'])(
    'a query after %s',
    async (code) => {
      const { client, requests } = await clientOf([failing(code, 503, SOON), SUCCESS]);
      expect(await client.execute(QUERY)).toEqual({ health: 'fine' });
      expect(requests).toHaveLength(2);
    },
  );

  test.each(['RATE_LIMITED', 'ISSUER_UNAVAILABLE'])(
    'a mutation after %s, when it did nothing',
    async (code) => {
      const { client } = await clientOf([failing(code, 429, SOON), SUCCESS]);
      expect(await client.execute(MUTATION)).toEqual({ health: 'fine' });
    },
  );

  test.each(['OVERLOADED', 'DATABASE_UNAVAILABLE'])(
    'no mutation after %s, unless it is safe to repeat',
    async (code) => {
      const refused = await clientOf([failing(code, 503, SOON)]);
      expect(await failureOf(refused.client.execute(MUTATION))).toMatchObject({ code });
      expect(refused.requests).toHaveLength(1);
      const { client } = await clientOf([failing(code, 503, SOON), SUCCESS]);
      expect(await client.execute(MUTATION, {}, { repeatable: true })).toEqual({ health: 'fine' });
    },
  );

  test('a query after a connection that broke, or a proxy without its server', async () => {
    const breaks: Respond = (request) => request.socket.destroy();
    const proxy: Respond = (_request, response) => response.writeHead(502).end('<html>');
    const { client, requests } = await clientOf([breaks, proxy, SUCCESS]);
    expect(await client.execute(QUERY)).toEqual({ health: 'fine' });
    expect(requests).toHaveLength(3);
  });

  test('nothing that is wrong', async () => {
    const { client, requests } = await clientOf([failing('BAD_USER_INPUT', 200)]);
    expect(await failureOf(client.execute(QUERY))).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(requests).toHaveLength(1);
  });

  test('at most maxRetries times', async () => {
    const overloaded = failing('OVERLOADED', 503, SOON);
    const { client, requests } = await clientOf([overloaded, overloaded, overloaded], {
      maxRetries: 2,
    });
    expect(await failureOf(client.execute(QUERY))).toMatchObject({ code: 'OVERLOADED' });
    expect(requests).toHaveLength(3);
  });

  test('nothing where Retry-After outlasts the time limit', async () => {
    const limited = failing('RATE_LIMITED', 429, { 'retry-after': '60' });
    const { client, requests } = await clientOf([limited], { timeoutMs: 30_000 });
    expect(await failureOf(client.execute(QUERY))).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 60_000,
    });
    expect(requests).toHaveLength(1);
  });
});

describe('errors', () => {
  test('have the code, the status, the id of the request, and the data beside them', async () => {
    const errors = [{ message: 'No.', path: ['a'], extensions: { code: 'FORBIDDEN' } }];
    const { client } = await clientOf([json(403, { data: { b: 1 }, errors }, SOON)]);
    expect(await failureOf(client.execute(QUERY))).toMatchObject({
      message: 'No.',
      code: 'FORBIDDEN',
      status: 403,
      requestId: 'r-1',
      data: { b: 1 },
      errors,
    });
  });

  test('a response that is not the API’s', async () => {
    const { client } = await clientOf([
      (_request, response) => response.writeHead(404).end('Not found'),
    ]);
    expect(await failureOf(client.execute(QUERY))).toMatchObject({
      code: 'HTTP_ERROR',
      status: 404,
    });
  });

  test('a server that does not respond in time', async () => {
    const { client } = await clientOf([() => undefined], { timeoutMs: 50 });
    expect(await failureOf(client.execute(QUERY))).toMatchObject({
      code: 'TIMEOUT',
      message: 'There was no response within 0.05 s.',
    });
  });

  test('an operation that is aborted throws the reason', async () => {
    const { client } = await clientOf([() => aborting.abort(reason)]);
    const aborting = new AbortController();
    const reason = new Error('left the page');
    await expect(client.execute(QUERY, {}, { signal: aborting.signal })).rejects.toBe(reason);
  });

  test('a server that cannot be reached', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1', maxRetries: 0 });
    expect(await failureOf(client.execute(QUERY))).toMatchObject({
      code: 'NETWORK_ERROR',
      message: expect.stringContaining('http://127.0.0.1:1 cannot be reached: ') as unknown,
    });
  });
});

test('a request has the key, and goes to the API at the address of its server', async () => {
  const { client, requests } = await clientOf([SUCCESS], { key: 'rpm_1' });
  await client.execute(QUERY);
  expect(requests[0]).toMatchObject({
    url: '/graphql',
    method: 'POST',
    headers: { authorization: 'Bearer rpm_1' },
  });
});

test('pages are requested one after the other, and only those that are used', async () => {
  const page = (names: string[], endCursor: string | null): Respond =>
    json(200, {
      data: {
        portfolios: {
          edges: names.map((name) => ({ node: { name } })),
          pageInfo: { hasNextPage: endCursor !== null, endCursor },
        },
      },
    });
  const { client, requests } = await clientOf([
    page(['a', 'b'], 'b'),
    page(['c'], null),
    page(['a', 'b'], 'b'),
  ]);
  const names: string[] = [];
  for await (const { name } of client.portfolios()) names.push(name);
  expect(names).toEqual(['a', 'b', 'c']);
  for await (const { name } of client.portfolios()) if (name === 'b') break;
  expect(requests).toHaveLength(3);
});

test('values that are null are NaN', () => {
  const { values, times, observations } = toSeries({
    days: ['1970-01-02', '1970-01-03'],
    observations: [1, 2],
    columns: [{ metric: 'BETA', values: [null, 0.1] }],
    freshness: {
      aggregate: 'PORTFOLIO_METRICS_1Y_BETA',
      materializedThrough: null,
      lastRefresh: null,
      isStale: false,
      staleReason: null,
    },
  });
  expect(values).toEqual({ BETA: Float64Array.of(Number.NaN, 0.1) });
  expect(times).toEqual(Float64Array.of(86_400_000, 172_800_000));
  expect(observations).toEqual(Int32Array.of(1, 2));
});
