import type { Queryable, Session } from '../database/database.js';
import { existsFor } from '../portfolios/tenant-condition.js';
import { dailyMetricsColumns, PORTFOLIO_COLUMNS } from './columns.js';
import type { ImportColumn } from './columns.js';
import type { RowBatch } from './csv-file.js';
import { MAX_FAULTS } from './faults.js';

/** Where a staged row stood, and why it cannot be written: a column, its value and the rule. */
export interface StagedFault {
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly rule: string;
}

/** What was written, in rows. */
export interface WriteCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

export interface DailyWriteCounts extends WriteCounts {
  /** First and last day among the staged rows; null without any. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Any number that no other program takes for an advisory lock. */
const WRITE_LOCK = 6_387_428;

let stagings = 0;

/**
 * Rows on their way into portfolios and portfolio_metrics, held in temporary tables with their
 * line numbers: there they are checked against each other and against what is stored, and from
 * there they are written in the order of their lines.
 */
export class Staging {
  // The embedded engine has one session, so two stagings at once need names of their own.
  private readonly suffix = ++stagings;
  private readonly portfolios = `staged_portfolios_${this.suffix}`;
  private readonly metrics = `staged_metrics_${this.suffix}`;

  constructor(private readonly session: Pick<Session, 'query' | 'cleanUp'>) {}

  async create(): Promise<void> {
    await this.session.query(createTable(this.portfolios, PORTFOLIO_COLUMNS));
    await this.session.query(createTable(this.metrics, dailyMetricsColumns(0)));
  }

  /** Never fails: the tables end with their session, and what was written or refused stays so. */
  drop(): Promise<void> {
    return this.session.cleanUp(`DROP TABLE IF EXISTS ${this.portfolios}, ${this.metrics}`);
  }

  /** Adds rows with the columns of PORTFOLIO_COLUMNS. */
  addPortfolios(batch: RowBatch): Promise<unknown> {
    return this.session.query(...insertBatch(this.portfolios, PORTFOLIO_COLUMNS, batch));
  }

  /** Adds rows with the columns of dailyMetricsColumns. */
  addMetrics(batch: RowBatch): Promise<unknown> {
    return this.session.query(...insertBatch(this.metrics, dailyMetricsColumns(0), batch));
  }

  /** Staged portfolios whose id stands on an earlier line too, or whose tenant would change. */
  portfolioFaults(): Promise<StagedFault[]> {
    return this.session.query(`
      SELECT staged.line, 'id' AS column, staged.id::text AS value,
        format('stands on line %s too', first.line) AS rule
      FROM (
        SELECT id, min(line) AS line FROM ${this.portfolios} GROUP BY id HAVING count(*) > 1
      ) AS first
      JOIN ${this.portfolios} AS staged ON staged.id = first.id AND staged.line > first.line
      UNION ALL
      SELECT staged.line, 'tenant', staged.tenant,
        format('is not that of portfolio %s, "%s", which never changes', stored.id, stored.tenant)
      FROM ${this.portfolios} AS staged
      JOIN portfolios AS stored ON stored.id = staged.id AND stored.tenant <> staged.tenant
      ORDER BY line LIMIT ${MAX_FAULTS}`);
  }

  /**
   * Staged metrics of portfolios that do not exist for the tenant, and those whose key stands on
   * an earlier line too.
   */
  metricsFaults(tenant: string): Promise<StagedFault[]> {
    return this.session.query(
      `
      SELECT staged.line, 'portfolio_id' AS column, staged.portfolio_id::text AS value,
        'is no known portfolio' AS rule
      FROM ${this.metrics} AS staged
      WHERE NOT EXISTS (
          SELECT FROM portfolios AS known
          WHERE known.id = staged.portfolio_id AND ${existsFor('known', '$1')}
        )
        AND NOT EXISTS (SELECT FROM ${this.portfolios} AS new WHERE new.id = staged.portfolio_id)
      UNION ALL
      SELECT staged.line, 'asof_date', staged.asof_date::text,
        format('of portfolio %s, pricing pack %s, stands on line %s too',
          staged.portfolio_id, staged.pricing_pack_id, first.line)
      FROM (
        SELECT portfolio_id, asof_date, pricing_pack_id, min(line) AS line
        FROM ${this.metrics}
        GROUP BY portfolio_id, asof_date, pricing_pack_id HAVING count(*) > 1
      ) AS first
      JOIN ${this.metrics} AS staged USING (portfolio_id, asof_date, pricing_pack_id)
      WHERE staged.line > first.line
      ORDER BY line LIMIT ${MAX_FAULTS}`,
      [tenant],
    );
  }

  /** Writes the staged portfolios. Part of a transaction. */
  writePortfolios(transaction: Queryable): Promise<WriteCounts> {
    return write<WriteCounts>(transaction, {
      staged: this.portfolios,
      table: 'portfolios',
      columns: PORTFOLIO_COLUMNS,
      key: ['id'],
      touch: 'updated_at = now()',
    });
  }

  /**
   * Writes the staged metrics. Part of a transaction. A row with the key of a stored one replaces
   * it only where something is distinct, and then counts as recorded last.
   */
  async writeMetrics(transaction: Queryable): Promise<DailyWriteCounts> {
    // Rows in compressed chunks are decompressed to be replaced; by default only so many.
    await transaction.query(
      'SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0',
    );
    return write<DailyWriteCounts>(transaction, {
      staged: this.metrics,
      table: 'portfolio_metrics',
      columns: dailyMetricsColumns(0),
      key: ['portfolio_id', 'asof_date', 'pricing_pack_id'],
      touch: 'recorded_at = now(), recorded_no = excluded.recorded_no',
      also: 'min(staged.asof_date) AS "from", max(staged.asof_date) AS "to",',
    });
  }
}

function createTable(table: string, columns: readonly ImportColumn[]): string {
  const definitions = columns.map(({ name, sqlType }) => `${name} ${sqlType}`);
  return `CREATE TEMPORARY TABLE ${table} (line integer, ${definitions.join(', ')})`;
}

function insertBatch(
  table: string,
  columns: readonly ImportColumn[],
  { lines, columns: values }: RowBatch,
): [sql: string, parameters: unknown[]] {
  const arrays = columns.map(({ sqlType }, index) => `$${index + 2}::${sqlType}[]`);
  return [
    `INSERT INTO ${table} SELECT * FROM unnest($1::integer[], ${arrays.join(', ')})`,
    [lines, ...values],
  ];
}

interface WriteOptions {
  readonly staged: string;
  readonly table: string;
  readonly columns: readonly ImportColumn[];
  readonly key: readonly string[];
  /** What else is set when a row is replaced. */
  readonly touch: string;
  /** Further columns of the counts. */
  readonly also?: string;
}

async function write<Counts>(
  transaction: Queryable,
  { staged, table, columns, key, touch, also = '' }: WriteOptions,
): Promise<Counts> {
  // One writer at a time: two with the same rows in different orders would deadlock.
  await transaction.query('SELECT pg_advisory_xact_lock($1)', [WRITE_LOCK]);
  const names = columns.map(({ name }) => name);
  const values = columns.flatMap(({ name, whenNew }) =>
    key.includes(name) || whenNew !== undefined ? [] : name,
  );
  const given = columns.map(({ name, whenNew }) =>
    whenNew === undefined ? name : `coalesce(${name}, '${whenNew}')`,
  );
  const list = (prefix: string): string => values.map((name) => `${prefix}.${name}`).join(', ');
  const [counts] = await transaction.query<Counts>(`
    WITH written AS (
      INSERT INTO ${table} AS stored (${names.join(', ')})
      SELECT ${given.join(', ')} FROM ${staged} ORDER BY line
      ON CONFLICT (${key.join(', ')}) DO UPDATE
        SET ${values.map((name) => `${name} = excluded.${name}`).join(', ')}, ${touch}
        WHERE (${list('stored')}) IS DISTINCT FROM (${list('excluded')})
      -- A row that was just inserted has no xmax.
      RETURNING xmax = 0 AS is_new
    ), counts AS (
      SELECT count(*) FILTER (WHERE is_new)::int AS inserted,
        count(*) FILTER (WHERE NOT is_new)::int AS updated
      FROM written
    )
    SELECT ${also} min(counts.inserted) AS inserted, min(counts.updated) AS updated,
      count(staged.line)::int - min(counts.inserted) - min(counts.updated) AS unchanged
    FROM counts LEFT JOIN ${staged} AS staged ON true`);
  return counts!;
}
