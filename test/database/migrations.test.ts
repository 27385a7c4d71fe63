import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { AGGREGATES } from '../../src/aggregates/registry.js';
import { createDataSource } from '../../src/database/data-source.js';
import type { Database } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { sqlStateOf } from '../../src/database/sql-state.js';
import { insertPortfolio, insertRows, portfolioId } from '../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

const NAMES = MIGRATIONS.map(({ name }) => name);

let db: TestDatabase;
let database: Database;
/** What the migrations make where there is nothing. */
let madeNew: Awaited<ReturnType<typeof schema>>;

beforeAll(async () => {
  db = await openTestDatabase();
  ({ database } = db);
  madeNew = await schema();
});
afterAll(() => db.close());

/** Everything that migrations make, as the catalogs show it, without the numbers they hand out. */
function schema(): Promise<{ kind: string; name: string; definition: string }[]> {
  return database.read(`
    SELECT * FROM (
      SELECT 'column' AS kind, table_name || '.' || column_name AS name,
        concat_ws(' ', data_type, is_nullable, column_default, is_identity) AS definition
      FROM information_schema.columns WHERE table_schema = 'public'
      UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
      UNION ALL SELECT 'index', tablename || '.' || indexname, indexdef
      FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL SELECT 'aggregate index', view_name,
        regexp_replace(indexdef, '_materialized_hypertable_[0-9]+', 'materialization', 'g')
      FROM timescaledb_information.continuous_aggregates
      JOIN pg_indexes ON schemaname = materialization_hypertable_schema
        AND tablename = materialization_hypertable_name
      UNION ALL SELECT 'aggregate options', view_name, reloptions::text
      FROM timescaledb_information.continuous_aggregates
      JOIN pg_class ON relname = materialization_hypertable_name
      UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, tgtype::text
      FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid
      WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
      UNION ALL SELECT 'sequence', sequencename, data_type::text
      FROM pg_sequences WHERE schemaname = 'public'
      UNION ALL SELECT 'function', proname, prosrc || prosecdef || proconfig::text FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
      UNION ALL SELECT 'aggregate', view_name, view_definition
      FROM timescaledb_information.continuous_aggregates
      UNION ALL SELECT 'chunk interval', coalesce(view_name, dimensions.hypertable_name), time_interval::text
      FROM timescaledb_information.dimensions
      LEFT JOIN timescaledb_information.continuous_aggregates AS materialized
        ON materialization_hypertable_name = dimensions.hypertable_name
      UNION ALL SELECT 'job', proc_name || ' ' || hypertable_name,
        concat_ws(' ', schedule_interval, config - 'hypertable_id' - 'mat_hypertable_id')
      FROM timescaledb_information.jobs WHERE hypertable_name IS NOT NULL
    ) AS everything
    WHERE name !~ '^migrations'
    ORDER BY kind, name, definition`);
}

async function recorded(): Promise<string[]> {
  const rows = await database.read<{ name: string }>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

async function jobs(): Promise<number> {
  const [row] = await database.read<{ count: number }>(
    `SELECT count(*)::int AS count FROM _timescaledb_config.bgw_job WHERE hypertable_id IS NOT NULL`,
  );
  return row!.count;
}

/** Rows of other tests may be such as no aggregate can take, nor an older schema. */
const removeRows = (): Promise<unknown> => database.write('TRUNCATE portfolio_metrics');

test('the migrations are the only maker of the schema', () => {
  expect(database.dataSource.options).toMatchObject({
    synchronize: false,
    migrationsTransactionMode: 'each',
  });
});

test('twice, they change nothing', async () => {
  const before = await schema();
  expect(await recorded()).toEqual(NAMES);
  expect(await migrate(database)).toEqual([]);
  expect(await recorded()).toEqual(NAMES);
  expect(await schema()).toEqual(before);
});

test('down one by one to nothing, and up again to the same, rows or not', async () => {
  await removeRows();
  await insertPortfolio(database, portfolioId(1), [{ day: '2024-01-02', return: 0.01 }]);
  await database.write(
    `CALL refresh_continuous_aggregate('portfolio_metrics_1y_beta', '2024-01-01', '2024-02-01')`,
  );
  for (let left = NAMES.length - 1; left >= 0; left--) {
    const had = await schema();
    await database.dataSource.undoLastMigration();
    expect(await recorded()).toEqual(NAMES.slice(0, left));
    expect(await schema()).not.toEqual(had);
  }
  expect(await schema()).toEqual([]);
  expect(await jobs()).toBe(0);

  expect(await migrate(database)).toEqual(NAMES);
  expect(await schema()).toEqual(madeNew);
  // Compression, and a policy for each aggregate.
  expect(await jobs()).toBe(1 + Object.keys(AGGREGATES).length);
});

test('one that fails leaves nothing half-made, and those before it stay', async () => {
  class Before1999999999998 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.query('CREATE TABLE before_it ()');
    }
    async down(runner: QueryRunner): Promise<void> {
      await runner.query('DROP TABLE before_it');
    }
  }
  class Failing1999999999999 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.query('CREATE TABLE half_made (day date NOT NULL)');
      await runner.query(`SELECT create_hypertable('half_made', by_range('day'))`);
      await runner.query(`SELECT add_retention_policy('half_made', INTERVAL '1 year')`);
      await runner.query('ALTER TABLE portfolios DROP COLUMN name');
      await runner.query('SELECT 1 / 0');
    }
    async down(): Promise<void> {}
  }
  const before = await schema();
  const jobsBefore = await jobs();
  const { host, username } = database.dataSource.options as { host: string; username: string };
  const connection = { socketDir: host, user: username };
  const dataSource = createDataSource(connection, () => undefined).setOptions({
    migrations: [...MIGRATIONS, Before1999999999998, Failing1999999999999],
  });
  await dataSource.initialize();
  try {
    await expect(dataSource.runMigrations()).rejects.toThrow('division by zero');
    expect(await recorded()).toEqual([...NAMES, 'Before1999999999998']);
    expect(await database.read(`SELECT to_regclass('half_made') AS half_made`)).toEqual([
      { half_made: null },
    ]);
    await dataSource.undoLastMigration();
  } finally {
    await dataSource.destroy();
  }
  expect(await schema()).toEqual(before);
  expect(await jobs()).toBe(jobsBefore);
});

describe('rows that were recorded before rows had bounds', () => {
  const id = portfolioId(9);
  const OLD = { day: '0025-01-01', return: 0.01 };
  const FAR = { day: '20000-01-01', return: 0.01 };
  const LOST = { day: '2015-03-02', return: -3 };

  beforeAll(async () => {
    await removeRows();
    while ((await recorded()).includes('RecordedRows1763800000012')) {
      await database.dataSource.undoLastMigration();
    }
    await insertPortfolio(database, id, [OLD, FAR, LOST, { day: '2015-03-03', return: 0.5 }]);
    await insertRows(
      database,
      id,
      ['tied', 'official', 'late'].map((pack) => ({ day: '2015-03-04', pack })),
    );
    // Written by hand: the number that the row before has.
    await database.write(`
      UPDATE portfolio_metrics SET recorded_no = (
        SELECT recorded_no FROM portfolio_metrics WHERE pricing_pack_id = 'tied')
      WHERE pricing_pack_id = 'late'`);
    await database.write(`SELECT compress_chunk(show_chunks('portfolio_metrics'))`);
    await migrate(database);
  });
  afterAll(removeRows);

  test('stay, and are listed', async () => {
    expect(
      await database.read(
        'SELECT asof_date FROM portfolio_metrics_out_of_bounds ORDER BY asof_date',
      ),
    ).toEqual([OLD, LOST, FAR].map(({ day }) => ({ asof_date: day })));
    expect(await database.read('SELECT count(*)::int AS rows FROM portfolio_metrics')).toEqual([
      { rows: 7 },
    ]);
  });

  test('are numbered again where two of a day had one number, in their order', async () => {
    expect(
      await database.read(`SELECT pricing_pack_id AS pack FROM portfolio_metrics
        WHERE asof_date = '2015-03-04' ORDER BY recorded_no`),
    ).toEqual([{ pack: 'late' }, { pack: 'tied' }, { pack: 'official' }]);
  });

  test('get no company, in compressed chunks either', async () => {
    await database.write(`SELECT compress_chunk(show_chunks('portfolio_metrics'), true)`);
    const tomorrow = Math.floor(Date.now() / 86_400_000) + 1;
    const dayIn = (days: number): string =>
      new Date((tomorrow + days) * 86_400_000).toISOString().slice(0, 10);
    for (const row of [
      { day: '1899-12-31' },
      { day: dayIn(1) },
      { day: '20000-01-02' },
      { day: '2015-03-05', return: -1.01 },
      { day: '2024-03-05', return: -1.01 },
    ]) {
      const error: unknown = await insertRows(database, id, [row]).catch((e: unknown) => e);
      expect(sqlStateOf(error)).toBe('23514');
    }
    const allowed = [{ day: dayIn(0), return: -1 }, { day: '1900-01-01' }];
    await insertRows(database, id, allowed);
    await database.write('DELETE FROM portfolio_metrics WHERE asof_date = ANY($1::date[])', [
      allowed.map(({ day }) => day),
    ]);
  });
});

describe('the schema', () => {
  test('has the aggregates, materialized only, each with its policy', async () => {
    expect(
      await database.read(`
        SELECT view_name, materialized_only, scheduled, schedule_interval::text AS schedule,
          config->>'start_offset' AS start, config->>'end_offset' AS "end"
        FROM timescaledb_information.continuous_aggregates
        JOIN timescaledb_information.jobs ON jobs.hypertable_name = view_name
          AND proc_name = 'policy_refresh_continuous_aggregate'
        ORDER BY job_id`),
    ).toEqual(
      [
        ['portfolio_metrics_30d_rolling', '01:00:00', '1 mon', '01:00:00'],
        ['portfolio_metrics_60d_rolling', '06:00:00', '2 mons', '01:00:00'],
        ['portfolio_metrics_90d_sharpe', '1 day', '3 mons', '01:00:00'],
        ['portfolio_metrics_1y_beta', '1 day', '1 year', '01:00:00'],
      ].map(([view_name, schedule, start, end]) => ({
        view_name,
        materialized_only: true,
        scheduled: true,
        schedule,
        start,
        end,
      })),
    );
  });

  test('compresses what is old, by portfolio', async () => {
    expect(
      await database.read(`
        SELECT proc_name, scheduled, config->>'compress_after' AS after
        FROM timescaledb_information.jobs WHERE hypertable_name = 'portfolio_metrics'`),
    ).toEqual([{ proc_name: 'policy_compression', scheduled: true, after: '2 years' }]);
    expect(
      await database.read(`
        SELECT segmentby, orderby FROM timescaledb_information.hypertable_compression_settings
        WHERE hypertable = 'portfolio_metrics'::regclass`),
    ).toEqual([{ segmentby: 'portfolio_id', orderby: 'asof_date,pricing_pack_id' }]);
  });

  test('holds an aggregate in few chunks, however far its days are apart', async () => {
    const days = [
      '1900-01-01',
      '1914-06-28',
      '1969-12-31',
      '1970-01-01',
      '2014-05-09',
      '2014-05-10',
    ];
    const starts = [
      '1896-01-29',
      '1910-11-12',
      '1955-03-21',
      '1970-01-01',
      '1999-07-28',
      '2014-05-10',
    ];
    await removeRows();
    await insertPortfolio(
      database,
      portfolioId(4),
      [...days, '2026-01-02'].map((day) => ({ day, return: 0.01 })),
    );
    for (const name of Object.values(AGGREGATES)) {
      await database.write('CALL refresh_continuous_aggregate($1::regclass, NULL, NULL)', [
        name.sqlName,
      ]);
    }
    expect(
      await database.read(`
        SELECT view_name, array_agg(range_start::date::text ORDER BY range_start) AS starts
        FROM timescaledb_information.continuous_aggregates AS aggregate
        JOIN timescaledb_information.chunks
          ON chunks.hypertable_name = materialization_hypertable_name
        GROUP BY view_name ORDER BY view_name`),
    ).toEqual(
      Object.values(AGGREGATES)
        .map(({ sqlName }) => ({ view_name: sqlName, starts }))
        .toSorted((a, b) => a.view_name.localeCompare(b.view_name)),
    );
  });

  test('is in UTC, for sessions and for jobs', async () => {
    expect(
      await database.read(`
        SELECT current_setting('TimeZone') AS session,
          (SELECT setconfig FROM pg_db_role_setting
            JOIN pg_database ON pg_database.oid = setdatabase
            WHERE datname = current_database() AND setrole = 0) AS database`),
    ).toEqual([{ session: 'UTC', database: ['TimeZone=UTC'] }]);
  });
});

describe('portfolio_metrics', () => {
  const id = portfolioId(2);
  beforeAll(() => insertPortfolio(database, id));

  test.each([
    'twr_1d',
    'benchmark_twr_1d',
    'beta_1y',
    'alpha_1y',
    'tracking_error_1y',
    'portfolio_value_base',
  ])('takes finite numbers and null as %s, and no others', async (column) => {
    const insert = (value: string | null): Promise<unknown> =>
      database.write(
        `INSERT INTO portfolio_metrics (portfolio_id, asof_date, pricing_pack_id, ${column})
        VALUES ($1, '2024-01-02', $2 || random(), $3)`,
        [id, column, value],
      );
    for (const value of ['NaN', 'Infinity', '-Infinity']) {
      const error: unknown = await insert(value).catch((thrown: unknown) => thrown);
      expect(sqlStateOf(error)).toBe('23514');
    }
    await insert(null);
    await insert('0');
    await insert(column === 'twr_1d' ? '-1' : '-1.7976931348623157e308');
  });

  test.each(['infinity', '-infinity'])('takes no day at %s', async (day) => {
    const error: unknown = await insertRows(database, id, [{ day }]).catch(
      (thrown: unknown) => thrown,
    );
    // Refused by the check, or before it, as a day that no chunk can have.
    expect(['23514', '22008']).toContain(sqlStateOf(error));
  });

  test('numbers rows in the order in which they are written', async () => {
    await insertRows(database, id, [{ day: '2024-03-05' }, { day: '2024-03-04' }]);
    expect(
      await database.read(
        `SELECT asof_date FROM portfolio_metrics WHERE asof_date BETWEEN '2024-03-01' AND '2024-03-31'
        ORDER BY recorded_no`,
      ),
    ).toEqual([{ asof_date: '2024-03-05' }, { asof_date: '2024-03-04' }]);
  });
});

describe('the number of a row', () => {
  let id: string;
  let portfolios = 40;
  const insert = (day: string, pack: string, no: string): Promise<unknown> =>
    database.write(
      `INSERT INTO portfolio_metrics (portfolio_id, asof_date, pricing_pack_id, recorded_no)
      VALUES ($1, $2, $3, ${no})`,
      [id, day, pack],
    );
  const last = async (): Promise<unknown> => {
    const rows = await database.read<{ pack: string }>(
      `SELECT last(pricing_pack_id, recorded_no) AS pack FROM portfolio_metrics WHERE portfolio_id = $1`,
      [id],
    );
    return rows[0]!.pack;
  };

  beforeEach(async () => {
    id = portfolioId(portfolios++);
    await insertPortfolio(database, id);
  });

  test('is that of no other row of the day', async () => {
    await insert('2024-05-02', 'a', '7');
    const error: unknown = await insert('2024-05-02', 'b', '7').catch((e: unknown) => e);
    expect(sqlStateOf(error)).toBe('23505');
  });

  test('is greater than those that rows copied from elsewhere brought', async () => {
    await insert('2024-05-02', 'copied', '5000000');
    await insert('2024-05-02', 'sent last', 'DEFAULT');
    expect(await last()).toBe('sent last');
    await database.write(
      `UPDATE portfolio_metrics SET recorded_no = 9000000 WHERE pricing_pack_id = 'copied'`,
    );
    await insert('2024-05-02', 'sent then', 'DEFAULT');
    expect(await last()).toBe('sent then');
  });

  test('stays when the row is corrected where it stands', async () => {
    await insert('2024-05-02', 'sent first', 'DEFAULT');
    await insert('2024-05-02', 'sent last', 'DEFAULT');
    await database.write(
      `UPDATE portfolio_metrics SET twr_1d = 0.5 WHERE pricing_pack_id = 'sent first'`,
    );
    expect(await last()).toBe('sent last');
  });
});
