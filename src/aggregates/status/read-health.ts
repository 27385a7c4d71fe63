import type { Database } from '../../database/database.js';
import { POSITION, toPosition, type PositionJson } from '../../database/position.js';
import { AGGREGATE_NAMES } from '../registry.js';
import { readAggregateStatuses } from './aggregate-status.js';
import { boundsWarnings } from './bounds-check.js';
import {
  serviceHealth,
  type AggregateHealth,
  type HealthThresholds,
  type ServiceHealth,
} from './health.js';
import type { PolicyRunner } from './policy-runs.js';

interface Engine {
  readonly position: PositionJson;
  readonly version: string | null;
  readonly license: string | null;
}

/** Checks the database, its replicas and all aggregates. */
export async function readHealth(
  database: Database,
  runner: PolicyRunner,
  now: Date,
  thresholds: HealthThresholds,
  /** Reads other findings about the rows of the source. */
  readRowWarnings: () => Promise<readonly string[]>,
): Promise<ServiceHealth> {
  const [engine] = await database.write<Engine>(`
    SELECT ${POSITION} AS position, (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS version,
      current_setting('timescaledb.license', true) AS license`);
  const missing = issueOf(engine!);
  if (missing !== null) return withoutTimescale(missing);
  const statuses = await readAggregateStatuses(database, runner);
  await database.replicas.check(toPosition(engine!.position));
  const warnings = [
    ...database.replicas.warnings,
    ...(await boundsWarnings(database)),
    ...(await readRowWarnings()),
  ];
  return serviceHealth(statuses, now, thresholds, warnings);
}

/** The one issue, which has to be fixed before anything else can be checked. */
function withoutTimescale(issue: string): ServiceHealth {
  const aggregates = AGGREGATE_NAMES.map((name): AggregateHealth => {
    return { name, status: 'DEGRADED', issues: [issue], warnings: [] };
  });
  return { status: 'DEGRADED', issues: [issue], warnings: [], aggregates };
}

function issueOf({ version, license }: Engine): string | null {
  if (version === null)
    return 'The database does not have TimescaleDB: create the extension again.';
  if (license !== 'timescale') {
    return `TimescaleDB runs with the licence "${license}", which has no continuous aggregates: set timescaledb.license = 'timescale'.`;
  }
  return null;
}
