import { countOfWrites } from './write-counts.js';

/**
 * What a database says of the rows behind an aggregate. Two of the same place in its history are
 * equal, whichever server they come from: replicas keep the same rows at the same places.
 */
export interface Fingerprint {
  /** How many transactions have written to portfolio_metrics. */
  readonly writes: number;
  /**
   * The writes that TimescaleDB has logged and no refresh has taken yet, as "place transaction";
   * null when they are too many to list.
   */
  readonly logged: readonly string[] | null;
  /** A digest of all else: the watermark, both logs, the ranges of refreshes, the chunks. */
  readonly rest: string;
}

/** More logged writes than this are not listed. */
const MAX_LOGGED = 200;

/**
 * A statement that gives the fingerprint of one aggregate as a single JSON value. The logs alone
 * look the same before a write and after the refresh that follows it, hence the count of writes;
 * chunks can be dropped without either.
 */
export function fingerprint(sqlName: string): string {
  const rows = (columns: string, table: string, condition: string): string =>
    `(SELECT string_agg(concat_ws(' ', ${columns}), ',' ORDER BY ctid)
      FROM _timescaledb_catalog.${table} WHERE ${condition})`;
  return `
  SELECT jsonb_build_object(
    'writes', ${countOfWrites('metric_writes')},
    'logged', CASE WHEN logged.count <= ${MAX_LOGGED} THEN logged.rows END,
    'rest', md5(concat_ws(';',
      (SELECT watermark FROM _timescaledb_catalog.continuous_aggs_watermark AS watermark
        WHERE watermark.mat_hypertable_id = aggregate.mat_hypertable_id),
      'log', ${rows('ctid, xmin', 'continuous_aggs_materialization_invalidation_log', 'materialization_id = aggregate.mat_hypertable_id')},
      'ranges', ${rows('ctid, xmin', 'continuous_aggs_materialization_ranges', 'materialization_id = aggregate.mat_hypertable_id')},
      'chunks', ${rows('id', 'chunk', 'hypertable_id IN (aggregate.raw_hypertable_id, aggregate.mat_hypertable_id)')},
      'logged', CASE WHEN logged.count > ${MAX_LOGGED} THEN logged.rows::text END))
  )
  FROM _timescaledb_catalog.continuous_agg AS aggregate
  CROSS JOIN LATERAL (
    SELECT count(*), coalesce(jsonb_agg(concat_ws(' ', ctid, xmin) ORDER BY ctid), '[]') AS rows
    FROM _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log
    WHERE hypertable_id = aggregate.raw_hypertable_id
  ) AS logged
  WHERE aggregate.user_view_name = '${sqlName}'
    AND aggregate.user_view_schema = current_schema()`;
}

/**
 * Whether the rows of an aggregate are certainly the same at two points of time, the later one
 * last. They are when nothing happened, and when all that happened is writes that every one
 * still stands in the log, so that no refresh has taken them.
 */
export function isSameData(before: Fingerprint, after: Fingerprint): boolean {
  if (before.rest !== after.rest) return false;
  if (!before.logged || !after.logged) return before.writes === after.writes;
  const now = new Set(after.logged);
  for (const row of before.logged) if (!now.delete(row)) return false;
  const writers = new Set(Array.from(now, (row) => row.split(' ')[1]));
  return after.writes - before.writes === writers.size;
}
