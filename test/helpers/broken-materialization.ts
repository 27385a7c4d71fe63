import { AGGREGATES, type AggregateName } from '../../src/aggregates/registry.js';
import type { Database } from '../../src/database/database.js';

export interface Breakage {
  /** Days from this one on cannot be materialized. */
  readonly from: string;
  readonly sqlState?: string;
  readonly message?: string;
  /** So many rows are refused; absent: all. */
  readonly times?: number;
}

/**
 * Makes the engine itself fail when it materializes certain days of an aggregate, as it does when
 * the disk is full. (A constraint would do too, but TimescaleDB allows none there; a trigger it
 * allows, though never to be put there outside a test.) A refused row costs its whole slice.
 */
export async function breakMaterialization(
  database: Database,
  name: AggregateName,
  { from, sqlState = '53100', message = 'the disk is full', times = 1e9 }: Breakage,
): Promise<void> {
  await repairMaterialization(database);
  // A sequence keeps its count when a refused slice is rolled back.
  await database.write('CREATE SEQUENCE refused_rows');
  await refuseRows(
    database,
    `IF NEW.day >= '${from}' AND nextval('public.refused_rows') <= ${times} THEN
      RAISE EXCEPTION '${message}' USING ERRCODE = '${sqlState}';
    END IF;`,
  );
  const materialization = await findMaterialization(database, name);
  const [found] = await database.read(
    `SELECT FROM pg_trigger WHERE tgrelid = '${materialization}'::regclass AND tgname = 'refuse_row'`,
  );
  if (found) return;
  await database.write(`
    CREATE TRIGGER refuse_row BEFORE INSERT ON ${materialization}
    FOR EACH ROW EXECUTE FUNCTION refuse_row()`);
}

/**
 * Undoes breakMaterialization, done or not. A trigger that refuses nothing stays: where one has
 * been dropped and the table vacuumed, the embedded engine does not notice that it gets another.
 */
export async function repairMaterialization(database: Database): Promise<void> {
  await refuseRows(database, '');
  await database.write('DROP SEQUENCE IF EXISTS refused_rows');
}

async function refuseRows(database: Database, refuse: string): Promise<void> {
  await database.write(`
    CREATE OR REPLACE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN ${refuse} RETURN NEW; END $$`);
}

async function findMaterialization(database: Database, name: AggregateName): Promise<string> {
  const [row] = await database.read<{ name: string }>(
    `SELECT format('%I.%I', hypertable.schema_name, hypertable.table_name) AS name
    FROM _timescaledb_catalog.continuous_agg AS view
    JOIN _timescaledb_catalog.hypertable ON hypertable.id = view.mat_hypertable_id
    WHERE view.user_view_name = $1`,
    [AGGREGATES[name].sqlName],
  );
  return row!.name;
}
