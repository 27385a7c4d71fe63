import { randomBytes } from 'node:crypto';
import { DEFAULT_TENANT, EVERY_TENANT, ownerOf } from '../access/tenant.js';
import type { Queryable } from '../database/database.js';
import { sqlStateOf, UNIQUE_VIOLATION } from '../database/sql-state.js';
import { LAST_ROWS } from '../metrics/rows-a-year.js';
import { existsFor } from '../portfolios/tenant-condition.js';
import {
  dailyMetricsColumns,
  PLAIN_PARSERS,
  PORTFOLIO_COLUMNS,
  type ImportColumn,
} from './columns.js';
import { MAX_FAULTS, type StagedFault } from './faults.js';
import { summarize, type RowSummary } from './import-summary.js';
import { computeReturns } from './price-returns.js';
import type { RowBatch } from './row-batch.js';
import {
  bitOf,
  isGiven,
  writeRows,
  type Slice,
  type WriteCounts,
  type WriteOptions,
} from './write-rows.js';

export interface DailyWriteCounts extends WriteCounts {
  /** First and last day among the staged rows; null without any. */
  readonly from: string | null;
  readonly to: string | null;
}

/** A portfolio that an import makes. */
export interface NewPortfolio {
  readonly id: string;
  /** Of the file of portfolios; null where that does not have it. */
  readonly code: string | null;
  readonly periods: number | null;
  /** Whether the file of portfolios says how many periods a year it has. */
  readonly isGiven: boolean;
  /** The last days of its rows, descending. */
  readonly days: readonly number[];
}

/** Any number that no other program takes for an advisory lock. One writer at a time holds it. */
export const WRITE_LOCK = 6_387_428;

/** How their texts were read does not matter here. */
const METRICS_COLUMNS = dailyMetricsColumns(0, PLAIN_PARSERS);

/** Which rows of a portfolio's day is official: the one with the greatest number. */
const OFFICIAL = {
  group: 'portfolio_id, asof_date',
  number: 'recorded_no',
  sequence: 'portfolio_metrics_recorded_no',
};
/** What the comparison with stored rows may take for each of its sorts before it uses the disk. */
const SORT_MEMORY = '64MB';
/** About how many rows one statement writes: they fit into that memory, whatever the file holds. */
const SLICE_ROWS = 20_000;
const NOTHING: WriteCounts = { inserted: 0, updated: 0, unchanged: 0 };

const CHANGES_CURRENCY = 'staged.base_currency <> stored.base_currency';
const CHANGES_BENCHMARK = `(${isGiven('staged', PORTFOLIO_COLUMNS, 'benchmark_id')}
  AND staged.benchmark_id IS DISTINCT FROM stored.benchmark_id)`;

/**
 * Rows on their way into portfolios and portfolio_metrics, held in temporary tables with their
 * line numbers: there they are checked against each other and against what is stored, and from
 * there they are written in the order of their lines.
 */
export class Staging {
  // The embedded engine has one session, so two stagings at once need names of their own.
  private readonly suffix = randomBytes(8).toString('hex');
  private readonly portfolios = `staged_portfolios_${this.suffix}`;
  private readonly metrics = `staged_metrics_${this.suffix}`;

  constructor(private readonly session: Queryable) {}

  async create(): Promise<void> {
    await this.session.query(createTable(this.portfolios, PORTFOLIO_COLUMNS));
    await this.session.query(createTable(this.metrics, METRICS_COLUMNS));
  }

  /** The statement that removes the tables, which would end with their session. */
  get dropStatement(): string {
    return `DROP TABLE IF EXISTS ${this.portfolios}, ${this.metrics}`;
  }

  /** Adds rows with the columns of PORTFOLIO_COLUMNS. */
  addPortfolios(batch: RowBatch): Promise<unknown> {
    return this.session.query(...insertBatch(this.portfolios, PORTFOLIO_COLUMNS, batch));
  }

  /** Adds rows with the columns of dailyMetricsColumns. */
  addMetrics(batch: RowBatch): Promise<unknown> {
    return this.session.query(...insertBatch(this.metrics, METRICS_COLUMNS, batch));
  }

  /**
   * Locks the portfolios that would get another currency or benchmark: until the transaction ends,
   * no first row of them can be recorded.
   */
  lockChangedPortfolios(transaction: Queryable): Promise<unknown> {
    return transaction.query(`
      SELECT FROM portfolios AS stored JOIN ${this.portfolios} AS staged USING (id)
      WHERE ${CHANGES_CURRENCY} OR ${CHANGES_BENCHMARK}
      ORDER BY stored.id FOR UPDATE OF stored`);
  }

  /**
   * Staged portfolios whose id stands on an earlier line too, that another tenant has or would get,
   * whose tenant would change, or whose rows are in another currency or beside another benchmark.
   */
  portfolioFaults(session: Queryable, tenant: string): Promise<StagedFault[]> {
    return session.query(
      `
      SELECT staged.line, 'id' AS column, staged.id::text AS value,
        format('stands on line %s too', first.line) AS rule
      FROM (
        SELECT id, min(line) AS line FROM ${this.portfolios} GROUP BY id HAVING count(*) > 1
      ) AS first
      JOIN ${this.portfolios} AS staged ON staged.id = first.id AND staged.line > first.line
      UNION ALL
      SELECT staged.line, 'id', staged.id::text, 'is not available'
      FROM ${this.portfolios} AS staged
      JOIN portfolios AS stored USING (id)
      WHERE NOT ${existsFor('stored', '$1')}
      UNION ALL
      SELECT staged.line, 'tenant', staged.tenant, 'is not the tenant of the caller'
      FROM ${this.portfolios} AS staged
      WHERE staged.tenant IS NOT NULL AND NOT ${existsFor('staged', '$1')}
      UNION ALL
      SELECT staged.line, 'tenant', staged.tenant,
        format('is not that of portfolio %s, "%s", which never changes', stored.id, stored.tenant)
      FROM ${this.portfolios} AS staged
      JOIN portfolios AS stored ON stored.id = staged.id AND stored.tenant <> staged.tenant
      WHERE ${existsFor('stored', '$1')}
      UNION ALL
      SELECT coded.line, 'code', coded.code,
        format('is that of portfolio %s too', coalesce(stored.id, coded.first_id))
      FROM (
        SELECT line, id, code, tenant,
          first_value(id) OVER (PARTITION BY code, tenant ORDER BY line) AS first_id
        FROM (
          -- In the tenant that it has, or will get.
          SELECT staged.line, staged.id, staged.code, coalesce(same.tenant,
            nullif($1, '${EVERY_TENANT}'), staged.tenant, '${DEFAULT_TENANT}') AS tenant
          FROM ${this.portfolios} AS staged
          LEFT JOIN portfolios AS same USING (id)
          WHERE staged.code IS NOT NULL
        ) AS placed
      ) AS coded
      LEFT JOIN portfolios AS stored
        ON stored.code = coded.code AND stored.tenant = coded.tenant AND stored.id <> coded.id
      WHERE stored.id IS NOT NULL OR coded.first_id <> coded.id
      UNION ALL
      SELECT staged.line, changed.column, coalesce(changed.value, ''),
        format('is not that of portfolio %s, "%s", which cannot change once rows are recorded',
          stored.id, changed.stored)
      FROM ${this.portfolios} AS staged
      JOIN portfolios AS stored USING (id)
      CROSS JOIN LATERAL (
        SELECT 'base_currency' AS column, staged.base_currency AS value, stored.base_currency AS stored
        WHERE ${CHANGES_CURRENCY}
        UNION ALL
        SELECT 'benchmark_id', staged.benchmark_id, stored.benchmark_id
        WHERE ${CHANGES_BENCHMARK}
      ) AS changed
      WHERE ${existsFor('stored', '$1')}
        AND EXISTS (SELECT FROM portfolio_metrics AS row WHERE row.portfolio_id = stored.id)
      ORDER BY line LIMIT ${MAX_FAULTS}`,
      [tenant],
    );
  }

  /**
   * The ids that codes have in a tenant, `*` for all: of staged portfolios, then of stored ones that
   * are not about to get another. Staged portfolios without a tenant become the caller's.
   */
  findCodes(
    session: Queryable,
    tenant: string,
    codes: readonly string[],
    caller: string,
  ): Promise<{ code: string; id: string }[]> {
    const givesCode = isGiven('staged', PORTFOLIO_COLUMNS, 'code');
    return session.query(
      `
      SELECT staged.code, staged.id FROM ${this.portfolios} AS staged
      LEFT JOIN portfolios AS same USING (id)
      WHERE staged.code = ANY($1)
        AND $2 IN ('${EVERY_TENANT}', coalesce(same.tenant, staged.tenant, $3))
      UNION
      SELECT stored.code, stored.id FROM portfolios AS stored
      WHERE stored.code = ANY($1) AND ${existsFor('stored', '$2')}
        AND NOT EXISTS (
          SELECT FROM ${this.portfolios} AS staged
          WHERE (staged.id = stored.id AND ${givesCode})
            OR (staged.code = stored.code AND staged.id <> stored.id)
        )`,
      [codes, tenant, ownerOf(caller)],
    );
  }

  /**
   * Staged metrics of portfolios that do not exist for the tenant: of each, the first. Where portfolios
   * are still to be written, those that are staged and those that are `made` exist too.
   */
  unknownPortfolios(
    session: Queryable,
    tenant: string,
    made: readonly string[] | null = null,
  ): Promise<StagedFault[]> {
    return session.query(
      `
      SELECT min(staged.line) AS line, 'portfolio_id' AS column, staged.portfolio_id::text AS value,
        'is no known portfolio' AS rule
      FROM ${this.metrics} AS staged
      GROUP BY staged.portfolio_id
      HAVING NOT EXISTS (
          SELECT FROM portfolios AS known
          WHERE known.id = staged.portfolio_id AND ${existsFor('known', '$1')}
        )
        AND ($2::uuid[] IS NULL OR NOT (
          staged.portfolio_id = ANY($2)
          OR EXISTS (SELECT FROM ${this.portfolios} AS new WHERE new.id = staged.portfolio_id)
        ))
      ORDER BY line LIMIT ${MAX_FAULTS}`,
      [tenant, made],
    );
  }

  /**
   * Puts the staged metrics in the order of portfolios and days, by which they are checked,
   * summarized and written: of a large file, which would be sorted for each of them. Gives whether
   * each key stands on one line only.
   */
  async sortMetrics(session: Queryable): Promise<boolean> {
    const order = `${this.metrics}_order`;
    const index = (kind: string): Promise<unknown> =>
      session.query(
        `CREATE ${kind} ${order} ON ${this.metrics} (portfolio_id, asof_date, pricing_pack_id)`,
      );
    let isUnique = true;
    try {
      await index('UNIQUE INDEX');
    } catch (error) {
      if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
      isUnique = false;
      await index('INDEX');
    }
    await session.query(`CLUSTER ${this.metrics} USING ${order}`);
    await session.query(`ANALYZE ${this.metrics}`);
    return isUnique;
  }

  /** Staged metrics whose key stands on an earlier line too. */
  repeatedKeys(session: Queryable): Promise<StagedFault[]> {
    return session.query(`
      SELECT line, 'asof_date' AS column, asof_date::text AS value,
        format('of portfolio %s, pricing pack %s, stands on line %s too',
          portfolio_id, pricing_pack_id, first_line) AS rule
      FROM (
        SELECT line, portfolio_id, asof_date, pricing_pack_id,
          first_value(line) OVER same_key AS first_line, row_number() OVER same_key AS number
        FROM ${this.metrics}
        WINDOW same_key AS (PARTITION BY portfolio_id, asof_date, pricing_pack_id ORDER BY line)
      ) AS numbered
      WHERE number > 1
      ORDER BY line LIMIT ${MAX_FAULTS}`);
  }

  /** Computes the returns of staged prices; gives how many stored returns follow them. */
  computeReturns(session: Queryable): Promise<number> {
    return computeReturns(session, this.metrics, bitOf(METRICS_COLUMNS, 'twr_1d'));
  }

  /** What the staged metrics hold. */
  summarize(session: Queryable): Promise<RowSummary> {
    return summarize(session, this.metrics);
  }

  /** Gives staged portfolios without periods a year these, which a new one gets. */
  setPeriods(session: Queryable, periodsPerYear: number): Promise<unknown> {
    return session.query(
      `UPDATE ${this.portfolios} SET periods_per_year = $1 WHERE periods_per_year IS NULL`,
      [periodsPerYear],
    );
  }

  /** A stored portfolio with staged rows that has, and keeps, other periods a year. */
  async keepingPeriods(
    session: Queryable,
    periodsPerYear: number,
  ): Promise<{ id: string; periods: number } | undefined> {
    const [other] = await session.query<{ id: string; periods: number }>(
      `SELECT stored.id, stored.periods_per_year AS periods FROM portfolios AS stored
      WHERE stored.periods_per_year <> $1
        AND (stored.id IN (SELECT portfolio_id FROM ${this.metrics})
          OR stored.id IN (SELECT id FROM ${this.portfolios}))
        AND NOT EXISTS (
          SELECT FROM ${this.portfolios} AS staged
          WHERE staged.id = stored.id AND ${isGiven('staged', PORTFOLIO_COLUMNS, 'periods_per_year')}
        )
      ORDER BY stored.id LIMIT 1`,
      [periodsPerYear],
    );
    return other;
  }

  /** The portfolios with staged rows that are not stored, each with its last days, descending. */
  newPortfolios(session: Queryable): Promise<NewPortfolio[]> {
    return session.query(
      `SELECT recent.portfolio_id AS id, min(staged.code) AS code,
        min(staged.periods_per_year) AS periods,
        coalesce(bool_or(${isGiven('staged', PORTFOLIO_COLUMNS, 'periods_per_year')}), false) AS "isGiven",
        array_agg(recent.day ORDER BY recent.day DESC) AS days
      FROM (
        SELECT each.portfolio_id, last.day
        FROM (SELECT DISTINCT portfolio_id FROM ${this.metrics}) AS each
        CROSS JOIN LATERAL (
          SELECT row.asof_date - date '1970-01-01' AS day FROM ${this.metrics} AS row
          WHERE row.portfolio_id = each.portfolio_id
          GROUP BY row.asof_date ORDER BY row.asof_date DESC LIMIT ${LAST_ROWS}
        ) AS last
        WHERE NOT EXISTS (SELECT FROM portfolios AS stored WHERE stored.id = each.portfolio_id)
      ) AS recent
      LEFT JOIN ${this.portfolios} AS staged ON staged.id = recent.portfolio_id
      GROUP BY recent.portfolio_id ORDER BY recent.portfolio_id`,
    );
  }

  /** Makes portfolios, in dollars, whose names are their codes. Part of a transaction. */
  async makePortfolios(
    transaction: Queryable,
    tenant: string,
    made: readonly (readonly [code: string, id: string])[],
    periodsPerYear: number,
  ): Promise<void> {
    await transaction.query(
      `INSERT INTO portfolios (id, name, code, base_currency, tenant, periods_per_year)
      SELECT id, code, code, 'USD', $3, $4 FROM unnest($1::uuid[], $2::text[]) AS made (id, code)
      ON CONFLICT DO NOTHING`,
      [made.map(([, id]) => id), made.map(([code]) => code), ownerOf(tenant), periodsPerYear],
    );
  }

  /** Codes that portfolios are to be made for, of which another portfolio has the id. */
  async takenCodes(
    session: Queryable,
    tenant: string,
    made: readonly (readonly [code: string, id: string])[],
  ): Promise<string[]> {
    const rows = await session.query<{ readonly code: string }>(
      `SELECT given.code FROM unnest($1::uuid[], $2::text[]) AS given (id, code)
      JOIN portfolios AS stored USING (id)
      WHERE stored.tenant <> $3 OR stored.code IS DISTINCT FROM given.code
      LIMIT ${MAX_FAULTS}`,
      [made.map(([, id]) => id), made.map(([code]) => code), ownerOf(tenant)],
    );
    return rows.map(({ code }) => code);
  }

  /** Codes that are not, or no longer, those of the tenant's portfolios with these ids. */
  async otherCodes(
    session: Queryable,
    tenant: string,
    codes: readonly (readonly [code: string, id: string])[],
  ): Promise<string[]> {
    const rows = await session.query<{ readonly code: string }>(
      `SELECT given.code FROM unnest($1::uuid[], $2::text[]) AS given (id, code)
      WHERE NOT EXISTS (
        SELECT FROM portfolios AS stored
        WHERE stored.id = given.id AND stored.code = given.code AND ${existsFor('stored', '$3')}
      ) LIMIT ${MAX_FAULTS}`,
      [codes.map(([, id]) => id), codes.map(([code]) => code), tenant],
    );
    return rows.map(({ code }) => code);
  }

  /** Writes the staged portfolios, new ones for the tenant. Part of a transaction. */
  async writePortfolios(
    transaction: Queryable,
    tenant: string,
    { isDryRun }: Pick<WriteOptions, 'isDryRun'> = {},
  ): Promise<WriteCounts> {
    if (tenant !== EVERY_TENANT) {
      await transaction.query(`UPDATE ${this.portfolios} SET tenant = $1`, [tenant]);
    }
    return writeRows(transaction, {
      staged: this.portfolios,
      table: 'portfolios',
      columns: PORTFOLIO_COLUMNS,
      touch: 'updated_at = now()',
      isDryRun,
    });
  }

  /**
   * Writes the staged metrics. Part of a transaction. The last row of a portfolio's day becomes
   * the official one, where it is not already.
   */
  async writeMetrics(
    transaction: Queryable,
    { isDryRun, progress }: Pick<WriteOptions, 'isDryRun' | 'progress'> = {},
  ): Promise<DailyWriteCounts> {
    // Rows in compressed chunks are decompressed to be replaced; by default only so many.
    await transaction.query(
      'SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0',
    );
    await transaction.query(`SET LOCAL work_mem = '${SORT_MEMORY}'`);
    // The planner knows nothing of a temporary table by itself.
    await transaction.query(`ANALYZE ${this.metrics}`);
    const [days] = await transaction.query<Pick<DailyWriteCounts, 'from' | 'to'>>(
      `SELECT min(asof_date) AS "from", max(asof_date) AS "to" FROM ${this.metrics}`,
    );
    const { from, to } = days!;
    if (from === null || to === null) return { ...NOTHING, from, to };
    // As literals, so that only the chunks of these days are looked at.
    const storedWhere = `asof_date BETWEEN '${from}' AND '${to}'`;
    const slices = await transaction.query<Slice>(`
      SELECT format('portfolio_id BETWEEN %L AND %L', min(id), max(id)) AS condition,
        CASE WHEN bool_and(is_new) THEN sum(rows)::int END AS "newRows"
      FROM (
        SELECT portfolio_id::text COLLATE "C" AS id, count(*) AS rows,
          div(sum(count(*)) OVER (ORDER BY portfolio_id) - 1, ${SLICE_ROWS}) AS number,
          -- Nothing else refers to a portfolio of this transaction. Also one that it has updated has its xmin.
          EXISTS (
            SELECT FROM portfolios
            WHERE id = staged.portfolio_id AND created_at = now() AND xmin = pg_current_xact_id()::xid
          ) AS is_new
        FROM ${this.metrics} AS staged GROUP BY portfolio_id
      ) AS numbered
      GROUP BY number ORDER BY number`);
    const counts = await writeRows(transaction, {
      staged: this.metrics,
      slices,
      table: 'portfolio_metrics',
      storedWhere,
      columns: METRICS_COLUMNS,
      touch: 'recorded_at = now()',
      official: OFFICIAL,
      isDryRun,
      progress,
    });
    return { ...counts, from, to };
  }
}

function createTable(table: string, columns: readonly ImportColumn[]): string {
  const definitions = columns.map(({ name, sqlType }) => `${name} ${sqlType}`);
  return `CREATE TEMPORARY TABLE ${table} (line integer, given integer, ${definitions.join(', ')})`;
}

/** Inserts the columns that any row of the batch has. */
function insertBatch(
  table: string,
  columns: readonly ImportColumn[],
  { lines, given, columns: values }: RowBatch,
): [sql: string, parameters: unknown[]] {
  const filled = [
    { name: 'line', sqlType: 'integer', fields: lines },
    { name: 'given', sqlType: 'integer', fields: given },
    ...columns
      .map(({ name, sqlType }, index) => ({ name, sqlType, fields: values[index]! }))
      .filter(({ fields }) => fields.some((field) => field !== null)),
  ];
  const names = filled.map(({ name }) => name);
  const arrays = filled.map(({ sqlType }, index) => `$${index + 1}::${sqlType}[]`);
  return [
    `INSERT INTO ${table} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`,
    filled.map(({ sqlType, fields }) => (sqlType === 'text' ? fields : arrayLiteral(fields))),
  ];
}

/** As the driver writes an array of texts that need no quotes, in a fifth of the time. */
function arrayLiteral(fields: readonly (number | string | null)[]): string {
  return `{${fields.map((field) => field ?? 'NULL').join(',')}}`;
}
