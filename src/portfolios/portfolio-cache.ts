import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Revisions } from '../aggregates/revisions/revisions.js';
import { portfoliosRevision } from '../aggregates/revisions/snapshot.js';
import { PORTFOLIO_WRITES } from '../aggregates/revisions/write-counts.js';
import type { Reader } from '../aggregates/series/daily-series-store.js';
import type { Database } from '../database/database.js';
import type { Portfolio } from './portfolio.js';

/** The columns of a Portfolio. */
export const PORTFOLIO_COLUMNS = `id, name, code, base_currency AS "baseCurrency",
  benchmark_id AS "benchmarkId", periods_per_year AS "periodsPerYear", tenant`;

/** The maximum number of bytes, about, of portfolios, and as much again of lists of them. */
const MAX_BYTES = 16_777_216;
const BYTES_A_PORTFOLIO = 700;
const BYTES_A_LIST = 300;
const BYTES_A_ROW = 300;
/** Portfolios on a list are cached once, by id. */
const BYTES_AN_ID = 64;

/** Rows of one statement, and whether they may be cached. */
interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly isCurrent: boolean;
}

/**
 * Portfolios in memory as long as nothing is written to any of them. Those of all tenants:
 * PortfolioStore decides which of them a caller may see.
 */
export class PortfolioCache {
  private readonly portfolios: LRUCache<string, { readonly row: Portfolio | null }>;
  private readonly lists: LRUCache<string, readonly unknown[]>;
  private writes = -1;
  private revision = '';

  constructor(
    private readonly database: Database,
    private readonly revisions: Revisions,
    /** How long a row is cached at most, in milliseconds. */
    maxAge: number,
  ) {
    this.portfolios = new LRUCache({
      maxSize: MAX_BYTES,
      sizeCalculation: () => BYTES_A_PORTFOLIO,
      ttl: maxAge,
    });
    this.lists = new LRUCache({ maxSize: MAX_BYTES, ttl: maxAge });
  }

  /** By id; null for an unknown one. */
  async findByIds(
    ids: readonly string[],
    reader: Reader = {},
  ): Promise<ReadonlyMap<string, Portfolio | null>> {
    await this.current(reader);
    const found = new Map<string, Portfolio | null>();
    for (const id of ids) {
      const known = this.portfolios.get(id);
      if (known) found.set(id, known.row);
    }
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length === 0) return found;
    const { rows, isCurrent } = await this.read<Portfolio>(
      `SELECT ${PORTFOLIO_COLUMNS} FROM portfolios WHERE id = ANY($1::uuid[])`,
      [missing],
      reader,
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const id of missing) {
      const row = byId.get(id) ?? null;
      found.set(id, row);
      if (isCurrent) this.portfolios.set(id, { row });
    }
    return found;
  }

  /** What a statement that returns portfolios, and nothing else, returns. */
  async listPortfolios(
    sql: string,
    parameters: readonly unknown[],
    reader: Reader = {},
  ): Promise<readonly Portfolio[]> {
    await this.current(reader);
    const key = keyOf(sql, parameters);
    const ids = this.lists.get(key) as readonly string[] | undefined;
    const known = ids?.flatMap((id) => this.portfolios.get(id)?.row ?? []);
    if (ids && known?.length === ids.length) return known;
    const { rows, isCurrent } = await this.read<Portfolio>(sql, parameters, reader);
    if (!isCurrent) return rows;
    for (const row of rows) this.portfolios.set(row.id, { row });
    this.keep(
      key,
      rows.map(({ id }) => id),
      BYTES_AN_ID,
    );
    return rows;
  }

  /** What a statement over portfolios, and nothing else, returns. */
  async list<Row extends object>(
    sql: string,
    parameters: readonly unknown[],
    reader: Reader = {},
  ): Promise<readonly Row[]> {
    await this.current(reader);
    const key = keyOf(sql, parameters);
    const known = this.lists.get(key) as readonly Row[] | undefined;
    if (known) return known;
    const { rows, isCurrent } = await this.read<Row>(sql, parameters, reader);
    if (isCurrent) this.keep(key, rows, BYTES_A_ROW);
    return rows;
  }

  private keep(key: string, list: readonly unknown[], bytesEach: number): void {
    this.lists.set(key, list, { size: BYTES_A_LIST + key.length + bytesEach * list.length });
  }

  /** Forgets all where portfolios have been written. */
  private async current({ signal, dependencies }: Reader): Promise<void> {
    const { snapshot } = this.revisions.peek() ?? (await this.revisions.current(signal));
    const revision = portfoliosRevision(snapshot);
    if (revision !== this.revision) {
      this.revision = revision;
      this.writes = snapshot.portfolioWrites;
      this.portfolios.clear();
      this.lists.clear();
    }
    dependencies?.portfolios(snapshot);
  }

  private async read<Row>(
    sql: string,
    parameters: readonly unknown[],
    { signal, dependencies }: Reader,
  ): Promise<Rows<Row>> {
    const database = this.database.withSignal(signal);
    const before = this.revision;
    // One row even where there is none, so that the count always comes.
    const rows = await database.readPrepared<Row & { place: number | null; writes: number }>(
      `SELECT found.*, counted.writes
      FROM (SELECT ${PORTFOLIO_WRITES} AS writes) AS counted
      LEFT JOIN (SELECT *, row_number() OVER () AS place FROM (${sql}) AS listed) AS found ON true
      ORDER BY found.place`,
      parameters,
    );
    const isCurrent = rows[0]!.writes === this.writes && before === this.revision;
    if (!isCurrent) dependencies?.unknown();
    return { rows: rows.filter(({ place }) => place !== null), isCurrent };
  }
}

/** Two hundred ids, or a long text that is searched for, take no more room than this. */
function keyOf(sql: string, parameters: readonly unknown[]): string {
  return hash('sha256', JSON.stringify([sql, parameters]), 'base64');
}
