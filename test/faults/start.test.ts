import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openDatabase, type OpenDatabase } from '../../src/database/open-database.js';
import type { Failure } from '../../src/errors.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { openFaultyDatabase, type FaultyDatabase } from '../helpers/faulty-database.js';

let db: FaultyDatabase;

beforeAll(async () => {
  db = await openFaultyDatabase();
});
afterAll(() => db.close());

/** Opens the database like a server, and does something once it waits for it. */
function openWaiting(seconds: number, onWaiting: (reason: Failure) => void): Promise<OpenDatabase> {
  return openDatabase(
    { engine: 'server', url: db.proxy.url, replicaUrls: [], poolSize: 6 },
    {
      onFailure: (failure) => {
        throw failure;
      },
      check: checkTimescale,
      wait: { seconds, onWaiting },
    },
  );
}

test.each([
  ['is not there yet', undefined, /Connection terminated|ECONN/],
  ['still starts', '57P03', /injected 57P03/],
  ['has no connection free yet', '53300', /injected 53300/],
])('a server that %s at the start is waited for', async (_name, sqlState, reason) => {
  db.proxy.refuse(sqlState);
  const reasons: string[] = [];
  const { database, close } = await openWaiting(30, ({ message }) => {
    reasons.push(message);
    if (reasons.length === 2) db.proxy.heal();
  });
  expect(await database.read('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await close();
  expect(reasons).toHaveLength(2);
  expect(reasons[0]).toMatch(/^The database cannot be reached: .*\. Check DATABASE_URL\.$/);
  expect(reasons[0]).toMatch(reason);
});

test('a server that does not come is said to be missing, and how long it was waited for', async () => {
  db.proxy.refuse('57P03');
  await expect(openWaiting(0.3, () => undefined)).rejects.toThrow(
    'The database cannot be reached: injected 57P03. Check DATABASE_URL. Waited for it 0.3 s (DATABASE_WAIT_SECONDS).',
  );
  db.proxy.heal();
});

test('what no waiting fixes is said at once', async () => {
  db.proxy.refuse('28P01');
  const waited: unknown[] = [];
  await expect(openWaiting(30, (reason) => waited.push(reason))).rejects.toThrow(
    /^The database cannot be reached: injected 28P01\. Check DATABASE_URL\.$/,
  );
  expect(waited).toEqual([]);
  db.proxy.heal();
});

test('a server that is lost while its schema is looked at is waited for, too', async () => {
  let lost = 0;
  db.proxy.onStatement((sql) => (/timescaledb/.test(sql) && ++lost === 1 ? 'cut' : undefined));
  const { close } = await openWaiting(30, () => undefined);
  await close();
  expect(lost).toBeGreaterThan(1);
  db.proxy.heal();
});

test('a read-only server with an old schema is waited for until it is the primary', async () => {
  await db.direct.dataSource.undoLastMigration();
  // TypeORM prints which migration failed.
  const print = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  db.proxy.onStatement((sql) =>
    /^(CREATE|INSERT|ALTER)/.test(sql.trim()) ? { sqlState: '25006' } : undefined,
  );
  const reasons: string[] = [];
  const { migrated, close } = await openWaiting(30, ({ message }) => {
    reasons.push(message);
    db.proxy.heal();
  });
  await close();
  print.mockRestore();
  expect(migrated).toHaveLength(1);
  expect(reasons).toEqual([
    'The database is read-only, and its schema is not up to date: injected 25006. Point DATABASE_URL to the primary server.',
  ]);
});
