import { DAILY_COLUMNS } from '../../src/metrics/daily-series.js';
import type { DailyColumn, DailySeries } from '../../src/metrics/daily-series.js';

/** A day's row; a column that is absent, null or NaN has no value on that day. */
export type DailyRow = { readonly day: number } & {
  readonly [Column in DailyColumn]?: number | null;
};

/** A daily series from rows in ascending order of days, with every column present. */
export function dailySeriesOf(rows: readonly DailyRow[]): DailySeries {
  const columns = DAILY_COLUMNS.map((column): [DailyColumn, Float64Array] => [
    column,
    Float64Array.from(rows, (row) => row[column] ?? NaN),
  ]);
  return {
    days: Int32Array.from(rows, ({ day }) => day),
    ...(Object.fromEntries(columns) as Record<DailyColumn, Float64Array>),
  };
}

/** A daily series of these returns (null is no return), one a day from `firstDay` on. */
export function returnsFrom(firstDay: number, returns: readonly (number | null)[]): DailySeries {
  return dailySeriesOf(returns.map((value, index) => ({ day: firstDay + index, returns: value })));
}
