import { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATE_NAMES, type AggregateName } from '../../src/aggregates/registry.js';
import type { Database } from '../../src/database/database.js';
import { toDay } from '../../src/metrics/calendar.js';

/** The columns of numbers, by the names that the rows of tests have for them. */
const COLUMNS = {
  return: 'twr_1d',
  value: 'portfolio_value_base',
  benchmark: 'benchmark_twr_1d',
  beta: 'beta_1y',
  alpha: 'alpha_1y',
  trackingError: 'tracking_error_1y',
} as const;
type ColumnName = keyof typeof COLUMNS;

/** A day's row of portfolio_metrics; what is absent is null. */
export interface TestRow extends Readonly<Partial<Record<ColumnName, number | null>>> {
  readonly day: string;
  readonly pack?: string;
}

/** The identifier of the n-th test portfolio. */
export function portfolioId(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** Inserts a portfolio and its rows, recorded in the order given. */
export async function insertPortfolio(
  database: Database,
  id: string,
  rows: readonly TestRow[] = [],
  {
    name = `Portfolio ${id}`,
    currency = 'USD',
    benchmark = 'SP500',
  }: { name?: string; currency?: string; benchmark?: string | null } = {},
): Promise<void> {
  await database.write(
    'INSERT INTO portfolios (id, name, base_currency, benchmark_id) VALUES ($1, $2, $3, $4)',
    [id, name, currency, benchmark],
  );
  await insertRows(database, id, rows);
}

/** Inserts rows of a portfolio, recorded in the order given. */
export async function insertRows(
  database: Database,
  id: string,
  rows: readonly TestRow[],
): Promise<void> {
  // Only columns that a row has: a table that is not migrated yet lacks newer ones.
  const names = (Object.keys(COLUMNS) as ColumnName[]).filter((name) =>
    rows.some((row) => row[name] !== undefined),
  );
  const columns = names.map((name) => `, ${COLUMNS[name]}`).join('');
  const typeOf = (name: ColumnName): string => (name === 'value' ? 'numeric' : 'float8');
  const arrays = names.map((name, index) => `, $${index + 4}::${typeOf(name)}[]`).join('');
  await database.write(
    `INSERT INTO portfolio_metrics (portfolio_id, asof_date, pricing_pack_id${columns})
    SELECT $1, * FROM unnest($2::date[], $3::text[]${arrays})`,
    [
      id,
      rows.map(({ day }) => day),
      rows.map(({ pack = 'default' }) => pack),
      ...names.map((name) => rows.map((row) => row[name] ?? null)),
    ],
  );
}

/** Refreshes all aggregates over an inclusive range of days. */
export function refreshAll(database: Database, from: string, to: string): Promise<void> {
  return refresh(database, AGGREGATE_NAMES, from, to);
}

/** Refreshes one aggregate over an inclusive range of days. */
export function refreshOne(
  database: Database,
  name: AggregateName,
  from: string,
  to: string,
): Promise<void> {
  return refresh(database, [name], from, to);
}

async function refresh(
  database: Database,
  names: readonly AggregateName[],
  from: string,
  to: string,
): Promise<void> {
  const refreshes = new RefreshService(database);
  const request = { from: toDay(from), to: toDay(to), origin: 'REQUEST' } as const;
  for (const requested of await refreshes.requestAll(names, request)) {
    const { state, error } = await refreshes.wait(requested);
    if (state !== 'SUCCEEDED') throw new Error(`refresh ${state}: ${error}`);
  }
  await refreshes.close();
}
