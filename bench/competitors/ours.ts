import { send, type HttpRequest } from '../load/http-request.js';
import type { Reword } from '../load/load.js';
import { startService } from '../load/service.js';
import { ROOT_DIRECTORY, START_COMMAND } from '../paths.js';
import { workloadOf, type WorkloadName } from '../workloads.js';
import type { Competitor, RecordedRow } from './competitor.js';
import { DOCUMENTS, RECORD } from './documents.js';

type GraphqlResponse = { readonly data?: Record<string, unknown>; readonly errors?: unknown };

/**
 * This server.
 * @param settings environment variables, such as the cache's size
 */
export function createOurs(title: string, settings: Readonly<Record<string, string>>): Competitor {
  return {
    title,
    start: (environment) =>
      startService({
        command: START_COMMAND,
        directory: ROOT_DIRECTORY,
        environment: {
          HOST: '127.0.0.1',
          PORT: '0',
          LOG_LEVEL: 'error',
          EXPLORE: 'off',
          ...environment,
          ...settings,
        },
      }),
    request: (workload, portfolioIds) =>
      workload === 'conditional' ? get(portfolioIds) : post(workload, portfolioIds),
    read: (workload, response) => readFigures(workload, response as GraphqlResponse),
    record,
  };
}

function variablesOf(workload: WorkloadName, ids: readonly string[]): Record<string, unknown> {
  const { range } = workloadOf(workload);
  return ids.length === 1 ? { id: ids[0], ...range } : { ids };
}

function post(workload: WorkloadName, ids: readonly string[]): HttpRequest {
  const body = { query: DOCUMENTS[workload], variables: variablesOf(workload, ids) };
  return {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** Puts a number into each request, another one each time, which the server does not look at. */
export function createReword(): Reword {
  let n = 0;
  return (body) => body.replace('{', `{"n":${n++},`);
}

function get(ids: readonly string[]): HttpRequest {
  const query = new URLSearchParams({
    query: DOCUMENTS.conditional,
    variables: JSON.stringify({ id: ids[0] }),
  });
  // What the server requires of a GET as a guard against forged requests.
  const headers = { 'apollo-require-preflight': 'true' };
  return { method: 'GET', path: `/graphql?${query.toString()}`, headers };
}

function readFigures(workload: WorkloadName, { data, errors }: GraphqlResponse): unknown {
  if (errors !== undefined || !data) throw new Error(`${workload}: ${JSON.stringify(errors)}`);
  const { portfolio, portfolios, ranking } = data as {
    portfolio?: Record<string, unknown>;
    portfolios?: { edges: { node: unknown }[] };
    ranking?: unknown;
  };
  if (portfolio) return portfolio['rollingSeries'] ?? portfolio;
  return portfolios ? portfolios.edges.map(({ node }) => node) : (ranking ?? data);
}

async function record(origin: string, row: RecordedRow): Promise<void> {
  const response = await send(origin, {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: RECORD, variables: { row: toInput(row) } }),
  });
  const { data, errors } = (await response.json()) as {
    data?: { recordDailyMetrics: { refreshes: { state: string }[] } };
    errors?: unknown;
  };
  const states = data?.recordDailyMetrics.refreshes.map(({ state }) => state) ?? [];
  if (errors !== undefined || states.length === 0 || states.some((s) => s !== 'SUCCEEDED')) {
    throw new Error(`recordDailyMetrics: ${JSON.stringify(errors ?? states)}`);
  }
}

function toInput({ portfolioId, day, dailyReturn }: RecordedRow): Record<string, unknown> {
  return { portfolioId, asofDate: day, twr1d: dailyReturn, portfolioValueBase: 1_000_000 };
}
