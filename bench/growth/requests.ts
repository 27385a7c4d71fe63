import type { RollingWindow } from '../../src/aggregates/registry.js';
import { formatDay, toDay } from '../../src/metrics/calendar.js';
import { DOCUMENTS } from '../competitors/documents.js';
import { LAST_DAY } from '../data/data-set.js';
import type { HttpRequest } from '../load/http-request.js';

/** A request as it is sent the n-th time: never twice with the same text, or it would be cached. */
export type NthRequest = (n: number) => HttpRequest;

/** The one-year ranking of all portfolios. */
export function rankingRequests(): NthRequest {
  return (n) => post(DOCUMENTS.ranking, { n });
}

/** The four windows of some portfolios. */
export function blotterRequests(ids: readonly string[]): NthRequest {
  return (n) => post(DOCUMENTS.blotter, { ids, n });
}

/** The four windows of a portfolio. */
export function tileRequest(id: string): HttpRequest {
  return post(DOCUMENTS.tile, { id });
}

/** Three metrics of a window on each of the last business days, of one portfolio after the other. */
export function seriesRequests(
  ids: readonly string[],
  window: RollingWindow,
  days: number,
): NthRequest {
  const from = formatDay(toDay(LAST_DAY) - Math.round((days * 7) / 5) + 1);
  const document = `query Series($id: UUID!, $from: LocalDate!, $to: LocalDate!) {
      portfolio(id: $id) {
        rollingSeries(window: ${window}, metrics: [AVERAGE_RETURN, VOLATILITY, MAX_DRAWDOWN], from: $from, to: $to) {
          days columns { metric values }
        }
      }
    }`;
  return (n) => post(document, { id: ids[n % ids.length], from, to: LAST_DAY, n });
}

function post(query: string, variables: object): HttpRequest {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  };
}
