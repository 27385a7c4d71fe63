import { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATE_NAMES, type AggregateName } from '../../src/aggregates/registry.js';
import type { Database } from '../../src/database/database.js';
import { toDay } from '../../src/metrics/calendar.js';

/** A day's row of portfolio_metrics; what is absent is null. */
export interface TestRow {
  readonly day: string;
  readonly pack?: string;
  readonly return?: number | null;
  readonly value?: number | null;
  readonly benchmark?: number | null;
  readonly beta?: number | null;
  readonly alpha?: number | null;
  readonly trackingError?: number | null;
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
  const column = (key: Exclude<keyof TestRow, 'day' | 'pack'>): (number | null)[] =>
    rows.map((row) => row[key] ?? null);
  await database.write(
    `INSERT INTO portfolio_metrics (portfolio_id, asof_date, pricing_pack_id, twr_1d,
      portfolio_value_base, benchmark_twr_1d, beta_1y, alpha_1y, tracking_error_1y)
    SELECT $1, * FROM unnest($2::date[], $3::text[], $4::float8[], $5::numeric[], $6::float8[],
      $7::float8[], $8::float8[], $9::float8[])`,
    [
      id,
      rows.map(({ day }) => day),
      rows.map(({ pack = 'default' }) => pack),
      column('return'),
      column('value'),
      column('benchmark'),
      column('beta'),
      column('alpha'),
      column('trackingError'),
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
