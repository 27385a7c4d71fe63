import type { Database, Queryable } from '../database/database.js';
import { badUserInput } from '../errors.js';
import { existsFor } from '../portfolios/tenant-condition.js';
import { computeReturnsWithout, type DaysOfPortfolio } from './price-returns.js';
import { WRITE_LOCK } from './staging.js';

/** What was deleted of portfolio_metrics, or would be. */
export interface DeletedRows {
  readonly deleted: number;
  /**
   * First and last day of those rows, and of rows after them whose returns were computed again; null
   * without any.
   */
  readonly from: string | null;
  readonly to: string | null;
}

export interface DeleteOptions {
  /** Whose portfolios exist, `*` for all. */
  readonly tenant: string;
  /** Whether to change nothing, and only say what would be deleted. */
  readonly dryRun: boolean;
}

/**
 * Deletes portfolios and all their rows, all or nothing. Throws BAD_USER_INPUT where one of them
 * does not exist for the tenant.
 */
export function deletePortfolios(
  database: Database,
  ids: readonly string[],
  { tenant, dryRun }: DeleteOptions,
): Promise<DeletedRows> {
  return database.exclusiveTransaction(WRITE_LOCK, async (transaction) => {
    await lockPortfolios(transaction, ids, tenant);
    await decompressAny(transaction);
    const rows = await deleteRows(transaction, 'portfolio_id = ANY($1::uuid[])', [ids], dryRun);
    if (!dryRun) {
      await transaction.query('DELETE FROM portfolios WHERE id = ANY($1::uuid[])', [ids]);
    }
    return rows;
  });
}

/**
 * Deletes the rows of inclusive days, all or nothing. What stays of a day's pricing packs is official
 * from then on; returns after them that were computed from their prices are computed again. Throws BAD_USER_INPUT where the portfolio does not exist for the tenant.
 */
export function deleteDays(
  database: Database,
  days: DaysOfPortfolio,
  { tenant, dryRun }: DeleteOptions,
): Promise<DeletedRows> {
  const { portfolioId, from, to, pricingPackId } = days;
  if (from > to) {
    throw badUserInput(`from must not be after to, but got from ${from} and to ${to}`);
  }
  return database.exclusiveTransaction(WRITE_LOCK, async (transaction) => {
    await lockPortfolios(transaction, [portfolioId], tenant);
    await decompressAny(transaction);
    const followers = await computeReturnsWithout(transaction, days, dryRun);
    const rows = await deleteRows(
      transaction,
      `portfolio_id = $1 AND asof_date BETWEEN $2::date AND $3::date
        AND ($4::text IS NULL OR pricing_pack_id = $4)`,
      [portfolioId, from, to, pricingPackId],
      dryRun,
    );
    const changed = [rows.from, rows.to, ...followers].filter((day) => day !== null).toSorted();
    return { ...rows, from: changed[0] ?? null, to: changed.at(-1) ?? null };
  });
}

/** Locks portfolios: until the transaction ends, no row of them can be recorded. */
async function lockPortfolios(
  transaction: Queryable,
  ids: readonly string[],
  tenant: string,
): Promise<void> {
  const known = await transaction.query<{ readonly id: string }>(
    `SELECT id FROM portfolios AS portfolio
    WHERE id = ANY($1::uuid[]) AND ${existsFor('portfolio', '$2')} ORDER BY id FOR UPDATE`,
    [ids, tenant],
  );
  const unknown = ids.find((wanted) => !known.some(({ id }) => id === wanted));
  if (unknown === undefined) return;
  throw badUserInput(`Nothing was deleted: ${unknown} is no known portfolio`);
}

/** Rows in compressed chunks are decompressed to be changed; by default only so many. */
function decompressAny(transaction: Queryable): Promise<unknown> {
  return transaction.query('SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0');
}

async function deleteRows(
  transaction: Queryable,
  condition: string,
  parameters: readonly unknown[],
  dryRun: boolean,
): Promise<DeletedRows> {
  const [rows] = await transaction.query<DeletedRows>(
    `SELECT count(*)::int AS deleted, min(asof_date) AS "from", max(asof_date) AS "to"
    FROM portfolio_metrics WHERE ${condition}`,
    parameters,
  );
  if (dryRun || rows!.deleted === 0) return rows!;
  // A trigger records the day of each deleted row; with all days recorded before, it adds nothing.
  await transaction.query(
    `INSERT INTO metric_changes AS known (transaction_id, portfolio_id, days)
    SELECT pg_current_xact_id(), portfolio_id,
      datemultirange(daterange(min(asof_date), max(asof_date), '[]'))
    FROM portfolio_metrics WHERE ${condition} GROUP BY portfolio_id
    ON CONFLICT (transaction_id, portfolio_id) DO UPDATE SET days = known.days + excluded.days`,
    parameters,
  );
  // Not RETURNING within a CTE: of compressed chunks it fails on TimescaleDB 2.23 ("attempted to
  // delete invisible tuple").
  await transaction.query(`DELETE FROM portfolio_metrics WHERE ${condition}`, parameters);
  return rows!;
}
