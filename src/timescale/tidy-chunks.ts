import type { Session } from '../database/database.js';
import { chunksOf } from './catalog.js';

/** Statistics of less than this are brought up to date in a few milliseconds. */
const SMALL_BYTES = 1_048_576;

/**
 * Brings statistics up to date, from which row counts come: a server does so only later, the
 * embedded engine never. That one is vacuumed, too, so that daily series are read from their
 * index alone and what was replaced makes room. Of large chunks only those that have grown by a
 * tenth since, for that takes a second, and a refresh of one late row is to take none.
 *
 * @param hypertable its name, as regclass reads it
 */
export async function tidyGrownChunks(
  session: Session,
  hypertable: string,
  signal: AbortSignal,
): Promise<void> {
  const chunks = await session.queryPrepared<{ name: string }>(
    `SELECT chunk.relid::regclass::text AS name
    FROM (${chunksOf('$1::regclass')}) AS chunk
    JOIN pg_class ON pg_class.oid = chunk.relid
    CROSS JOIN LATERAL pg_relation_size(chunk.relid) AS bytes
    WHERE bytes BETWEEN 1 AND ${SMALL_BYTES}
      OR bytes > 1.1 * pg_class.relpages * current_setting('block_size')::int`,
    [hypertable],
  );
  const tidy = session.engine === 'embedded' ? 'VACUUM (ANALYZE)' : 'ANALYZE';
  // What the refresh counted is reported up to a second later, and would be added to what ANALYZE finds.
  if (session.engine === 'server') await session.query('SELECT pg_stat_force_next_flush()');
  for (const { name } of chunks) {
    if (!signal.aborted) await session.query(`${tidy} ${name}`);
  }
}
