import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AGGREGATES } from '../../../src/aggregates/registry.js';
import {
  EVERY_PORTFOLIO,
  MAX_RECORDS,
  pruneChanges,
} from '../../../src/aggregates/revisions/change-log.js';
import { mergeLog } from '../../../src/aggregates/revisions/merge-log.js';
import { adoptRestoredDatabase } from '../../../src/aggregates/revisions/restored-database.js';
import { Revisions } from '../../../src/aggregates/revisions/revisions.js';
import { MAX_LOGGED, readPendingDays } from '../../../src/aggregates/revisions/snapshot.js';
import type { Database } from '../../../src/database/database.js';
import { toDay } from '../../../src/metrics/calendar.js';
import { InterceptedDatabase } from '../../helpers/intercepted-database.js';
import {
  insertPortfolio,
  insertRows,
  portfolioId,
  refreshAll,
  refreshOne,
} from '../../helpers/test-data.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';
import { daysOf } from '../../helpers/test-days.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const { sqlName } = AGGREGATES[NAME];
const [P, Q] = [portfolioId(1), portfolioId(2)];
const DAY = '2024-03-10';

let db: TestDatabase;
let database: Database;
let revisions: Revisions;

beforeAll(async () => {
  db = await openTestDatabase();
  ({ database } = db);
  const rows = daysOf('2024-01-01', '2024-06-30').map((day) => ({ day, return: 0.01, value: 1 }));
  for (const id of [P, Q]) await insertPortfolio(database, id, rows);
});
afterAll(() => db.close());

// Nothing is pending, and nothing is recorded.
beforeEach(async () => {
  await refreshOne(database, NAME, '2024-01-01', '2024-06-30');
  await database.write('DELETE FROM metric_changes');
  revisions = new Revisions(database, 0);
  await revisions.current();
});

const refresh = (): Promise<unknown> =>
  database.write(`CALL refresh_continuous_aggregate('${sqlName}', '2024-01-01', '2024-07-01')`);

const restate = (id: string, day = DAY): Promise<unknown> =>
  database.write(
    'UPDATE portfolio_metrics SET twr_1d = twr_1d + 1 WHERE portfolio_id = $1 AND asof_date = $2',
    [id, day],
  );

/** Which of the two portfolios count as changed once the next snapshot is read. */
async function changedBy(...changes: (() => Promise<unknown>)[]): Promise<string[]> {
  const ids = [P, Q];
  const before = ids.map((id) => revisions.ofSeries(NAME, id));
  for (const change of changes) await change();
  await revisions.current();
  return ids.flatMap((id, n) => (revisions.ofSeries(NAME, id) === before[n] ? [] : [id]));
}

describe('a refresh changes', () => {
  test('the portfolio that was written, whether the write was seen before it or not', async () => {
    expect(await changedBy(() => restate(P), refresh)).toEqual([P]);
    expect(await changedBy(() => restate(P))).toEqual([]);
    expect(await changedBy(refresh)).toEqual([P]);
    expect(await changedBy(refresh)).toEqual([]);
  });

  test('both portfolios between which a row was moved', async () => {
    await insertRows(database, P, [{ day: DAY, pack: 'moved', return: 5 }]);
    await changedBy(refresh);
    const move = `UPDATE portfolio_metrics SET portfolio_id = $1 WHERE pricing_pack_id = 'moved'`;
    expect(await changedBy(() => database.write(move, [Q]), refresh)).toEqual([P, Q]);
  });

  test('a portfolio of which rows were deleted or inserted, in compressed chunks, too', async () => {
    await database.write(`SELECT compress_chunk(show_chunks('portfolio_metrics'))`);
    const remove = `DELETE FROM portfolio_metrics WHERE portfolio_id = $1 AND asof_date = $2`;
    expect(await changedBy(() => database.write(remove, [P, DAY]), refresh)).toEqual([P]);
    const insert = (): Promise<unknown> => insertRows(database, Q, [{ day: DAY, pack: 'new' }]);
    expect(await changedBy(insert, refresh)).toEqual([Q]);
    const decompress = `SELECT decompress_chunk(show_chunks('portfolio_metrics'))`;
    expect(await changedBy(() => database.write(decompress))).toEqual([]);
    await insertRows(database, P, [{ day: DAY, return: 1 }]);
  });

  test('every portfolio after TRUNCATE', async () => {
    await database.write('CREATE TABLE saved AS TABLE portfolio_metrics');
    const truncate = (): Promise<unknown> => database.write('TRUNCATE portfolio_metrics');
    try {
      expect(await changedBy(truncate, refresh)).toEqual([P, Q]);
    } finally {
      await database.write('INSERT INTO portfolio_metrics SELECT * FROM saved');
      await database.write('DROP TABLE saved');
    }
  });
});

describe('a change that TimescaleDB logs without a record', () => {
  test.each<[string, () => Promise<unknown>]>([
    [
      'of a savepoint that is rolled back',
      () =>
        database.transaction(async (session) => {
          await session.query('SAVEPOINT s');
          await session.query(`UPDATE portfolio_metrics SET twr_1d = 9 WHERE asof_date = '${DAY}'`);
          await session.query('ROLLBACK TO SAVEPOINT s');
        }),
    ],
    [
      'of an exception block',
      () =>
        database.write(`DO $$ BEGIN
          BEGIN
            UPDATE portfolio_metrics SET twr_1d = 9 WHERE asof_date = '${DAY}';
            RAISE EXCEPTION 'no';
          EXCEPTION WHEN OTHERS THEN NULL; END;
        END $$`),
    ],
  ])('%s does not hide a write that a refresh has taken', async (_, phantom) => {
    expect(await changedBy(() => restate(P), refresh, phantom)).toContain(P);
  });

  async function asReplica(): Promise<void> {
    await database.write('SET session_replication_role = replica');
    await restate(Q).finally(() => database.write('SET session_replication_role = origin'));
  }

  async function toItsChunk(): Promise<void> {
    const [chunk] = await database.read<{ name: string }>(
      `SELECT tableoid::regclass::text AS name FROM portfolio_metrics WHERE asof_date = $1 LIMIT 1`,
      [DAY],
    );
    await database.write(
      `UPDATE ${chunk!.name} SET twr_1d = twr_1d + 1 WHERE portfolio_id = $1 AND asof_date = $2`,
      [Q, DAY],
    );
  }

  test.each([
    ['of a write as a replica', asReplica],
    ['of a write to a chunk by its own name', toItsChunk],
  ])('%s may change every portfolio once its day is refreshed', async (_, write) => {
    // A recorded write of the same day explains nothing of the other.
    await changedBy(() => restate(P));
    await changedBy(write);
    // Before 2.28 TimescaleDB does not log what replicas write: then no refresh takes it.
    const isLogged = revisions.latest!.snapshot.unrecorded.length > 0;
    expect(isLogged || write === asReplica).toBe(true);
    expect(await changedBy(refresh)).toEqual(isLogged ? [P, Q] : [P]);
  });
});

describe("TimescaleDB's log", () => {
  const logged = async (): Promise<number> => {
    const [row] = await database.read<{ count: number }>(
      'SELECT count(*)::int FROM _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log',
    );
    return row!.count;
  };

  test('is merged once many transactions are in it, and the same days are pending', async () => {
    await database.write(`DO $$ BEGIN
      FOR n IN 1..${MAX_LOGGED} LOOP
        UPDATE portfolio_metrics SET twr_1d = n
        WHERE portfolio_id = '${P}' AND asof_date = date '2024-02-02' + n % 2;
        COMMIT;
      END LOOP;
    END $$`);
    expect(await logged()).toBe(MAX_LOGGED);
    expect(await changedBy()).toEqual([]);
    // The embedded engine has one session: it merges before it responds to this. A server takes a moment.
    for (const until = performance.now() + 10_000; performance.now() < until;) {
      if ((await logged()) === 0) break;
    }
    expect(await logged()).toBe(0);
    // Merging looks like a refresh, which may have taken what is recorded.
    expect(await changedBy()).toEqual([P]);
    expect(revisions.latest!.snapshot.aggregates[NAME].state.pending).toMatchObject([
      { from: toDay('2024-02-02'), to: toDay('2024-02-03') },
    ]);
    expect(await changedBy()).toEqual([]);
  });
});

describe('of many records', () => {
  const MANY = 1200;
  const parameters: unknown[][] = [];
  const listed = async (): Promise<number> => {
    await revisions.current();
    return (parameters.at(-1)![1] as unknown[]).length;
  };
  const addRecords = (from: number, to: number): Promise<unknown> =>
    database.write(
      `INSERT INTO metric_changes SELECT n::text::xid8, $1, '{[2024-02-02,2024-02-03)}' FROM generate_series($2::int, $3::int) AS n`,
      [P, from, to],
    );

  beforeEach(() => {
    revisions = new Revisions(
      new InterceptedDatabase(database, (statement, next) => {
        parameters.push([...statement.parameters]);
        return next();
      }),
      0,
    );
  });

  test('more than a snapshot reads count for every portfolio, and no further one is read', async () => {
    await addRecords(1, MAX_RECORDS + 1);
    // To read its days would fail.
    await database.write(
      `INSERT INTO metric_changes VALUES ('900000', $1, '{[-infinity,2024-01-01)}')`,
      [P],
    );
    try {
      expect(await changedBy()).toEqual([P, Q]);
      expect(revisions.latest!.snapshot.changes).toBeNull();
    } finally {
      await database.write('DELETE FROM metric_changes');
    }
  });

  test('those that are known are not listed, and one of an earlier transaction is found', async () => {
    await addRecords(100_001, 100_000 + MANY);
    await revisions.current();
    expect(await listed()).toBe(0);
    await addRecords(200_000, 200_000);
    expect(await changedBy()).toEqual([P]);
    expect(await listed()).toBe(1);
    await addRecords(100_000, 100_000);
    expect(await changedBy()).toEqual([P]);
    expect(revisions.latest!.snapshot.changes).toHaveLength(MANY + 2);
  });
});

test('of all portfolios, after a failover or a recovery that may have lost transactions', async () => {
  let history: object = {};
  const inHistory = new InterceptedDatabase(database, async (_, next) =>
    (await next()).map((row) => ({ ...(row as object), ...history })),
  );
  revisions = new Revisions(inHistory, 0);
  await revisions.current();
  expect(await changedBy()).toEqual([]);
  history = { recovered_at: '2024-01-01' };
  expect(await changedBy()).toEqual([P, Q]);
  expect(await changedBy()).toEqual([]);
  history = { position: { history: '7/2', lsn: '0' } };
  expect(await changedBy()).toEqual([P, Q]);
});

describe('without any record', () => {
  test('chunks that are dropped take the rows of all along', async () => {
    const refreshOld = (): Promise<unknown> =>
      database.write(`CALL refresh_continuous_aggregate('${sqlName}', '1990-01-01', '1990-01-02')`);
    await insertRows(database, P, [{ day: '1990-01-01', return: 1 }]);
    try {
      await changedBy(refreshOld);
      const drop = `SELECT drop_chunks('${sqlName}', older_than => date '2000-01-01')`;
      expect(await changedBy(() => database.write(drop))).toEqual([P, Q]);
    } finally {
      await database.write(`DELETE FROM portfolio_metrics WHERE asof_date = '1990-01-01'`);
      await refreshOld();
    }
  });

  test('a trigger that is dropped leaves nothing in memory', async () => {
    const name = 'record_metric_truncate';
    expect(
      await changedBy(() => database.write(`DROP TRIGGER ${name} ON portfolio_metrics`)),
    ).toEqual([P, Q]);
    expect(await changedBy()).toEqual([P, Q]);
    await database.write(
      `CREATE TRIGGER ${name} AFTER TRUNCATE ON portfolio_metrics FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`,
    );
    await changedBy();
    expect(await changedBy()).toEqual([]);
  });
});

test('in a database that was restored from a dump, transactions that have ids of recorded ones are seen', async () => {
  // As from a server that had begun more transactions than this one has.
  const later = `SELECT (pg_current_xact_id()::text::bigint + n)::text::xid8 AS id FROM generate_series(1, 100) AS n`;
  await database.write(
    `INSERT INTO metric_changes SELECT id, '${P}', '{(,)}' FROM (${later}) AS later`,
  );
  await database.write(`INSERT INTO portfolio_writes ${later}`);
  await database.write(`UPDATE metric_changes_pruned SET database_identity = 'of another server',
    snapshot = '9000000000:9000000000:'`);
  await database.write(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET TimeZone', current_database()); END $$`,
  );

  await adoptRestoredDatabase(database);

  revisions = new Revisions(database, 0);
  const before = await revisions.current();
  const source = revisions.ofSource(P);
  await restate(P);
  await database.write(`UPDATE portfolios SET name = 'changed' WHERE id = $1`, [P]);
  const after = await revisions.current();
  expect(revisions.ofSource(P)).toBeGreaterThan(source);
  expect(after.snapshot.portfolioWrites).toBeGreaterThan(before.snapshot.portfolioWrites);
  const [row] = await database.read<object>(`
    SELECT pg_snapshot_xmax(snapshot) <= pg_current_xact_id() AS known,
      (SELECT setconfig FROM pg_db_role_setting JOIN pg_database AS own ON own.oid = setdatabase
        WHERE setrole = 0 AND own.datname = current_database()) AS settings
    FROM metric_changes_pruned`);
  expect(row).toEqual({ known: true, settings: ['TimeZone=UTC'] });
  // It is known from now on.
  db.statements.length = 0;
  await adoptRestoredDatabase(database);
  expect(db.statements).toHaveLength(2);
});

describe('the records of changes', () => {
  interface Found {
    readonly portfolio: string;
    readonly days: string;
  }
  const records = (): Promise<Found[]> =>
    database.read<Found>(
      'SELECT portfolio_id AS portfolio, days::text FROM metric_changes ORDER BY portfolio_id',
    );

  test('are one for each transaction and portfolio', async () => {
    await database.transaction(async (session) => {
      for (const day of ['2024-02-02', '2024-02-03', '2024-02-07']) {
        await session.query('UPDATE portfolio_metrics SET twr_1d = 0 WHERE asof_date = $1', [day]);
      }
    });
    const days = '{[2024-02-02,2024-02-04),[2024-02-07,2024-02-08)}';
    expect(await records()).toEqual([P, Q].map((portfolio) => ({ portfolio, days })));
  });

  test('are none of what is rolled back, fails or changes nothing', async () => {
    await expect(insertRows(database, P, [{ day: DAY }])).rejects.toThrow('duplicate key');
    await database.write(`DELETE FROM portfolio_metrics WHERE asof_date = '2025-01-01'`);
    await database.write(`UPDATE portfolios SET name = 'another' WHERE id = $1`, [P]);
    expect(await records()).toEqual([]);
  });

  test('of TRUNCATE are of every portfolio', async () => {
    let found: unknown;
    const truncating = database.transaction(async (session) => {
      await session.query('TRUNCATE portfolio_metrics');
      [found] = await session.query('SELECT portfolio_id, days::text FROM metric_changes');
      throw new Error('rolled back');
    });
    await expect(truncating).rejects.toThrow('rolled back');
    expect(found).toEqual({ portfolio_id: EVERY_PORTFOLIO, days: '{(,)}' });
  });

  const prune = async (): Promise<void> => {
    await database.write(
      `UPDATE metric_changes_pruned SET pruned_at = '-infinity', remaining = -1000`,
    );
    await pruneChanges(database, readPendingDays);
  };

  test('of too many portfolios are merged to one for all', async () => {
    await restate(P, '2024-02-02');
    await mergeLog(database);
    await database.write(
      `INSERT INTO metric_changes
      SELECT pg_current_xact_id(), gen_random_uuid(), '{[2024-02-02,2024-02-03)}'
      FROM generate_series(1, $1::int)`,
      [MAX_RECORDS],
    );
    const remaining = (): Promise<unknown[]> =>
      database.write('SELECT remaining::int FROM metric_changes_pruned');
    // The first prune takes none of them, so it is not to be the last one until there are twice as many.
    await prune();
    expect(await remaining()).toEqual([{ remaining: 0 }]);
    await prune();
    expect(await remaining()).toEqual([{ remaining: 1 }]);
    expect(await records()).toEqual([
      { portfolio: EVERY_PORTFOLIO, days: '{[2024-02-02,2024-02-03)}' },
    ]);
  });

  test('that the prune before has seen are merged, and go once none of their days is pending', async () => {
    await restate(P, '2024-02-02');
    await restate(P, '2024-02-05');
    await restate(Q, '2024-02-03');
    await prune();
    await prune();
    // A change that TimescaleDB has logged is recognized by its transaction.
    expect(await records()).toHaveLength(3);
    await mergeLog(database);
    await prune();
    expect(await records()).toEqual([
      { portfolio: P, days: '{[2024-02-02,2024-02-03),[2024-02-05,2024-02-06)}' },
      { portfolio: Q, days: '{[2024-02-03,2024-02-04)}' },
    ]);
    await refreshAll(database, '2024-01-01', '2024-06-30');
    await prune();
    expect(await records()).toEqual([]);
  });
});
