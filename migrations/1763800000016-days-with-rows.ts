import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The days of each of a hypertable's chunks from `low` to `high`. */
const CHUNK_DAYS = `
  CREATE FUNCTION chunk_days(hypertable integer, INOUT low date, INOUT high date) RETURNS SETOF record
  LANGUAGE sql STABLE AS $$
    SELECT date '1970-01-01' + floor(greatest(slice.range_start, bound.low) / 86400000000.0)::int,
      date '1970-01-01' + ceil(least(slice.range_end, bound.high) / 86400000000.0)::int - 1
    FROM (
      SELECT (low - date '1970-01-01') * 86400000000 AS low,
        (high + 1 - date '1970-01-01') * 86400000000 AS high
    ) AS bound
    JOIN _timescaledb_catalog.dimension AS dimension ON dimension.hypertable_id = hypertable
    JOIN _timescaledb_catalog.dimension_slice AS slice ON slice.dimension_id = dimension.id
      AND slice.range_start < bound.high AND slice.range_end > bound.low
  $$`;

/**
 * The first ('min') or last ('max') day from `low` to `high` that has a row. In compressed chunks
 * the first or last of many days takes a hundred times as long as whether there is any, and most
 * ranges end with a row.
 */
const DAY_WITH_ROW = `
  CREATE FUNCTION day_with_row(which text, relation regclass, day_column name, hypertable integer, low date, high date)
  RETURNS date LANGUAGE plpgsql STABLE AS $$
  DECLARE
    part record;
    part_end date;
    found date;
  BEGIN
    FOR part IN SELECT days.* FROM chunk_days(hypertable, low, high) AS days
      ORDER BY CASE WHEN which = 'min' THEN days.low END, days.low DESC
    LOOP
      part_end := CASE which WHEN 'min' THEN part.low ELSE part.high END;
      EXECUTE format('SELECT $1 WHERE EXISTS (SELECT FROM %s WHERE %I = $1)', relation, day_column)
        INTO found USING part_end;
      IF found IS NULL AND part.low < part.high THEN
        EXECUTE format('SELECT %1$s(%2$I) FROM %3$s WHERE %2$I BETWEEN $1 AND $2', which, day_column, relation)
          INTO found USING part.low, part.high;
      END IF;
      IF found IS NOT NULL THEN RETURN found; END IF;
    END LOOP;
    RETURN NULL;
  END $$`;

/** The days from `low` to `high` that have a source row and none in an aggregate, counted from 1970-01-01. */
const MISSING_DAYS = `
  CREATE FUNCTION missing_days(aggregate regclass, source_hypertable integer, low date, high date)
  RETURNS int4multirange LANGUAGE plpgsql STABLE AS $$
  DECLARE
    part record;
    found int4multirange;
    missing int4multirange := '{}';
  BEGIN
    FOR part IN SELECT days.* FROM chunk_days(source_hypertable, low, high) AS days LOOP
      EXECUTE format('
        SELECT range_agg(int4range(number, number, ''[]''))
        FROM generate_series($1 - date ''1970-01-01'', $2 - date ''1970-01-01'') AS number
        CROSS JOIN LATERAL (SELECT date ''1970-01-01'' + number AS day) AS candidate
        WHERE NOT EXISTS (
            SELECT FROM %s AS daily WHERE daily.day = candidate.day AND daily.day BETWEEN $1 AND $2)
          AND EXISTS (SELECT FROM portfolio_metrics AS source
            WHERE source.asof_date = candidate.day AND source.asof_date BETWEEN $1 AND $2)', aggregate)
        INTO found USING part.low, part.high;
      missing := missing + coalesce(found, '{}');
    END LOOP;
    RETURN missing;
  END $$`;

/**
 * Looks days up chunk by chunk, each in a statement that is planned for its days: a plan for any
 * days opens every chunk, and of 300 chunks that takes a hundred times as long as of one.
 */
export class DaysWithRows1763800000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [CHUNK_DAYS, DAY_WITH_ROW, MISSING_DAYS]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION missing_days, day_with_row, chunk_days');
  }
}
