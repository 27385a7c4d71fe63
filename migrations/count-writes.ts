import type { QueryRunner } from 'typeorm';

/**
 * A transactional count of the transactions that write to `table`, in `counter` and
 * `counter_pruned`: it is seen to move exactly when their rows are seen. (A sequence moves before
 * the commit.) `countFunction` is the trigger's function.
 */
export async function countWrites(
  runner: QueryRunner,
  table: string,
  counter: string,
  countFunction: string,
): Promise<void> {
  await runner.query(`CREATE TABLE ${counter} (transaction_id xid8 PRIMARY KEY)`);
  await runner.query(`CREATE TABLE ${counter}_pruned (count bigint NOT NULL)`);
  await runner.query(`INSERT INTO ${counter}_pruned VALUES (0)`);
  // Whoever may write rows need not be allowed to write the count.
  await runner.query(`
    CREATE FUNCTION ${countFunction}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      INSERT INTO ${counter} VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`);
  // A fixed path, so that nobody can put a table of his own in front.
  await runner.query(`
    DO $$ BEGIN EXECUTE format(
      'ALTER FUNCTION ${countFunction}() SET search_path = %I, pg_temp', current_schema());
    END $$`);
  await runner.query(`
    CREATE TRIGGER count_write AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION ${countFunction}()`);
}

/** Takes back what countWrites made. */
export async function stopCountingWrites(
  runner: QueryRunner,
  table: string,
  counter: string,
  countFunction: string,
): Promise<void> {
  await runner.query(`DROP TRIGGER count_write ON ${table}`);
  await runner.query(`DROP FUNCTION ${countFunction}`);
  await runner.query(`DROP TABLE ${counter}, ${counter}_pruned`);
}
