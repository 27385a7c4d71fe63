import { ServiceError } from '../errors.js';
import { DELIVERED } from '../limits/cost-model.js';
import { DAILY_COLUMNS } from './daily-rows.js';
import type { ExportRequest } from './export-request.js';
import { windowDays } from './export-table.js';

/** What daily rows are taken to reach over, where no day bounds them. */
const UNBOUNDED_DAYS = 3650;
/** An export is streamed, so it may cost as much as this many of the largest operations. */
const OPERATIONS_AN_EXPORT = 100;

/** The cost of an export, in the unit of operations: a day of a metric of a portfolio. */
export function exportCost(request: ExportRequest, portfolios: number): number {
  if (request.kind === 'windows') {
    const { window, metrics } = request;
    return portfolios * windowDays(window) * (1 + metrics.length);
  }
  if (request.kind === 'series') {
    const { window, metrics, from, to } = request.series;
    const days = to - from + 1;
    const computed = metrics.length * (windowDays(window) + days);
    return portfolios * (computed + DELIVERED * days * (2 + metrics.length));
  }
  const { from, to } = request;
  const days = from !== null && to !== null ? to - from + 1 : UNBOUNDED_DAYS;
  return portfolios * days * DAILY_COLUMNS.length;
}

/**
 * How many requests an export counts as: as many as there are operations of the greatest cost in
 * it. Throws OPERATION_TOO_COSTLY where it costs too much by itself.
 */
export function requestsOf(cost: number, maxCost: number): number {
  const limit = maxCost * OPERATIONS_AN_EXPORT;
  if (cost > limit) {
    throw new ServiceError(
      'OPERATION_TOO_COSTLY',
      `The export costs ${cost.toLocaleString('en')} and may cost ${limit.toLocaleString('en')}, in days of one metric of one portfolio. Request fewer portfolios, days or metrics.`,
    );
  }
  return Math.max(1, Math.ceil(cost / maxCost));
}
