import { EVERY_TENANT } from '../../access/tenant.js';
import type { Database } from '../../database/database.js';

interface Row {
  readonly rows: number;
  readonly portfolio_id: string;
  readonly day: string;
}

/**
 * Warnings about rows of a tenant, `*` for all, that were recorded before rows had bounds. Migration
 * 12 has listed them, and none can have been added since.
 */
export async function boundsWarnings(database: Database, tenant: string): Promise<string[]> {
  const [first] = await database.read<Row>(
    `
    SELECT count(*) OVER ()::int AS rows, portfolio_id, asof_date AS day
    FROM portfolio_metrics_out_of_bounds
    JOIN portfolio_metrics AS row USING (portfolio_id, asof_date, pricing_pack_id)
    JOIN portfolios AS portfolio ON portfolio.id = portfolio_id
    WHERE (row.asof_date < '1900-01-01' OR row.asof_date > (now() AT TIME ZONE 'UTC')::date + 1
        OR row.twr_1d < -1)
      AND $1 IN ('${EVERY_TENANT}', portfolio.tenant)
    ORDER BY asof_date, portfolio_id LIMIT 1`,
    [tenant],
  );
  if (!first) return [];
  const { rows, portfolio_id: id, day } = first;
  const count = rows === 1 ? '1 row has' : `${rows} rows have`;
  return [
    `${count} a day before 1900-01-01 or after tomorrow (UTC), or a return below -1, such as portfolio ${id} on ${day}: correct or delete them in portfolio_metrics (portfolio_metrics_out_of_bounds lists them), then refresh their days.`,
  ];
}
