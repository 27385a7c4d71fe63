import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase, QueryConfig } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { Mutex } from '../async/mutex.js';
import { until } from '../async/until.js';
import { abandon } from './abandon.js';
import { Replicas } from './replicas.js';
import { isReadOnly, isUnavailable } from './sql-state.js';
import { StatementQueue } from './statement-queue.js';
import { cancellable } from './statement.js';

/** Called before every statement with its text. */
export type StatementObserver = (sql: string) => void;

/** Something that statements can be sent to. */
export interface Queryable {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A session that keeps what its statements leave in it. */
export interface Session
  extends Queryable, Pick<Database, 'engine' | 'transaction' | 'exclusiveTransaction'> {
  /** As `query`, for statements of few texts: each connection plans a text once. */
  queryPrepared<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Takes away what was left in it, also when the work was given up. Never fails. */
  cleanUp(sql: string): Promise<void>;
}

type Transaction = Database['transaction'];

/** How often a lock that another instance holds is tried, in milliseconds. */
const LOCK_RETRY_MS = 100;

/**
 * The database, whichever engine it runs on. The embedded engine has one session and one
 * connection: a caller must not request a second one while it holds the first.
 */
export class Database {
  constructor(
    readonly engine: 'embedded' | 'server',
    readonly dataSource: DataSource,
    private readonly queue = new StatementQueue(),
    private readonly signal?: AbortSignal,
    private readonly writers = new Mutex(),
    readonly replicas = new Replicas(),
  ) {}

  /**
   * The same database for work that ends when the signal aborts. Reads reject at once,
   * with the signal's reason; writes are rolled back as a whole or have happened as a whole. On
   * a server the statement is cancelled; the embedded engine cannot do that and ends it.
   */
  withSignal(signal: AbortSignal | undefined): Database {
    const { engine, dataSource, queue, writers, replicas } = this;
    return new Database(engine, dataSource, queue, signal, writers, replicas);
  }

  /**
   * Runs a reading statement, on a replica where one shows everything that this process has seen
   * of the primary (`replicas.require`).
   */
  read<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.readWith({ text: sql, values: [...parameters] });
  }

  /** As `read`, for statements of few texts: each connection plans a text once. */
  readPrepared<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.readWith({ name: nameOf(sql), text: sql, values: [...parameters] });
  }

  /** Runs a statement on the primary server. */
  write<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.runStatement((runner) => query<Row>(runner, sql, parameters));
  }

  /** As `write`, for statements of few texts: each connection plans a text once. */
  writePrepared<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.runStatement((runner) => this.queryPrepared<Row>(runner, sql, parameters));
  }

  /** Runs `work` in one transaction on the primary server: all of it happens, or nothing. */
  transaction<Result>(work: (session: Queryable) => Promise<Result>): Promise<Result> {
    return this.run((runner, client) => this.inTransaction(runner, client, work));
  }

  /**
   * A transaction of which one at a time runs, over all instances: `lock` is the number of an
   * advisory lock. Waiting for it holds no connection.
   */
  exclusiveTransaction<Result>(
    lock: number,
    work: (session: Queryable) => Promise<Result>,
  ): Promise<Result> {
    return this.exclusively(lock, (inner) => this.transaction(inner), work);
  }

  /**
   * A session of its own for work that leaves something in it between statements, such as a
   * temporary table. The embedded engine's one session serves, between other statements.
   */
  async session<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    if (this.engine === 'embedded') {
      const always = this.withSignal(undefined);
      return work({
        engine: this.engine,
        query: (sql, parameters) => this.write(sql, parameters),
        queryPrepared: (sql, parameters) => this.writePrepared(sql, parameters),
        transaction: (inner) => this.transaction(inner),
        exclusiveTransaction: (lock, inner) => this.exclusiveTransaction(lock, inner),
        cleanUp: async (sql) => ignoreFailure(always.write(sql)),
      });
    }
    return this.run((runner, client) => {
      const transaction: Transaction = (inner) => this.inTransaction(runner, client, inner);
      return work({
        engine: this.engine,
        query: this.queryOf(runner, client),
        queryPrepared: <Row>(sql: string, parameters?: readonly unknown[]) =>
          cancellable(client, this.signal, () => this.queryPrepared<Row>(runner, sql, parameters)),
        transaction,
        exclusiveTransaction: (lock, inner) => this.exclusively(lock, transaction, inner),
        cleanUp: async (sql) => ignoreFailure(query(runner, sql)),
      });
    });
  }

  /** On a replica; where none can serve it, the primary does. */
  private async readWith<Row>(statement: QueryConfig): Promise<Row[]> {
    const { signal, queue } = this;
    const send = async (client: ClientBase): Promise<Row[]> => {
      this.dataSource.logger.logQuery(statement.text, statement.values);
      return (await client.query(statement)).rows as Row[];
    };
    const reading = async (): Promise<Row[]> =>
      (await this.replicas.read({ send, signal, queue })) ??
      this.runStatement(async (runner) => send((await runner.connect()) as ClientBase));
    return until(reading(), signal);
  }

  private runStatement<Result>(
    statement: (runner: QueryRunner) => Promise<Result>,
  ): Promise<Result> {
    return this.run((runner, client) => cancellable(client, this.signal, () => statement(runner)));
  }

  /** @param work gets the client with which a statement can be cancelled; null where none can be */
  private async run<Result>(
    work: (runner: QueryRunner, client: ClientBase | null) => Promise<Result>,
  ): Promise<Result> {
    const runner = this.dataSource.createQueryRunner('master');
    const client = this.signal ? await this.connect(runner, this.signal) : null;
    try {
      return await work(runner, this.engine === 'server' ? client : null);
    } catch (error) {
      // After a failover the next connection leads elsewhere.
      if (isUnavailable(error) || isReadOnly(error)) await abandon(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** For a request, which has its place in the queue. Others wait as long as it takes. */
  private async connect(runner: QueryRunner, signal: AbortSignal): Promise<ClientBase> {
    signal.throwIfAborted();
    const connecting = this.queue.wait(() => runner.connect() as Promise<ClientBase>);
    try {
      return await until(connecting, signal);
    } catch (error) {
      // A connection that comes when no caller waits for it any more is released.
      void ignoreFailure(connecting.finally(() => runner.release()));
      throw error;
    }
  }

  private async exclusively<Result>(
    lock: number,
    transaction: Transaction,
    work: (session: Queryable) => Promise<Result>,
  ): Promise<Result> {
    const { signal } = this;
    const turn = this.writers.acquire(signal);
    // A request has its place among those that wait for the database.
    const endTurn = await (signal ? this.queue.wait(() => turn) : turn);
    try {
      for (;;) {
        const outcome = await transaction(async (session) => {
          const [row] = await session.query<{ readonly locked: boolean }>(
            'SELECT pg_try_advisory_xact_lock($1) AS locked',
            [lock],
          );
          return row!.locked ? { result: await work(session) } : null;
        });
        if (outcome) return outcome.result;
        await until(delay(LOCK_RETRY_MS), signal);
      }
    } finally {
      endTurn();
    }
  }

  private queryOf(runner: QueryRunner, client: ClientBase | null): Queryable['query'] {
    return (sql, parameters) =>
      cancellable(client, this.signal, () => query(runner, sql, parameters));
  }

  private async queryPrepared<Row>(
    runner: QueryRunner,
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    const client = (await runner.connect()) as ClientBase;
    this.dataSource.logger.logQuery(sql, [...parameters]);
    const { rows } = await client.query({ name: nameOf(sql), text: sql, values: [...parameters] });
    return rows as Row[];
  }

  private async inTransaction<Result>(
    runner: QueryRunner,
    client: ClientBase | null,
    work: (session: Queryable) => Promise<Result>,
  ): Promise<Result> {
    await runner.startTransaction();
    try {
      const result = await work({ query: this.queryOf(runner, client) });
      // From here on it happens: a commit is not cancelled.
      this.signal?.throwIfAborted();
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // A lost connection cannot roll back, and need not: the first error is the one to report.
      await runner.rollbackTransaction().catch(() => abandon(runner));
      throw error;
    }
  }
}

async function ignoreFailure(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}

const names = new Map<string, string>();

/** A name for a prepared statement; PostgreSQL cuts longer ones. */
function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known) return known;
  const name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
  names.set(sql, name);
  return name;
}

async function query<Row>(
  runner: QueryRunner,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  // The driver gives [rows, count] for UPDATE and DELETE; the structured result always has rows.
  const result = await runner.query(sql, [...parameters], true);
  return result.records as Row[];
}
