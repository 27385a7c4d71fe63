import type { SelectQueryBuilder } from 'typeorm';
import type { Database } from '../database/database.js';
import { Portfolio } from './portfolio.js';

/** First and last day with a row in portfolio_metrics; null where it has none. */
export interface DayBounds {
  readonly first_day: string | null;
  readonly last_day: string | null;
}

export interface PortfolioFilter {
  /** Only these. */
  readonly ids: readonly string[] | null;
  /** Only those whose name has this in it, in any case. */
  readonly search: string | null;
}

/** A portfolio to make or change: what is absent stays as it is. */
export interface PortfolioChange {
  readonly id: string;
  readonly name?: string | null;
  readonly baseCurrency?: string | null;
  /** Null: none. */
  readonly benchmarkId?: string | null;
}

/** What a ranking needs to know of a portfolio before it reads its days. */
export type RankingCandidate = Pick<Portfolio, 'id' | 'baseCurrency' | 'benchmarkId'>;

/** The one place where portfolio ids become rows. */
export class PortfolioStore {
  constructor(private readonly database: Database) {}

  /** In the order of the ids, null for an unknown one. */
  async findByIds(ids: readonly string[]): Promise<(Portfolio | null)[]> {
    const rows = await this.filtered({ ids, search: null }).getMany();
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** At most `limit` portfolios ordered by name and id, those after the given key. */
  page(
    filter: PortfolioFilter,
    limit: number,
    after: readonly [name: string, id: string] | null,
  ): Promise<Portfolio[]> {
    const query = this.filtered(filter)
      .orderBy('portfolio.name')
      .addOrderBy('portfolio.id')
      .limit(limit);
    if (after) {
      query.andWhere('(portfolio.name, portfolio.id) > (:name, :id)', {
        name: after[0],
        id: after[1],
      });
    }
    return query.getMany();
  }

  count(filter: PortfolioFilter): Promise<number> {
    return this.filtered(filter).getCount();
  }

  /** The portfolios in this currency and with this benchmark; null: any. */
  rankingCandidates({
    baseCurrency,
    benchmarkId,
  }: {
    readonly baseCurrency: string | null;
    readonly benchmarkId: string | null;
  }): Promise<RankingCandidate[]> {
    return this.database.read<RankingCandidate>(
      `SELECT id, base_currency AS "baseCurrency", benchmark_id AS "benchmarkId" FROM portfolios
      WHERE ($1::text IS NULL OR base_currency = $1) AND ($2::text IS NULL OR benchmark_id = $2)`,
      [baseCurrency, benchmarkId],
    );
  }

  /** Makes a portfolio, or changes what is given of one; null when it is new and has no name. */
  async upsert({
    id,
    name,
    baseCurrency,
    benchmarkId,
  }: PortfolioChange): Promise<Portfolio | null> {
    const [portfolio] = await this.database.write<Portfolio>(
      `WITH changed AS (
        UPDATE portfolios SET name = coalesce($2, name), base_currency = coalesce($3, base_currency),
          benchmark_id = CASE WHEN $5::boolean THEN $4 ELSE benchmark_id END, updated_at = now()
        WHERE id = $1 RETURNING *
      ), made AS (
        INSERT INTO portfolios AS stored (id, name, base_currency, benchmark_id)
        SELECT $1, $2, coalesce($3, 'USD'), $4
        WHERE $2::text IS NOT NULL AND NOT EXISTS (SELECT FROM changed)
        -- Two may make it at once: the later one changes it.
        ON CONFLICT (id) DO UPDATE SET name = $2, base_currency = coalesce($3, stored.base_currency),
          benchmark_id = CASE WHEN $5::boolean THEN $4 ELSE stored.benchmark_id END, updated_at = now()
        RETURNING *
      )
      SELECT id, name, base_currency AS "baseCurrency", benchmark_id AS "benchmarkId",
        created_at AS "createdAt", updated_at AS "updatedAt"
      FROM (SELECT * FROM changed UNION ALL SELECT * FROM made) AS stored`,
      [id, name ?? null, baseCurrency ?? null, benchmarkId ?? null, benchmarkId !== undefined],
    );
    return portfolio ?? null;
  }

  /** In the order of the ids. */
  async dayBounds(ids: readonly string[]): Promise<DayBounds[]> {
    return this.database.read<DayBounds>(
      `SELECT bounds.first_day, bounds.last_day
      FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (portfolio_id, number)
      CROSS JOIN LATERAL (
        SELECT min(row.asof_date) AS first_day, max(row.asof_date) AS last_day
        FROM portfolio_metrics AS row WHERE row.portfolio_id = wanted.portfolio_id
      ) AS bounds
      ORDER BY wanted.number`,
      [ids],
    );
  }

  private filtered({ ids, search }: PortfolioFilter): SelectQueryBuilder<Portfolio> {
    const query = this.database.dataSource.getRepository(Portfolio).createQueryBuilder('portfolio');
    if (ids) query.andWhere('portfolio.id = ANY(:ids)', { ids: [...ids] });
    if (search) {
      const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      query.andWhere('portfolio.name ILIKE :pattern', { pattern });
    }
    return query;
  }
}
