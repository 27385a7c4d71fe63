import { setTimeout as delay } from 'node:timers/promises';
import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { Failure } from '../errors.js';
import { abandon } from './abandon.js';
import {
  describeSession,
  findBlockingSessions,
  type BlockingSession,
} from './blocking-sessions.js';
import type { Database, Queryable } from './database.js';
import { LOCK_NOT_AVAILABLE, sqlStateOf } from './sql-state.js';

/** Any number that no other program takes for an advisory lock: the digits spell "metrics". */
const MIGRATION_LOCK = 6_387_427;
/** How often to check whether another instance has ended its migrations. */
const TURN_POLL_MS = 250;
/**
 * How long a migration waits for a lock at a time: statements of others that come meanwhile queue
 * behind it, even those that only read.
 */
const LOCK_TIMEOUT_MS = 100;
/** How long to leave other sessions alone between two attempts. */
const RETRY_MS = 1000;
/** How long attempts go on while other sessions hold what a migration changes. */
const MAX_BLOCKED_MS = 60_000;
/** How often to look for the sessions that a migration waits for. */
const WATCH_MS = 25;
/** PostgreSQL cancels an autovacuum that a session has waited for as long as deadlock_timeout. */
const BEYOND_DEADLOCK_TIMEOUT_MS = 500;

export interface MigrateOptions {
  readonly check?: DatabaseCheck;
  /** Receives a sentence when the migrations wait for a session, once for each that is in the way. */
  readonly onWaiting?: (reason: string) => void;
  /** How long attempts go on while other sessions hold what a migration changes. */
  readonly maxBlockedMs?: number;
}

/** Makes sure that a database is fit for the migrations. Throws a Failure where it is not. */
export type DatabaseCheck = (session: Queryable) => Promise<void>;

/**
 * Checks the database, runs the migrations that have not run yet, each in a
 * transaction, and returns their names. Of several processes that start at once, one does it and
 * the others wait. Throws a Failure that names the blocking session when one is in the way for
 * too long; the migrations before it stay.
 */
export async function migrate(
  database: Database,
  { check, onWaiting = () => undefined, maxBlockedMs = MAX_BLOCKED_MS }: MigrateOptions = {},
): Promise<string[]> {
  const { dataSource } = database;
  return database.session(async (session) => {
    // The embedded engine belongs to this process alone, and has one connection.
    if (database.engine === 'embedded') {
      await check?.(session);
      const migrations = await dataSource.runMigrations();
      return migrations.map(({ name }) => name);
    }
    await takeTurn(session, onWaiting);
    const runner = dataSource.createQueryRunner('master');
    try {
      await check?.(session);
      return await runMigrations(dataSource, runner, session, { onWaiting, maxBlockedMs });
    } finally {
      await runner.query('RESET lock_timeout').catch(() => abandon(runner));
      await runner.release();
      await session.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  });
}

/** Takes the lock of migrations. A statement that waits for it would hold a snapshot meanwhile. */
async function takeTurn(session: Queryable, onWaiting: (reason: string) => void): Promise<void> {
  for (let reported: number | null = null; ;) {
    const [turn] = await session.query<{ taken: boolean; holder: number | null }>(
      `SELECT pg_try_advisory_lock($1) AS taken, (
        SELECT held.pid FROM pg_locks AS held
        WHERE held.locktype = 'advisory' AND held.granted
          AND held.classid = 0 AND held.objid = $1::oid AND held.objsubid = 1
          AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      ) AS holder`,
      [MIGRATION_LOCK],
    );
    const { taken, holder } = turn!;
    if (taken) return;
    if (holder !== reported) {
      onWaiting(`Another instance brings the schema up to date, as session ${holder}.`);
      reported = holder;
    }
    await delay(TURN_POLL_MS);
  }
}

/**
 * Runs migrations on a connection that gives up soon where another session holds what they
 * change, and tries again. `session` looks for the sessions in the way meanwhile.
 */
async function runMigrations(
  dataSource: DataSource,
  runner: QueryRunner,
  session: Queryable,
  { onWaiting, maxBlockedMs }: Required<Omit<MigrateOptions, 'check'>>,
): Promise<string[]> {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'each';
  const names = (await executor.getPendingMigrations()).map(({ name }) => name);
  const [backend] = (await runner.query(
    `SELECT pg_backend_pid() AS pid, setting::int AS deadlock_timeout_ms
    FROM pg_settings WHERE name = 'deadlock_timeout'`,
  )) as [{ pid: number; deadlock_timeout_ms: number }];
  let blocking: readonly BlockingSession[] = [];
  let blockedSince: number | undefined;
  let reported = '';
  for (;;) {
    const timeoutMs = blocking.some(({ isAutovacuum }) => isAutovacuum)
      ? backend.deadlock_timeout_ms + BEYOND_DEADLOCK_TIMEOUT_MS
      : LOCK_TIMEOUT_MS;
    await runner.query(`SET lock_timeout = ${timeoutMs}`);
    const stopWatching = watchBlockingSessions(session, backend.pid);
    try {
      await executor.executePendingMigrations();
      return names;
    } catch (error) {
      if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      blocking = await stopWatching();
      blockedSince ??= performance.now();
      const sessions = blocking.map(describeSession).join('; ') || 'a session that was not seen';
      if (performance.now() - blockedSince >= maxBlockedMs) {
        const [pending] = await executor.getPendingMigrations();
        throw new Failure(
          `Migration ${pending?.name} waited ${maxBlockedMs / 1000} s for a lock held by ${sessions}. End its transaction, or the session (SELECT pg_terminate_backend(${blocking[0]?.pid ?? '<pid>'})), and start again: npm run migrate.`,
          { cause: error },
        );
      }
      if (sessions !== reported) onWaiting(`The migration waits for a lock held by ${sessions}`);
      reported = sessions;
    } finally {
      await stopWatching();
    }
    await delay(RETRY_MS);
  }
}

/** Looks for the sessions that another one waits for. What it returns stops that, and returns those seen last. */
function watchBlockingSessions(
  session: Queryable,
  pid: number,
): () => Promise<readonly BlockingSession[]> {
  let seen: readonly BlockingSession[] = [];
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      const found = await findBlockingSessions(session, pid);
      if (found.length > 0) seen = found;
      await delay(WATCH_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  // Migrations do not depend on it.
  const ended = watching.catch(() => undefined);
  return async () => {
    stopped.abort();
    await ended;
    return seen;
  };
}
