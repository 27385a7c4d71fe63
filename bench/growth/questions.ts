import type { RollingWindow } from '../../src/aggregates/registry.js';
import { formatDay, toDay } from '../../src/metrics/calendar.js';
import { DOCUMENTS } from '../competitors/documents.js';
import { LAST_DAY } from '../data/data-set.js';
import type { HttpRequest } from '../load/http-request.js';

/** The one-year ranking of all portfolios. */
export function rankingRequest(): HttpRequest {
  return post(DOCUMENTS.ranking, {});
}

/** The four windows of some portfolios. */
export function blotterRequest(ids: readonly string[]): HttpRequest {
  return post(DOCUMENTS.blotter, { ids });
}

/** The four windows of a portfolio. */
export function tileRequest(id: string): HttpRequest {
  return post(DOCUMENTS.tile, { id });
}

/** Three metrics of a window on each of the last business days. */
export function seriesRequest(id: string, window: RollingWindow, days: number): HttpRequest {
  const from = formatDay(toDay(LAST_DAY) - Math.round((days * 7) / 5) + 1);
  return post(
    `query Series($id: UUID!, $from: LocalDate!, $to: LocalDate!) {
      portfolio(id: $id) {
        rollingSeries(window: ${window}, metrics: [AVERAGE_RETURN, VOLATILITY, MAX_DRAWDOWN], from: $from, to: $to) {
          days columns { metric values }
        }
      }
    }`,
    { id, from, to: LAST_DAY },
  );
}

function post(query: string, variables: object): HttpRequest {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  };
}
