import type { PendingRange } from '../../src/aggregates/aggregate-state.js';
import { formatRange } from '../../src/aggregates/freshness.js';
import type { AggregateName } from '../../src/aggregates/registry.js';
import { readAggregateStatuses } from '../../src/aggregates/status/aggregate-status.js';
import type { Database } from '../../src/database/database.js';

/** The pending days of an aggregate: "2024-01-01 to 2024-01-05, by policy" or "…, by hand". */
export async function pendingDays(database: Database, name: AggregateName): Promise<string[]> {
  const [status] = await readAggregateStatuses(database, 'application', [name]);
  return describeRanges(status!.pending);
}

/** Pending ranges as short texts. */
export function describeRanges(ranges: readonly PendingRange[]): string[] {
  return ranges.map(
    (range) => `${formatRange(range)}, by ${range.coveredByPolicy ? 'policy' : 'hand'}`,
  );
}
