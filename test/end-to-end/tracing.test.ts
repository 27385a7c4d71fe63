import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Processes } from '../helpers/processes.js';

jest.setTimeout(60_000);

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { key: string; value: { stringValue?: string } }[];
}

const processes = new Processes();
/** What a collector receives, as OTLP in JSON. */
const bodies: string[] = [];
let collector: Server;

beforeAll(async () => {
  collector = createServer((request, response) => {
    const receive = async (): Promise<void> => {
      bodies.push(await text(request));
      response.setHeader('content-type', 'application/json').end('{}');
    };
    void receive();
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await processes.close();
  collector.close();
});

test('spans of a request, its operation and its statements reach the collector', async () => {
  const { port } = collector.address() as AddressInfo;
  const server = await processes.server(await processes.dataDirectory(), {
    SAMPLE_DATA: 'off',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'request-of-a-test' },
    body: JSON.stringify({ query: 'query Names { portfolios { totalCount } }' }),
  });
  expect(await response.json()).toEqual({ data: { portfolios: { totalCount: 0 } } });
  await fetch(new URL('/health/live', server.url));
  expect(await server.stop()).toEqual({ code: 0, signal: null });

  const resources = bodies.flatMap((body) => JSON.parse(body).resourceSpans);
  expect(JSON.stringify(resources[0].resource)).toContain('"rolling-metrics"');
  const spans: Span[] = resources.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope: { spans: Span[] }) => scope.spans),
  );
  const operation = spans.find(({ name }) => name === 'query')!;
  const attributes = Object.fromEntries(
    operation.attributes.map(({ key, value }) => [key, value.stringValue]),
  );
  expect(attributes).toEqual({
    'graphql.operation.type': 'query',
    'graphql.operation.name': 'Names',
    'request.id': 'request-of-a-test',
  });
  const request = spans.find(({ spanId }) => spanId === operation.parentSpanId)!;
  expect(request.name).toMatch(/^POST/);
  const statements = spans.filter(({ name }) => name.startsWith('pg.query'));
  expect(statements.map(({ traceId }) => traceId)).toContain(operation.traceId);
  expect(spans.filter(({ name }) => name.startsWith('GET'))).toEqual([]);
});
