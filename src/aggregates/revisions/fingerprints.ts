import { AGGREGATE_NAMES, AGGREGATES } from '../registry.js';
import type { AggregateName } from '../registry.js';
import { countOfWrites } from './write-counts.js';

/**
 * What a database says of the rows behind the aggregates. Two of the same place in its history
 * are equal, whichever server they come from: replicas keep the same rows at the same places.
 */
export interface Fingerprints {
  /** How many transactions have written to portfolio_metrics. */
  readonly writes: number;
  /**
   * The writes that TimescaleDB has logged and no refresh has taken yet, as "place transaction";
   * null when they are too many to list.
   */
  readonly logged: readonly string[] | null;
  /**
   * For each aggregate that exists, by its SQL name, a digest of all else: the watermark, its
   * log, the ranges of refreshes, the chunks.
   */
  readonly rest: Readonly<Record<string, string>>;
}

/** More logged writes than this are not listed. */
const MAX_LOGGED = 200;

const CATALOG = '_timescaledb_catalog';

/**
 * A statement that gives the fingerprints as a single JSON value. The logs alone look the same
 * before a write and after the refresh that follows it, hence the count of writes; chunks can be
 * dropped without either.
 */
export const FINGERPRINTS = `
  SELECT jsonb_build_object(
    'writes', ${countOfWrites('metric_writes')},
    'logged', CASE WHEN logged.count <= ${MAX_LOGGED} THEN logged.rows END,
    'rest', (
      SELECT jsonb_object_agg(aggregate.user_view_name, md5(concat_ws(';',
        (SELECT watermark FROM ${CATALOG}.continuous_aggs_watermark AS watermark
          WHERE watermark.mat_hypertable_id = aggregate.mat_hypertable_id),
        'log', ${rows('continuous_aggs_materialization_invalidation_log', 'materialization_id = aggregate.mat_hypertable_id')},
        'ranges', ${rows('continuous_aggs_materialization_ranges', 'materialization_id = aggregate.mat_hypertable_id')},
        'chunks', (SELECT string_agg(id::text, ',' ORDER BY id) FROM ${CATALOG}.chunk
          WHERE hypertable_id IN (aggregate.raw_hypertable_id, aggregate.mat_hypertable_id)),
        'logged', CASE WHEN logged.count > ${MAX_LOGGED} THEN logged.rows::text END)))
      FROM ${CATALOG}.continuous_agg AS aggregate
      WHERE aggregate.user_view_schema = current_schema()
        AND aggregate.user_view_name IN (${AGGREGATE_NAMES.map((name) => `'${AGGREGATES[name].sqlName}'`).join(', ')})
    )
  )
  FROM (
    SELECT count(*), coalesce(jsonb_agg(concat_ws(' ', log.ctid, log.xmin) ORDER BY log.ctid), '[]') AS rows
    FROM ${CATALOG}.continuous_aggs_hypertable_invalidation_log AS log
    JOIN ${CATALOG}.hypertable AS source ON source.id = log.hypertable_id
    WHERE source.table_name = 'portfolio_metrics' AND source.schema_name = current_schema()
  ) AS logged`;

/** The places and transactions of rows of a catalog's table. */
function rows(table: string, condition: string): string {
  return `(SELECT string_agg(concat_ws(' ', ctid, xmin), ',' ORDER BY ctid) FROM ${CATALOG}.${table} WHERE ${condition})`;
}

/**
 * Whether the rows of an aggregate are certainly the same at two points of time, the later one
 * last. They are when nothing happened, and when all that happened is writes that every one
 * still stands in the log, so that no refresh has taken them.
 */
export function isSameData(
  name: AggregateName,
  before: Fingerprints,
  after: Fingerprints,
): boolean {
  const { sqlName } = AGGREGATES[name];
  if (before.rest[sqlName] !== after.rest[sqlName]) return false;
  if (!before.logged || !after.logged) return before.writes === after.writes;
  const now = new Set(after.logged);
  for (const row of before.logged) if (!now.delete(row)) return false;
  const writers = new Set(Array.from(now, (row) => row.split(' ')[1]));
  return after.writes - before.writes === writers.size;
}
