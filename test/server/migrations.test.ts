import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { MIGRATIONS } from '../../migrations/index.js';
import type { Database } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { connect, type OpenDatabase } from '../../src/database/open-database.js';
import { Failure } from '../../src/errors.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { createServerDatabase, type ServerDatabase } from '../helpers/server-database.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';

const NAMES = MIGRATIONS.map(({ name }) => name);
/** The first migration that needs what a reader keeps others from: it drops indexes of the aggregates. */
const BLOCKED = NAMES.indexOf('CoveringIndexes1763800000010');
const READ = 'SELECT count(*)::int AS count FROM portfolio_metrics_90d_sharpe';
/** How long a reader may have to wait for a migration that waits. */
const MAX_STALL_MS = 1000;

let server: ServerDatabase;

beforeAll(async () => {
  server = await createServerDatabase();
});
afterAll(() => server.drop());

function open(onMigrationWaiting?: (reason: string) => void): Promise<OpenDatabase> {
  const connection = { url: server.url, replicaUrls: [], poolSize: 6 };
  return connect('server', connection, {
    check: checkTimescale,
    ...(onMigrationWaiting ? { onMigrationWaiting } : {}),
  });
}

test('of several instances that start at once one migrates, and the others wait', async () => {
  const reasons: string[] = [];
  const opened = await Promise.all([1, 2, 3].map(() => open((reason) => reasons.push(reason))));
  await Promise.all(opened.map(({ close }) => close()));
  const migrated = opened.map((each) => each.migrated.join(' ')).toSorted();
  expect(migrated).toEqual(['', '', NAMES.join(' ')]);
  expect(reasons.length).toBeGreaterThanOrEqual(2);
  for (const reason of reasons) {
    expect(reason).toMatch(/^Another instance brings the schema up to date, as session \d+\.$/);
  }
});

describe('a reader that is idle in its transaction', () => {
  let database: Database;
  let close: () => Promise<void>;
  let reader: Client;
  let pid: number;

  beforeAll(async () => {
    ({ database, close } = await open());
    await insertPortfolio(database, portfolioId(1), [{ day: '2024-01-02', return: 0.01 }]);
    await database.write(
      `CALL refresh_continuous_aggregate('portfolio_metrics_90d_sharpe', '2024-01-01', '2024-02-01')`,
    );
    while ((await recorded()).length > BLOCKED) await database.dataSource.undoLastMigration();
    reader = await server.connect();
    const { rows } = await reader.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    ({ pid } = rows[0]!);
    await reader.query('BEGIN');
    await reader.query(READ);
  });
  afterAll(() => close());

  async function recorded(): Promise<string[]> {
    const rows = await database.read<{ name: string }>('SELECT name FROM migrations ORDER BY id');
    return rows.map(({ name }) => name);
  }

  test('is named where it stays in the way', async () => {
    const migrating = migrate(database, { maxBlockedMs: 500 });
    await expect(migrating).rejects.toThrow(Failure);
    await expect(migrating).rejects.toThrow(
      `Migration ${NAMES[BLOCKED]} waited 0.5 s for a lock held by session ${pid} ("", idle in transaction): ${READ}. End its transaction, or the session (SELECT pg_terminate_backend(${pid})), and start again: npm run migrate.`,
    );
    expect(await recorded()).toEqual(NAMES.slice(0, BLOCKED));
    const held = await database.read(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    expect(held).toEqual([]);
  });

  test('makes no other reader wait behind the migration, which goes on when it ends', async () => {
    const blocked = new AbortController();
    let longest = 0;
    const migrating = migrate(database, {
      onWaiting: (reason) => {
        blocked.abort();
        expect(reason).toBe(
          `The migration waits for a lock held by session ${pid} ("", idle in transaction): ${READ}`,
        );
      },
    });
    // Until it has waited, tried again, and waited again.
    for (
      const until = performance.now() + 2500;
      !blocked.signal.aborted || performance.now() < until;
    ) {
      const started = performance.now();
      await database.read(READ);
      longest = Math.max(longest, performance.now() - started);
    }
    await reader.query('COMMIT');
    expect(await migrating).toEqual(NAMES.slice(BLOCKED));
    expect(longest).toBeLessThan(MAX_STALL_MS);
    expect(await recorded()).toEqual(NAMES);
    expect(await migrate(database)).toEqual([]);
    expect(await database.write(`SELECT current_setting('lock_timeout') AS timeout`)).toEqual([
      { timeout: '0' },
    ]);
  });
});
