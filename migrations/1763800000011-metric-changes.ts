import type { MigrationInterface, QueryRunner } from 'typeorm';
import { countWrites, stopCountingWrites } from './count-writes.js';

const COUNT = ['portfolio_metrics', 'metric_writes', 'count_metric_write'] as const;
/** Stands for every portfolio. */
const EVERY = "'00000000-0000-0000-0000-000000000000'";

/** Adds days of portfolios to the record of this transaction. */
const RECORD = `
  INSERT INTO metric_changes AS known (transaction_id, portfolio_id, days)`;
/** Most statements of a transaction change days that it has recorded already. */
const ADD = `
  ON CONFLICT (transaction_id, portfolio_id) DO UPDATE SET days = known.days + excluded.days
  WHERE NOT known.days @> excluded.days;`;
const DAYS_OF_ROWS = `
  pg_current_xact_id(), portfolio_id, datemultirange(daterange(min(asof_date), max(asof_date), '[]'))`;

/**
 * Which transaction changed which days of which portfolio, in place of the count of transactions:
 * invalidation compares identities, and knows the portfolios. Transition tables make it one record
 * for each statement and portfolio; the columnstore does not allow one for DELETE.
 */
const TRIGGERS = [
  {
    name: 'record_metric_insert',
    event: 'INSERT',
    each: 'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT',
    body: `${RECORD} SELECT ${DAYS_OF_ROWS} FROM new_rows GROUP BY portfolio_id ${ADD}`,
  },
  {
    name: 'record_metric_update',
    event: 'UPDATE',
    each: 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT',
    body: `${RECORD} SELECT ${DAYS_OF_ROWS} FROM (
      SELECT portfolio_id, asof_date FROM old_rows UNION ALL
      SELECT portfolio_id, asof_date FROM new_rows
    ) AS changed_rows GROUP BY portfolio_id ${ADD}`,
  },
  {
    name: 'record_metric_delete',
    event: 'DELETE',
    each: 'FOR EACH ROW',
    body: `${RECORD} VALUES (pg_current_xact_id(), OLD.portfolio_id,
      datemultirange(daterange(OLD.asof_date, OLD.asof_date, '[]'))) ${ADD}`,
  },
  {
    name: 'record_metric_truncate',
    event: 'TRUNCATE',
    each: 'FOR EACH STATEMENT',
    body: `${RECORD} VALUES (pg_current_xact_id(), ${EVERY}, '{(,)}') ${ADD}`,
  },
];

export class MetricChanges1763800000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE metric_changes (
        transaction_id xid8 NOT NULL,
        portfolio_id uuid NOT NULL,
        days datemultirange NOT NULL,
        PRIMARY KEY (transaction_id, portfolio_id)
      )`);
    // epoch counts how often records were pruned. A prune takes only records that were visible to
    // the prune before it, in its snapshot: a reader of the epoch before has seen all of them.
    // transaction_days are pending days within transactions of which records were pruned.
    await runner.query(`
      CREATE TABLE metric_changes_pruned (
        epoch bigint NOT NULL,
        snapshot pg_snapshot NOT NULL,
        pruned_at timestamptz NOT NULL,
        remaining integer NOT NULL,
        transaction_days datemultirange NOT NULL
      )`);
    await runner.query(
      `INSERT INTO metric_changes_pruned VALUES (0, pg_current_snapshot(), now(), 0, '{}')`,
    );
    // Chunks of materializations, by the ids of their slices, that were found to hold every day of
    // their source that is not pending: one that is not here may have been made after it was dropped.
    await runner.query('CREATE TABLE complete_chunks (slice_id integer PRIMARY KEY)');
    for (const { name, event, each, body } of TRIGGERS) {
      // A role that may write rows need not be allowed to write records.
      await runner.query(`
        CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN ${body} RETURN NULL; END $$`);
      // A fixed path, so that no other role's table comes first.
      await runner.query(`
        DO $$ BEGIN EXECUTE format(
          'ALTER FUNCTION ${name}() SET search_path = %I, pg_temp', current_schema());
        END $$`);
      await runner.query(`
        CREATE TRIGGER ${name} AFTER ${event} ON portfolio_metrics ${each} EXECUTE FUNCTION ${name}()`);
    }
    // What is pending now was written without records.
    await runner.query(
      `INSERT INTO metric_changes VALUES (pg_current_xact_id(), ${EVERY}, '{(,)}')`,
    );
    await stopCountingWrites(runner, ...COUNT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await countWrites(runner, ...COUNT);
    for (const { name } of TRIGGERS) {
      await runner.query(`DROP TRIGGER ${name} ON portfolio_metrics`);
      await runner.query(`DROP FUNCTION ${name}`);
    }
    await runner.query(`DROP TABLE metric_changes, metric_changes_pruned, complete_chunks`);
  }
}
