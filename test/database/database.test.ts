import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { Database } from '../../src/database/database.js';
import { openTestDatabase, type TestDatabase } from '../helpers/test-database.js';

const READ_DATES = fileURLToPath(new URL('../helpers/read-dates.mjs', import.meta.url));

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
  await db.database.write('CREATE TABLE notes (note text PRIMARY KEY)');
});
afterAll(() => db.close());

async function notes(): Promise<string[]> {
  const rows = await db.database.read<{ note: string }>('SELECT note FROM notes ORDER BY note');
  return rows.map(({ note }) => note);
}

test('every statement gives its rows', async () => {
  const { database } = db;
  expect(await database.write(`INSERT INTO notes VALUES ($1)`, ['a'])).toEqual([]);
  const updated = await database.write(`UPDATE notes SET note = $1 RETURNING note`, ['b']);
  expect(updated).toEqual([{ note: 'b' }]);
  expect(await database.read('SELECT note FROM notes')).toEqual([{ note: 'b' }]);
  expect(await database.write('DELETE FROM notes RETURNING note')).toEqual([{ note: 'b' }]);
});

test('an observer sees the statements, in their order', async () => {
  db.statements.length = 0;
  await db.database.transaction(async (session) => {
    await session.query('SELECT 1');
  });
  expect(db.statements).toEqual(['START TRANSACTION', 'SELECT 1', 'COMMIT']);
});

// No second connection of a server is requested while one is held, either: here there is only one.
describe.each(['embedded', 'server'] as const)('with the engine %s', (engine) => {
  let database: Database;
  beforeAll(async () => {
    database = new Database(engine, db.database.dataSource);
    await database.write('DELETE FROM notes');
  });

  test('a transaction happens', async () => {
    const result = await database.transaction(async (session) => {
      await session.query(`INSERT INTO notes VALUES ('kept')`);
      return session.query('SELECT note FROM notes');
    });
    expect(result).toEqual([{ note: 'kept' }]);
    expect(await notes()).toEqual(['kept']);
  });

  test('a transaction whose work fails has not happened', async () => {
    const failure = new Error('no');
    const transaction = database.transaction(async (session) => {
      await session.query(`INSERT INTO notes VALUES ('lost')`);
      throw failure;
    });
    await expect(transaction).rejects.toBe(failure);
    expect(await notes()).toEqual(['kept']);
  });

  test('a transaction with a statement that fails has not happened, and says which', async () => {
    const transaction = database.transaction(async (session) => {
      await session.query(`INSERT INTO notes VALUES ('lost')`);
      await session.query(`INSERT INTO notes VALUES ('kept')`);
    });
    await expect(transaction).rejects.toThrow('duplicate key');
    expect(await notes()).toEqual(['kept']);
  });

  test('a transaction whose last check fails at the commit has not happened', async () => {
    await database.write(`
      CREATE TABLE replies (note text REFERENCES notes DEFERRABLE INITIALLY DEFERRED)`);
    const transaction = database.transaction(async (session) => {
      await session.query(`INSERT INTO notes VALUES ('lost')`);
      await session.query(`INSERT INTO replies VALUES ('of no note')`);
    });
    await expect(transaction).rejects.toThrow('foreign key');
    expect(await notes()).toEqual(['kept']);
    await database.write('DROP TABLE replies');
  });

  test('a session keeps a temporary table, through transactions, good and bad', async () => {
    const staged = await database.session(async (session) => {
      await session.query('CREATE TEMPORARY TABLE staged (note text)');
      await session.query(`INSERT INTO staged VALUES ('one')`);
      await session.transaction(async (inner) => {
        await inner.query(`INSERT INTO staged VALUES ('two')`);
      });
      const failing = session.transaction(async (inner) => {
        await inner.query(`INSERT INTO staged VALUES ('three')`);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      const rows = await session.query('SELECT note FROM staged ORDER BY note');
      await session.query('DROP TABLE staged');
      return rows;
    });
    expect(staged).toEqual([{ note: 'one' }, { note: 'two' }]);
  });

  test('a session whose work fails gives its connection back', async () => {
    await expect(database.session((session) => session.query('SELECT 1 / 0'))).rejects.toThrow(
      'division by zero',
    );
    expect(await notes()).toEqual(['kept']);
  });
});

test('in the embedded engine, others are served between the statements of a session', async () => {
  const seen = await db.database.session(async (session) => {
    await session.query('CREATE TEMPORARY TABLE staged ()');
    const meanwhile = await db.database.read('SELECT 1 AS one');
    await session.query('DROP TABLE staged');
    return meanwhile;
  });
  expect(seen).toEqual([{ one: 1 }]);
});

test('a DATE is the string the database sends, in whatever time zone the process is', async () => {
  const { host } = db.database.dataSource.options as { host: string };
  const { stdout } = await promisify(execFile)(process.execPath, [READ_DATES, host], {
    env: {},
  });
  const row = {
    day: '2024-03-10',
    none: null,
    first: '0001-01-01',
    last: '9999-12-31',
    instant: '2024-03-10T00:30:00.000Z',
    session: 'UTC',
  };
  expect(JSON.parse(stdout)).toEqual([
    { zone: 'America/Los_Angeles', offset: 480, ...row },
    { zone: 'Pacific/Kiritimati', offset: -840, ...row },
    { zone: 'UTC', offset: 0, ...row },
  ]);
});

describe('a transaction of which one at a time runs', () => {
  const LOCK = 1;
  /** How many wait for a connection, of which there is one. */
  const waiting = (): number =>
    (db.database.dataSource.driver as unknown as { readonly master: Pool }).master.waitingCount;

  test('waits for its turn without a connection, in order, and no longer than its signal', async () => {
    const order: number[] = [];
    const queued: number[] = [];
    const gone = new AbortController();
    const write = (n: number, database = db.database): Promise<unknown> =>
      database.exclusiveTransaction(LOCK, async (session) => {
        order.push(n);
        await session.query('SELECT 1');
        // The others have all had the time to request a connection.
        queued.push(waiting());
      });
    const writes = Array.from({ length: 10 }, (_, n) => write(n));
    const given = write(10, db.database.withSignal(gone.signal));
    const last = write(11);
    gone.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    await Promise.all([...writes, last]);
    expect(queued).toEqual(order.map(() => 0));
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11]);
  });

  test('gives its turn on when it fails', async () => {
    const failing = db.database.exclusiveTransaction(LOCK, async () => {
      throw new Error('no');
    });
    const next = db.database.exclusiveTransaction(LOCK, async () => 'done');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('done');
  });
});
