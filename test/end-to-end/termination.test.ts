import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { dayAfter } from '../helpers/import-files.js';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';

jest.setTimeout(120_000);

const CLIENTS = 16;
/** How many responses there are before the server is stopped. */
const RESPONSES_BEFORE = 100;
const READ = '{ portfolios { totalCount edges { node { lastDay rolling30d { observations } } } } }';
const RECORD = `mutation ($rows: [DailyMetricsInput!]!, $refresh: Boolean! = false) {
  recordDailyMetrics(rows: $rows, refresh: $refresh) { inserted updated unchanged refreshes { state } }
}`;

const processes = new Processes();
let dataDir: string;
let server: RunningServer;

beforeAll(async () => {
  dataDir = await processes.dataDirectory();
  server = await processes.server(dataDir, { SAMPLE_DATA: 'off' });
  for (let n = 0; n <= CLIENTS; n++) await server.data(upsert(n));
});
afterAll(() => processes.close());

const upsert = (n: number): string =>
  `mutation { upsertPortfolio(input: { id: "${portfolioId(n)}", name: "Client ${n}" }) { id } }`;

const rowsOf = (n: number, count: number, twr1d: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, day) => ({
    portfolioId: portfolioId(n),
    asofDate: dayAfter(day, '1995-01-01'),
    twr1d,
  }));

interface ApiResponse {
  readonly body: { readonly data?: Record<string, unknown>; readonly errors?: unknown };
  /** Whether the server says that this was the last on the connection. */
  readonly isLast: boolean;
}

/** Sends an operation over the agent's connection; rejects when the response does not come. */
function send(agent: Agent, query: string, variables = {}): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(server.url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as ApiResponse['body'],
          isLast: response.headers.connection === 'close',
        }),
      );
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ query, variables }));
  });
}

test('clients that have a connection when the server is stopped get every response', async () => {
  let responses = 0;
  let isEnough: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => (isEnough = resolve));
  /** Reads and writes by turns, until the server ends the connection; gives its last write. */
  const client = async (n: number): Promise<number> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = 1; ; turn++) {
      const { body, isLast } = await (turn % 2 === 0
        ? send(agent, READ)
        : send(agent, RECORD, { rows: rowsOf(n, 10, turn / 1000) }));
      expect(body.errors).toBeUndefined();
      if (++responses === RESPONSES_BEFORE) isEnough();
      if (isLast) {
        agent.destroy();
        return turn % 2 === 0 ? turn - 1 : turn;
      }
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(n));
  await enough;
  // Under way when the server is stopped: many rows, and a refresh that a client waits for.
  const long = send(new Agent(), RECORD, { rows: rowsOf(CLIENTS, 4000, 0.01), refresh: true });
  const ended = server.stop();
  const lastWrites = await Promise.all(clients);
  const { body } = await long;
  expect(body.errors).toBeUndefined();
  expect(body.data).toMatchObject({ recordDailyMetrics: { inserted: 4000 } });
  expect(await ended).toEqual({ code: 0, signal: null });

  server = await processes.server(dataDir, { SAMPLE_DATA: 'off' });
  await server.data('mutation { refreshAllAggregates { state } }');
  for (const [n, turn] of lastWrites.entries()) {
    const { portfolio } = await server.data(
      `{ portfolio(id: "${portfolioId(n)}") { rolling30d { averageReturn observations } } }`,
    );
    expect(portfolio.rolling30d).toEqual({
      averageReturn: expect.closeTo(turn / 1000, 12) as unknown,
      observations: 10,
    });
  }
});
