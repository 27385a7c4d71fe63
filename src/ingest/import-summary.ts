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

/** A Saturday before every day that can be recorded. */
const SATURDAY = "date '1899-12-30'";

/** Summarizes the rows of a table with the columns of portfolio_metrics. */
export async function summarize(session: Queryable, table: string): Promise<RowSummary> {
  // The object is made of the one row that is found, not of each that is sorted.
  const extreme = (order: 'ASC' | 'DESC'): string => `(
    SELECT json_build_object('portfolioId', portfolio_id, 'day', asof_date, 'value', twr_1d)
    FROM (
      SELECT portfolio_id, asof_date, twr_1d
      FROM ${table} WHERE twr_1d IS NOT NULL ORDER BY twr_1d ${order} LIMIT 1
    ) AS extreme)`;
  const neighbours = `(
    SELECT portfolio_id, asof_date,
      lag(asof_date) OVER (PARTITION BY portfolio_id ORDER BY asof_date) AS day_before
    FROM ${table}
  ) AS neighbours`;
  const isGap = `asof_date - day_before > ${GAP_DAYS}`;
  const [row] = await session.query<Omit<RowSummary, 'gaps'>>(`
    SELECT count(*) FILTER (WHERE day_before IS NULL)::int AS portfolios,
      count(*) FILTER (WHERE (asof_date - ${SATURDAY}) % 7 < 2)::int AS "weekendRows",
      count(*) FILTER (WHERE ${isGap})::int AS "gapCount",
      ${extreme('ASC')} AS "smallestReturn", ${extreme('DESC')} AS "greatestReturn"
    FROM ${neighbours}`);
  if (row!.gapCount === 0) return { ...row!, gaps: [] };
  const gaps = await session.query<Gap>(`
    SELECT portfolio_id AS "portfolioId", day_before AS "from", asof_date AS "to"
    FROM ${neighbours} WHERE ${isGap} ORDER BY day_before, portfolio_id LIMIT ${NAMED_GAPS}`);
  return { ...row!, gaps };
}
