import type { Database } from '../database/database.js';
import { dailyMetricsColumns, PLAIN_PARSERS, type DailySqlType } from '../ingest/columns.js';
import { formatDay, toDay, type DayNumber } from '../metrics/calendar.js';
import { FIRST_DAY, LAST_DAY } from '../timescale/aggregate-state.js';
import type { Cell, Column, ColumnType, Row } from './table.js';

const TYPES: Readonly<Record<DailySqlType, ColumnType>> = {
  uuid: 'text',
  text: 'text',
  date: 'day',
  numeric: 'decimal',
  'double precision': 'number',
};

/** The columns of a file that can be imported. */
export const DAILY_COLUMNS: readonly Column[] = dailyMetricsColumns(0, PLAIN_PARSERS).map(
  ({ name, sqlType }) => ({ name, type: TYPES[sqlType] }),
);

/** The official rows of portfolios, in their order, by day: of each day the one recorded last. */
export async function readOfficialRows(
  database: Database,
  portfolioIds: readonly string[],
  { from, to }: { readonly from: DayNumber | null; readonly to: DayNumber | null },
): Promise<readonly Row[]> {
  const names = DAILY_COLUMNS.map(({ name }) => name);
  const rows = await database.read<Readonly<Record<string, Cell>>>(
    `SELECT DISTINCT ON (wanted.number, row.asof_date) ${names.map((name) => `row.${name}`).join(', ')}
    FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, number)
    JOIN portfolio_metrics AS row ON row.portfolio_id = wanted.id
    WHERE row.asof_date BETWEEN $2 AND $3
    ORDER BY wanted.number, row.asof_date, row.recorded_no DESC`,
    [portfolioIds, formatDay(from ?? toDay(FIRST_DAY)), formatDay(to ?? toDay(LAST_DAY))],
  );
  return rows.map((row) => names.map((name) => row[name]!));
}
