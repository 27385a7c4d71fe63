import type { Database } from '../../database/database.js';
import { readAggregateStatuses } from './aggregate-status.js';
import { boundsWarnings } from './bounds-check.js';
import type { AggregateHealth, HealthStatus, HealthThresholds } from './health.js';
import { healthOfAll, worstOf } from './health.js';
import { AGGREGATE_NAMES } from '../registry.js';

/** How the whole service is. */
export interface ServiceHealth {
  readonly status: HealthStatus;
  readonly issues: readonly string[];
  readonly warnings: readonly string[];
  readonly aggregates: readonly AggregateHealth[];
}

/** Looks at the database and all aggregates. */
export async function readHealth(
  database: Database,
  now: Date,
  thresholds: HealthThresholds,
): Promise<ServiceHealth> {
  const [engine] = await database.read<{ version: string | null; license: string | null }>(`
    SELECT (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS version,
      current_setting('timescaledb.license', true) AS license`);
  const missing = issueOf(engine!);
  if (missing !== null) return withoutTimescale(missing);
  const aggregates = healthOfAll(await readAggregateStatuses(database), now, thresholds);
  const ofRows = await boundsWarnings(database);
  const data = { status: ofRows.length > 0 ? 'WARNING' : 'HEALTHY' } as const;
  return {
    status: worstOf([data, ...aggregates]),
    issues: aggregates.flatMap(({ issues }) => issues),
    warnings: [...ofRows, ...aggregates.flatMap(({ warnings }) => warnings)],
    aggregates,
  };
}

/** Nothing else can be said then, and nothing else is to be done. */
function withoutTimescale(issue: string): ServiceHealth {
  const aggregates = AGGREGATE_NAMES.map((name): AggregateHealth => {
    return { name, status: 'DEGRADED', issues: [issue], warnings: [] };
  });
  return { status: 'DEGRADED', issues: [issue], warnings: [], aggregates };
}

function issueOf({
  version,
  license,
}: {
  version: string | null;
  license: string | null;
}): string | null {
  if (version === null)
    return 'The database does not have TimescaleDB: create the extension again.';
  if (license !== 'timescale') {
    return `TimescaleDB runs with the licence "${license}", which has no continuous aggregates: set timescaledb.license = 'timescale'.`;
  }
  return null;
}
