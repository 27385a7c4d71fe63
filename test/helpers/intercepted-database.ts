import { Database } from '../../src/database/database.js';

/** Sends a statement on with `next`, or does something else; gives the rows. */
export type Interceptor = (
  statement: { readonly sql: string; readonly parameters: readonly unknown[] },
  next: () => Promise<unknown[]>,
) => Promise<unknown[]>;

/**
 * The database of another one, in which a test has its say before and after every statement
 * outside transactions. On the embedded engine the connection is free meanwhile.
 */
export class InterceptedDatabase extends Database {
  constructor(
    private readonly inner: Database,
    private readonly intercept: Interceptor,
  ) {
    super(inner.engine, inner.dataSource);
  }

  override withSignal(signal: AbortSignal | undefined): Database {
    return new InterceptedDatabase(this.inner.withSignal(signal), this.intercept);
  }

  override read<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const next = (): Promise<unknown[]> => this.inner.read(sql, parameters);
    return this.intercept({ sql, parameters }, next) as Promise<Row[]>;
  }

  override readPrepared<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const next = (): Promise<unknown[]> => this.inner.readPrepared(sql, parameters);
    return this.intercept({ sql, parameters }, next) as Promise<Row[]>;
  }

  override write<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const next = (): Promise<unknown[]> => this.inner.write(sql, parameters);
    return this.intercept({ sql, parameters }, next) as Promise<Row[]>;
  }

  override writePrepared<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const next = (): Promise<unknown[]> => this.inner.writePrepared(sql, parameters);
    return this.intercept({ sql, parameters }, next) as Promise<Row[]>;
  }
}

/** Whether a statement refreshes one slice of an aggregate. */
export function isSlice(sql: string): boolean {
  return sql.startsWith('CALL refresh_continuous_aggregate');
}
