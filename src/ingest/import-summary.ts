import type { Queryable } from '../database/database.js';

/** Days without a row, from the row before to the row after, that are a gap. */
const GAP_DAYS = 10;
/** How many gaps are named. */
const NAMED_GAPS = 5;

export interface ExtremeReturn {
  readonly portfolioId: string;
  readonly day: string;
  readonly value: number;
}

interface Gap {
  readonly portfolioId: string;
  /** The day before the gap, and the day after it. */
  readonly from: string;
  readonly to: string;
}

/** What rows hold, for their owner to recognize. */
export interface RowSummary {
  readonly portfolios: number;
  readonly smallestReturn: ExtremeReturn | null;
  readonly greatestReturn: ExtremeReturn | null;
  /** Days in a row of a portfolio without a row; the first ones are named. */
  readonly gapCount: number;
  readonly gaps: readonly Gap[];
  readonly weekendRows: number;
}

/** Summarizes the rows of a table with the columns of portfolio_metrics. */
export async function summarize(session: Queryable, table: string): Promise<RowSummary> {
  // The object is made of the one row that is found, not of each that is sorted.
  const extreme = (order: 'ASC' | 'DESC'): string => `(
    SELECT json_build_object('portfolioId', portfolio_id, 'day', asof_date, 'value', twr_1d)
    FROM (
      SELECT portfolio_id, asof_date, twr_1d
      FROM ${table} WHERE twr_1d IS NOT NULL ORDER BY twr_1d ${order} LIMIT 1
    ) AS extreme)`;
  const [row] = await session.query<Omit<RowSummary, 'gapCount' | 'gaps'>>(`
    SELECT count(*)::int AS portfolios, coalesce(sum(weekend), 0)::int AS "weekendRows",
      ${extreme('ASC')} AS "smallestReturn", ${extreme('DESC')} AS "greatestReturn"
    FROM (
      SELECT count(*) FILTER (WHERE extract(isodow FROM asof_date) > 5) AS weekend
      FROM ${table} GROUP BY portfolio_id
    ) AS each`);
  const gaps = await session.query<Gap & { readonly count: number }>(`
    SELECT portfolio_id AS "portfolioId", "from", "to", (count(*) OVER ())::int AS count
    FROM (
      SELECT portfolio_id, asof_date AS "to",
        lag(asof_date) OVER (PARTITION BY portfolio_id ORDER BY asof_date) AS "from"
      FROM ${table}
    ) AS neighbours
    WHERE "to" - "from" > ${GAP_DAYS}
    ORDER BY "from", portfolio_id LIMIT ${NAMED_GAPS}`);
  return { ...row!, gapCount: gaps[0]?.count ?? 0, gaps };
}
