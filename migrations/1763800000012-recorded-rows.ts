import type { MigrationInterface, QueryRunner } from 'typeorm';

const DAYS = 'portfolio_metrics_asof_date_bounds';
const RETURNS = 'portfolio_metrics_twr_1d_bound';
/** What is true of a row today stays true, so that a dump can be restored on any later day. */
const DAYS_RULE = `asof_date BETWEEN date '1900-01-01' AND (now() AT TIME ZONE 'UTC')::date + 1`;
const RETURNS_RULE = 'twr_1d >= -1';
const VIOLATES = `NOT (${DAYS_RULE}) OR NOT (${RETURNS_RULE})`;

const OUTSIDE = 'portfolio_metrics_out_of_bounds';
const INDEX = 'portfolio_metrics_recorded_no_key';
const AHEAD = 'keep_recorded_no_ahead';
const UNIQUE_VIOLATION = '23505';

/**
 * Bounds of what can be recorded, and a number for each row of a portfolio's day that no other row
 * of it has. Each statement is a transaction of its own: none holds its locks while the next works.
 */
export class RecordedRows1763800000012 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await addBounds(runner);
    await addUniqueNumbers(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const event of ['insert', 'update']) {
      await runner.query(`DROP TRIGGER ${AHEAD}_${event} ON portfolio_metrics`);
    }
    await runner.query(`DROP FUNCTION ${AHEAD}`);
    await runner.query(`DROP INDEX ${INDEX}`);
    await runner.query(`DROP TABLE ${OUTSIDE}`);
    await runner.query(
      `ALTER TABLE portfolio_metrics DROP CONSTRAINT ${DAYS}, DROP CONSTRAINT ${RETURNS}`,
    );
  }
}

/** Rows that are there already stay, and are listed in a table for health to report. */
async function addBounds(runner: QueryRunner): Promise<void> {
  // TimescaleDB checks the rows of compressed chunks even for a constraint that is NOT VALID.
  const chunks = (await runner.query(`
    SELECT DISTINCT row.tableoid::regclass::text AS name
    FROM portfolio_metrics AS row WHERE ${VIOLATES}`)) as { name: string }[];
  for (const { name } of chunks) {
    await runner.query(`SELECT decompress_chunk($1::regclass, if_compressed => true)`, [name]);
  }
  const [table] = (await runner.query(
    `SELECT NOT EXISTS (SELECT FROM portfolio_metrics) AS is_empty`,
  )) as [{ is_empty: boolean }];
  const valid = table.is_empty ? '' : 'NOT VALID';
  for (const [name, rule] of [
    [DAYS, DAYS_RULE],
    [RETURNS, RETURNS_RULE],
  ]) {
    // It may be there from an attempt that was cut off.
    await runner.query(`ALTER TABLE portfolio_metrics DROP CONSTRAINT IF EXISTS ${name}`);
    await runner.query(
      `ALTER TABLE portfolio_metrics ADD CONSTRAINT ${name} CHECK (${rule}) ${valid}`,
    );
  }
  await runner.query(`DROP TABLE IF EXISTS ${OUTSIDE}`);
  // From here on there are only fewer.
  await runner.query(`
    CREATE TABLE ${OUTSIDE} AS
    SELECT portfolio_id, asof_date, pricing_pack_id FROM portfolio_metrics WHERE ${VIOLATES}`);
}

async function addUniqueNumbers(runner: QueryRunner): Promise<void> {
  // A unique index of a hypertable has the column of its chunks; what a number must be is unique
  // within its portfolio and day, where last(column, recorded_no) compares it.
  const create = `
    CREATE UNIQUE INDEX IF NOT EXISTS ${INDEX}
    ON portfolio_metrics (portfolio_id, asof_date, recorded_no)`;
  try {
    await runner.query(create);
  } catch (error) {
    if ((error as { driverError?: { code?: string } }).driverError?.code !== UNIQUE_VIOLATION) {
      throw error;
    }
    await renumberTies(runner);
    await runner.query(create);
  }
  // Rows copied from another database bring their numbers: those that follow must be greater.
  await runner.query(`
    CREATE OR REPLACE FUNCTION ${AHEAD}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
      newest bigint := (SELECT max(recorded_no) FROM numbered_rows);
    BEGIN
      IF newest > (SELECT last_value FROM portfolio_metrics_recorded_no) THEN
        PERFORM setval('portfolio_metrics_recorded_no', newest);
      END IF;
      RETURN NULL;
    END $$`);
  // A fixed path, so that no other role's table comes first.
  await runner.query(`
    DO $$ BEGIN EXECUTE format(
      'ALTER FUNCTION ${AHEAD}() SET search_path = %I, pg_temp', current_schema());
    END $$`);
  for (const event of ['INSERT', 'UPDATE']) {
    await runner.query(`
      CREATE OR REPLACE TRIGGER ${AHEAD}_${event.toLowerCase()} AFTER ${event} ON portfolio_metrics
      REFERENCING NEW TABLE AS numbered_rows FOR EACH STATEMENT EXECUTE FUNCTION ${AHEAD}()`);
  }
}

/** Numbers the rows of days with two of the same number again, in their order. */
async function renumberTies(runner: QueryRunner): Promise<void> {
  await runner.query(`
    UPDATE portfolio_metrics AS row SET recorded_no = renumbered.recorded_no
    FROM (
      SELECT portfolio_id, asof_date, pricing_pack_id,
        nextval('portfolio_metrics_recorded_no') AS recorded_no
      FROM (
        SELECT * FROM portfolio_metrics
        WHERE (portfolio_id, asof_date) IN (
          SELECT portfolio_id, asof_date FROM portfolio_metrics
          GROUP BY portfolio_id, asof_date, recorded_no HAVING count(*) > 1
        )
        ORDER BY portfolio_id, asof_date, recorded_no, recorded_at, pricing_pack_id
      ) AS ordered
    ) AS renumbered
    WHERE (row.portfolio_id, row.asof_date, row.pricing_pack_id)
      = (renumbered.portfolio_id, renumbered.asof_date, renumbered.pricing_pack_id)`);
}
