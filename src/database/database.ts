import { createHash } from 'node:crypto';
import type { Client, ClientBase } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { isReadOnly, isUnavailable, PASSING, sqlStateOf } from './sql-state.js';

/** Called before every statement with its text. */
export type StatementObserver = (sql: string) => void;

/** Something that statements can be sent to. */
export interface Queryable {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/**
 * The database, whichever engine it runs on. The embedded engine has one session and one
 * connection: nothing may ask for a second one while it holds the first.
 */
export class Database {
  constructor(
    readonly engine: 'embedded' | 'server',
    readonly dataSource: DataSource,
  ) {}

  /** Runs a reading statement, on a replica where there is one. */
  read<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.reading((runner) => query<Row>(runner, sql, parameters));
  }

  /** As `read`, for statements of few texts: each connection plans a text once. */
  readPrepared<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.reading(async (runner) => {
      const client = (await runner.connect()) as ClientBase;
      this.dataSource.logger.logQuery(sql, [...parameters]);
      const { rows } = await client.query({
        name: nameOf(sql),
        text: sql,
        values: [...parameters],
      });
      return rows as Row[];
    });
  }

  /** Runs a statement on the primary server. */
  write<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.run('master', (runner) => query<Row>(runner, sql, parameters));
  }

  /** Runs `work` in one transaction on the primary server: all of it happens, or nothing. */
  transaction<Result>(work: (session: Queryable) => Promise<Result>): Promise<Result> {
    return this.run('master', (runner) => inTransaction(runner, work));
  }

  /**
   * A session of its own for work that leaves something in it between statements, such as a
   * temporary table. The embedded engine's one session serves, between other statements.
   */
  async session<Result>(
    work: (session: Queryable & Pick<Database, 'transaction'>) => Promise<Result>,
  ): Promise<Result> {
    if (this.engine === 'embedded') {
      return work({
        query: (sql, parameters) => this.write(sql, parameters),
        transaction: (inner) => this.transaction(inner),
      });
    }
    return this.run('master', (runner) =>
      work({
        query: (sql, parameters) => query(runner, sql, parameters),
        transaction: (inner) => inTransaction(runner, inner),
      }),
    );
  }

  /** Runs work that only reads on a replica; where that one cannot, the primary does it. */
  private async reading<Result>(work: (runner: QueryRunner) => Promise<Result>): Promise<Result> {
    try {
      return await this.run('slave', work);
    } catch (error) {
      // A replica also ends statements that are in the way of its replay: passing, too.
      const passes = isUnavailable(error) || PASSING.some((state) => state === sqlStateOf(error));
      if (!this.dataSource.driver.isReplicated || !passes) throw error;
      return this.run('master', work);
    }
  }

  private async run<Result>(
    mode: 'master' | 'slave',
    work: (runner: QueryRunner) => Promise<Result>,
  ): Promise<Result> {
    const runner = this.dataSource.createQueryRunner(mode);
    try {
      return await work(runner);
    } catch (error) {
      // After a failover the next connection leads elsewhere.
      if (isUnavailable(error) || isReadOnly(error)) await abandon(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }
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

async function inTransaction<Result>(
  runner: QueryRunner,
  work: (session: Queryable) => Promise<Result>,
): Promise<Result> {
  await runner.startTransaction();
  try {
    const result = await work({
      query: (sql, parameters) => query(runner, sql, parameters),
    });
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // A lost connection cannot roll back, and need not: the first error is the one to report.
    await runner.rollbackTransaction().catch(() => abandon(runner));
    throw error;
  }
}

/** Ends the connection of a runner, so that nobody is given it again. */
async function abandon(runner: QueryRunner): Promise<void> {
  const client = (await runner.connect().catch(() => undefined)) as Client | undefined;
  // The pool takes back no connection that is ending; how that ends does not matter.
  void client?.end().catch(() => undefined);
}
