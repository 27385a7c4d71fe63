import { DEFAULT_TENANT, EVERY_TENANT } from '../access/tenant.js';
import type { Revisions } from '../aggregates/revisions/revisions.js';
import { VERSION, versionText, type Version } from '../aggregates/revisions/snapshot.js';
import type { Reader } from '../aggregates/series/daily-series-store.js';
import type { Database, Queryable } from '../database/database.js';
import { sqlStateOf, UNIQUE_VIOLATION } from '../database/sql-state.js';
import { badUserInput, ServiceError } from '../errors.js';
import { DEFAULT_PERIODS_PER_YEAR } from '../metrics/metrics.js';
import { IN_BOUNDS } from '../timescale/aggregate-state.js';
import { readOfficialDays, type OfficialDays, type OfficialRange } from './official-days.js';
import { PORTFOLIO_COLUMNS, type PortfolioCache } from './portfolio-cache.js';
import type { Portfolio } from './portfolio.js';
import { existsFor, isSeenBy } from './tenant-condition.js';

/** First and last day with a row in portfolio_metrics; null where it has none. */
export interface DayBounds {
  readonly first_day: string | null;
  readonly last_day: string | null;
}

export interface PortfolioFilter {
  /** Only these. */
  readonly ids: readonly string[] | null;
  /** Only those with one of these codes. */
  readonly codes: readonly string[] | null;
  /** Only those whose name has this in it, in any case. */
  readonly search: string | null;
}

/** A portfolio to make or change: what is absent stays as it is. */
export interface PortfolioChange {
  readonly id: string;
  readonly name?: string | null;
  /** Null: none. */
  readonly code?: string | null;
  readonly baseCurrency?: string | null;
  /** Null: none. */
  readonly benchmarkId?: string | null;
  readonly periodsPerYear?: number | null;
  /** Of a new one; a portfolio's tenant never changes. */
  readonly tenant?: string;
}

/** What a ranking needs to know of a portfolio before it reads its days. */
export type RankingCandidate = Pick<
  Portfolio,
  'id' | 'baseCurrency' | 'benchmarkId' | 'periodsPerYear'
>;

/**
 * The one place where portfolio ids become rows. Portfolios of other tenants than the caller's do
 * not exist in it; `*` has those of all.
 */
export class PortfolioStore {
  constructor(
    private readonly database: Database,
    private readonly tenant: string,
    private readonly cache: PortfolioCache,
    private readonly revisions: Revisions,
    private readonly reader: Reader = {},
  ) {}

  /** In the order of the ids, null for an unknown one. */
  async findByIds(ids: readonly string[]): Promise<(Portfolio | null)[]> {
    const found = await this.cache.findByIds(ids, this.reader);
    return ids.map((id) => {
      const portfolio = found.get(id);
      return portfolio && isSeenBy(portfolio, this.tenant) ? portfolio : null;
    });
  }

  /**
   * The portfolio with this code; null where there is none. For a caller with all tenants there may
   * be several: BAD_USER_INPUT.
   */
  async findByCode(code: string): Promise<Portfolio | null> {
    const filter = { ids: null, codes: [code], search: null };
    const [portfolio = null, another] = await this.page(filter, 2, null);
    if (portfolio && another) {
      throw badUserInput(
        `code ${JSON.stringify(code)} is that of several portfolios, of tenants "${portfolio.tenant}" and "${another.tenant}": give its id`,
      );
    }
    return portfolio;
  }

  /** At most `limit` portfolios ordered by name and id, those after the given key. */
  page(
    filter: PortfolioFilter,
    limit: number,
    after: readonly [name: string, id: string] | null,
  ): Promise<readonly Portfolio[]> {
    const parameters: unknown[] = [limit];
    const conditions = this.conditions(filter, parameters);
    if (after) {
      const place = parameters.push(...after);
      conditions.push(`(name, id) > ($${place - 1}, $${place}::uuid)`);
    }
    return this.cache.listPortfolios(
      `SELECT ${PORTFOLIO_COLUMNS} FROM portfolios WHERE ${conditions.join(' AND ')}
      ORDER BY name, id LIMIT $1`,
      parameters,
      this.reader,
    );
  }

  async count(filter: PortfolioFilter): Promise<number> {
    const parameters: unknown[] = [];
    const conditions = this.conditions(filter, parameters);
    const [row] = await this.cache.list<{ readonly count: number }>(
      `SELECT count(*)::int AS count FROM portfolios WHERE ${conditions.join(' AND ')}`,
      parameters,
      this.reader,
    );
    return row!.count;
  }

  /** The portfolios in this currency and with this benchmark; null: any. */
  rankingCandidates({
    baseCurrency,
    benchmarkId,
  }: {
    readonly baseCurrency: string | null;
    readonly benchmarkId: string | null;
  }): Promise<readonly RankingCandidate[]> {
    return this.cache.list<RankingCandidate>(
      `SELECT candidate.id, candidate.base_currency AS "baseCurrency",
        candidate.benchmark_id AS "benchmarkId", candidate.periods_per_year AS "periodsPerYear"
      FROM portfolios AS candidate
      WHERE ($1::text IS NULL OR candidate.base_currency = $1)
        AND ($2::text IS NULL OR candidate.benchmark_id = $2)
        AND ${existsFor('candidate', '$3')}`,
      [baseCurrency, benchmarkId, this.tenant],
      this.reader,
    );
  }

  /**
   * Makes a portfolio, or changes what is given of one. Throws BAD_USER_INPUT when it is new and
   * has no name, when another tenant has its id or another portfolio its code, when its tenant would
   * change, or the currency or benchmark that recorded rows are in.
   */
  async upsert(change: PortfolioChange): Promise<Portfolio> {
    const tenant = this.tenantOf(change.tenant);
    const portfolio = await this.database
      .transaction(async (session) => {
        await refuseOtherUnits(session, change, tenant);
        return upsertRow(session, change, tenant);
      })
      .catch((error: unknown) => {
        // The id is no reason: an id that is taken is changed.
        if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
        throw badUserInput(
          `code ${JSON.stringify(change.code)} is that of another portfolio of the tenant: give another, or change that one's`,
        );
      });
    // The portfolio is written: where the database cannot be read now, the next request waits for it.
    await this.revisions.catchUp(this.reader.signal).catch(() => undefined);
    return portfolio ?? this.refuse(change.id, change.name, tenant);
  }

  /** In the order of the ids. */
  async dayBounds(ids: readonly string[]): Promise<DayBounds[]> {
    const { signal, dependencies } = this.reader;
    await this.revisions.current(signal);
    const { snapshot } = this.revisions.latest!;
    for (const id of ids) dependencies?.source(id, this.revisions.ofSource(id));
    const rows = await this.database.read<DayBounds & { readonly version: Version }>(
      `SELECT bounds.first_day, bounds.last_day, (SELECT ${VERSION}) AS version
      FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (portfolio_id, number)
      CROSS JOIN LATERAL (
        SELECT min(row.asof_date) AS first_day, max(row.asof_date) AS last_day
        FROM portfolio_metrics AS row
        WHERE row.portfolio_id = wanted.portfolio_id AND row.asof_date ${IN_BOUNDS}
      ) AS bounds
      ORDER BY wanted.number`,
      [ids],
    );
    if (rows.some(({ version }) => versionText(version) !== snapshot.version)) {
      dependencies?.unknown();
    }
    return rows;
  }

  /** In the order of the ranges; the source is read at each request, and the response not cached. */
  officialDays(ranges: readonly OfficialRange[]): Promise<OfficialDays[]> {
    this.reader.dependencies?.unknown();
    return readOfficialDays(this.database, ranges);
  }

  /** The tenant that a change is of; null: whichever it is. */
  private tenantOf(given: string | undefined): string | null {
    if (this.tenant === EVERY_TENANT) return given ?? null;
    if (given === undefined || given === this.tenant) return this.tenant;
    throw new ServiceError(
      'FORBIDDEN',
      `tenant must be the caller's own, "${this.tenant}", but got "${given}"`,
    );
  }

  /** Says why a portfolio was neither made nor changed. */
  private async refuse(
    id: string,
    name: string | null | undefined,
    tenant: string | null,
  ): Promise<never> {
    const [stored] = await this.findByIds([id]);
    if (stored) {
      throw badUserInput(
        `tenant of a portfolio never changes: that of ${id} is "${stored.tenant}", but got "${tenant}"`,
      );
    }
    throw badUserInput(
      name
        ? `id must be one that is available, but ${id} is not`
        : `name must be given for a new portfolio, but ${id} is new`,
    );
  }

  /** What a portfolio has to fulfil; adds the parameters. */
  private conditions({ ids, codes, search }: PortfolioFilter, parameters: unknown[]): string[] {
    const conditions: string[] = ['true'];
    const add = (condition: (parameter: string) => string, value: unknown): void => {
      conditions.push(condition(`$${parameters.push(value)}`));
    };
    if (this.tenant !== EVERY_TENANT) add((tenant) => `tenant = ${tenant}`, this.tenant);
    if (ids) add((list) => `id = ANY(${list}::uuid[])`, ids);
    if (codes) add((list) => `code = ANY(${list}::text[])`, codes);
    if (search) {
      const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      add((text) => `name ILIKE ${text}`, pattern);
    }
    return conditions;
  }
}

/** Throws BAD_USER_INPUT where rows are recorded in another currency or beside another benchmark. */
async function refuseOtherUnits(
  session: Queryable,
  { id, baseCurrency, benchmarkId }: PortfolioChange,
  tenant: string | null,
): Promise<void> {
  // While it is locked, no first row of it can be recorded.
  const [stored] = await session.query<Pick<Portfolio, 'baseCurrency' | 'benchmarkId'>>(
    `SELECT base_currency AS "baseCurrency", benchmark_id AS "benchmarkId"
    FROM portfolios WHERE id = $1 AND ($5::text IS NULL OR tenant = $5)
      AND (base_currency <> $2 OR ($4::boolean AND benchmark_id IS DISTINCT FROM $3))
    FOR UPDATE`,
    [id, baseCurrency ?? null, benchmarkId ?? null, benchmarkId !== undefined, tenant],
  );
  if (!stored) return;
  const [rows] = await session.query<{ readonly recorded: boolean }>(
    'SELECT EXISTS (SELECT FROM portfolio_metrics WHERE portfolio_id = $1) AS recorded',
    [id],
  );
  if (!rows!.recorded) return;
  const [field, was, given] =
    baseCurrency && baseCurrency !== stored.baseCurrency
      ? ['baseCurrency', stored.baseCurrency, baseCurrency]
      : ['benchmarkId', stored.benchmarkId, benchmarkId];
  throw badUserInput(
    `${field} cannot change once rows are recorded: those of ${id} are with ${JSON.stringify(was)}, but got ${JSON.stringify(given)}`,
  );
}

/** The portfolio that was made or changed; undefined where neither was possible. */
async function upsertRow(
  session: Queryable,
  { id, name, code, baseCurrency, benchmarkId, periodsPerYear }: PortfolioChange,
  tenant: string | null,
): Promise<Portfolio | undefined> {
  // What is absent stays, also where it may be null.
  const set = `base_currency = coalesce($3, stored.base_currency),
    benchmark_id = CASE WHEN $5::boolean THEN $4 ELSE stored.benchmark_id END,
    code = CASE WHEN $8::boolean THEN $7 ELSE stored.code END,
    periods_per_year = coalesce($9, stored.periods_per_year), updated_at = now()`;
  const [portfolio] = await session.query<Portfolio>(
    `WITH changed AS (
      UPDATE portfolios AS stored SET name = coalesce($2, stored.name), ${set}
      WHERE id = $1 AND ($6::text IS NULL OR tenant = $6) RETURNING *
    ), made AS (
      INSERT INTO portfolios AS stored
        (id, name, base_currency, benchmark_id, tenant, code, periods_per_year)
      SELECT $1, $2, coalesce($3, 'USD'), $4, coalesce($6, '${DEFAULT_TENANT}'), $7,
        coalesce($9::integer, ${DEFAULT_PERIODS_PER_YEAR})
      WHERE $2::text IS NOT NULL AND NOT EXISTS (SELECT FROM changed)
      -- Two may make it at once: the later one changes it.
      ON CONFLICT (id) DO UPDATE SET name = $2, ${set}
      WHERE $6::text IS NULL OR stored.tenant = $6
      RETURNING *
    )
    SELECT ${PORTFOLIO_COLUMNS} FROM (SELECT * FROM changed UNION ALL SELECT * FROM made) AS stored`,
    [
      id,
      name ?? null,
      baseCurrency ?? null,
      benchmarkId ?? null,
      benchmarkId !== undefined,
      tenant,
      code ?? null,
      code !== undefined,
      periodsPerYear ?? null,
    ],
  );
  return portfolio;
}
