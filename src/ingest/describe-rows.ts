import type { AuditDetails } from '../access/allow.js';
import type { DailyMetrics } from './record-daily-metrics.js';
import type { WriteCounts } from './write-rows.js';

/** How many portfolios are named one by one. */
const NAMED = 10;

/** What the audit records of rows that were to be stored: their portfolios and days, no figures. */
export function describeRows(
  { rows }: { readonly rows: readonly Pick<DailyMetrics, 'portfolioId' | 'asofDate'>[] },
  result: WriteCounts | undefined,
): AuditDetails {
  const ids = new Set(rows.map(({ portfolioId }) => portfolioId));
  const days = rows.map(({ asofDate }) => asofDate).toSorted();
  return {
    rows: rows.length,
    from: days.at(0) ?? null,
    to: days.at(-1) ?? null,
    portfolios: ids.size,
    portfolioIds: [...ids].slice(0, NAMED),
    ...(result
      ? { inserted: result.inserted, updated: result.updated, unchanged: result.unchanged }
      : {}),
  };
}
