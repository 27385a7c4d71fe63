import { CATALOG, chunksOf, CONTINUOUS_AGGREGATES } from './catalog.js';

/**
 * An expression for a JSON object that has, by the aggregates' SQL names, a digest of all that
 * TimescaleDB's catalogs say of an aggregate's rows: the watermark, the invalidations, the ranges
 * of refreshes, each by the place and transaction of its row, and the chunks. The changes to the
 * source that are logged for all of them stand in LOGGED_CHANGES.
 */
export function identities(sqlNames: readonly string[]): string {
  return `(
    SELECT jsonb_object_agg(aggregate.user_view_name, md5(concat_ws(';',
      (SELECT watermark FROM ${CATALOG}.continuous_aggs_watermark AS watermark
        WHERE watermark.mat_hypertable_id = aggregate.mat_hypertable_id),
      'log', ${rows('continuous_aggs_materialization_invalidation_log', 'materialization_id = aggregate.mat_hypertable_id')},
      'ranges', ${rows('continuous_aggs_materialization_ranges', 'materialization_id = aggregate.mat_hypertable_id')},
      'chunks', ${chunkIds('aggregate.raw_hypertable_id')}, ${chunkIds('aggregate.mat_hypertable_id')})))
    FROM ${ours(sqlNames)})`;
}

/**
 * An expression for a JSON object that has, by the aggregates' SQL names, the chunks of the source
 * and of the materialization: a chunk that disappears takes its rows along without a trace.
 */
export function chunks(sqlNames: readonly string[]): string {
  return `(
    SELECT jsonb_object_agg(aggregate.user_view_name,
      concat_ws(',', ${chunkIds('aggregate.raw_hypertable_id')}, ${chunkIds('aggregate.mat_hypertable_id')}))
    FROM ${ours(sqlNames)})`;
}

/**
 * An expression for a JSON object that has, by the aggregates' SQL names, how many rows PostgreSQL's
 * statistics have seen inserted, updated or deleted in the materialization. They are seconds late,
 * and the embedded engine does not keep them.
 */
export function rowChanges(sqlNames: readonly string[]): string {
  return `(
    SELECT jsonb_object_agg(aggregate.view_name, (
      SELECT coalesce(sum(pg_stat_get_tuples_inserted(chunk.relid)
        + pg_stat_get_tuples_updated(chunk.relid) + pg_stat_get_tuples_deleted(chunk.relid)), 0)::text
      FROM (${chunksOf('aggregate.relid')}) AS chunk))
    FROM (${CONTINUOUS_AGGREGATES}) AS aggregate
    WHERE aggregate.view_name IN (${listOf(sqlNames)}))`;
}

/** A table of the changes to portfolio_metrics that no refresh has taken from its log yet. */
export const LOGGED_CHANGES = `(
  SELECT log.ctid AS place, log.xmin AS transaction, log.lowest_modified_value AS low, log.greatest_modified_value AS high
  FROM ${CATALOG}.continuous_aggs_hypertable_invalidation_log AS log
  JOIN ${CATALOG}.hypertable AS source ON source.id = log.hypertable_id
  WHERE source.table_name = 'portfolio_metrics' AND source.schema_name = current_schema())`;

function ours(sqlNames: readonly string[]): string {
  return `${CATALOG}.continuous_agg AS aggregate
    WHERE aggregate.user_view_schema = current_schema()
      AND aggregate.user_view_name IN (${listOf(sqlNames)})`;
}

function listOf(sqlNames: readonly string[]): string {
  return sqlNames.map((name) => `'${name}'`).join(', ');
}

/** The places and transactions of rows of a catalog's table. */
function rows(table: string, condition: string): string {
  return `(SELECT string_agg(concat_ws(' ', ctid, xmin), ',' ORDER BY ctid) FROM ${CATALOG}.${table} WHERE ${condition})`;
}

/** The ids of a hypertable's chunks. Some versions keep the rows of dropped ones. */
function chunkIds(hypertableId: string): string {
  return `(SELECT string_agg(id::text, ',' ORDER BY id) FROM ${CATALOG}.chunk
    WHERE hypertable_id = ${hypertableId} AND NOT coalesce((to_jsonb(chunk) ->> 'dropped')::boolean, false))`;
}
