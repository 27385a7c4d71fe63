import type { Client } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { Failure } from '../errors.js';

/** How many transactions at a time are looked at behind a pooler. */
const TRANSACTIONS = 3;

/**
 * Throws a Failure where a pooler gives a client another session of the server for each
 * transaction: advisory locks, LISTEN and prepared statements belong to sessions.
 */
export async function checkPooling(dataSource: DataSource): Promise<void> {
  const runners = Array.from({ length: TRANSACTIONS + 1 }, () =>
    dataSource.createQueryRunner('master'),
  );
  const [first, ...others] = runners as [QueryRunner, ...QueryRunner[]];
  try {
    const client = (await first.connect()) as Client & { readonly processID: number | null };
    const session = await sessionOf(first);
    // A pooler gives clients process ids of its own, which they need to cancel statements.
    if (client.processID === null || client.processID === session) return;
    for (const other of others) {
      await other.startTransaction();
      if ((await sessionOf(other)) === session) throw sharedSessions();
    }
    if ((await sessionOf(first)) !== session) throw sharedSessions();
  } finally {
    for (const runner of runners) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
  }
}

async function sessionOf(runner: QueryRunner): Promise<number> {
  const [row] = (await runner.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
  return row.pid;
}

function sharedSessions(): Failure {
  return new Failure(
    'DATABASE_URL leads through a connection pooler that gives every transaction another session (pool_mode = transaction): the locks that keep refreshes apart, LISTEN and prepared statements do not work there. Set pool_mode = session for this database in pgbouncer.ini, or point DATABASE_URL to the server itself.',
  );
}
