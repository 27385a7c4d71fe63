import { packed, unpack } from '../aggregates/series/packed-series.js';
import type { Database } from '../database/database.js';
import { formatDay } from '../metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../metrics/daily-series.js';
import type { SeriesRange } from '../series-range.js';

/** The columns of a daily series that are read from the source. */
const SOURCE_COLUMNS = {
  returns: 'twr_1d',
  values: 'portfolio_value_base',
  benchmarkReturns: 'benchmark_twr_1d',
} as const satisfies Partial<Record<DailyColumn, string>>;
const COLUMN_NAMES = Object.keys(SOURCE_COLUMNS) as (keyof typeof SOURCE_COLUMNS)[];

/** Which official days of a portfolio are wanted. */
export interface OfficialRange extends SeriesRange {
  readonly portfolioId: string;
}

/** A portfolio's official rows as the source holds them; what is not in SOURCE_COLUMNS is empty. */
export interface OfficialDays {
  readonly series: DailySeries;
  /** The pricing pack of each day. */
  readonly packs: readonly string[];
}

/** Reads official days from portfolio_metrics, in the order of the ranges, in one statement. */
export async function readOfficialDays(
  database: Database,
  ranges: readonly OfficialRange[],
): Promise<OfficialDays[]> {
  const rows = await database.read<{
    readonly series: string | null;
    readonly packs: readonly string[] | null;
  }>(
    `SELECT packed.series, packed.packs
    FROM unnest($1::uuid[], $2::date[], $3::date[]) WITH ORDINALITY
      AS wanted (portfolio_id, from_day, to_day, number)
    CROSS JOIN LATERAL (
      SELECT ${packed(COLUMN_NAMES.map((name) => `daily.${SOURCE_COLUMNS[name]}`))} AS series,
        array_agg(daily.pricing_pack_id) AS packs
      FROM (
        -- The official row of a day is the one sent last.
        SELECT DISTINCT ON (row.asof_date) row.asof_date AS day, row.*
        FROM portfolio_metrics AS row
        WHERE row.portfolio_id = wanted.portfolio_id
          AND row.asof_date BETWEEN wanted.from_day AND wanted.to_day
        ORDER BY row.asof_date, row.recorded_no DESC
      ) AS daily
    ) AS packed
    ORDER BY wanted.number`,
    [
      ranges.map(({ portfolioId }) => portfolioId),
      ranges.map(({ from }) => formatDay(from)),
      ranges.map(({ to }) => formatDay(to)),
    ],
  );
  return rows.map(({ series, packs }) => ({
    series: unpack(series, COLUMN_NAMES),
    packs: packs ?? [],
  }));
}
