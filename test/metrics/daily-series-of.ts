import {
  createDailySeries,
  DAILY_COLUMNS,
  type DailyColumn,
  type DailySeries,
} from '../../src/metrics/daily-series.js';

/** A day's row; a column that is absent, null or NaN has no value on that day. */
export type DailyRow = { readonly day: number } & {
  readonly [Column in DailyColumn]?: number | null;
};
/** One in which no column is forgotten. */
export type FullRow = Required<DailyRow>;

/** A daily series with the columns that `make` gives. */
function seriesOf(days: Int32Array, make: (column: DailyColumn) => Float64Array): DailySeries {
  return createDailySeries(
    days,
    Object.fromEntries(DAILY_COLUMNS.map((column) => [column, make(column)])),
  );
}

/** A daily series from rows in ascending order of days, with every column present. */
export function dailySeriesOf(rows: readonly DailyRow[]): DailySeries {
  const days = Int32Array.from(rows, ({ day }) => day);
  return seriesOf(days, (column) => Float64Array.from(rows, (row) => row[column] ?? NaN));
}

/** A daily series of these returns (null is no return), one a day from `firstDay` on. */
export function returnsFrom(firstDay: number, returns: readonly (number | null)[]): DailySeries {
  return dailySeriesOf(returns.map((value, index) => ({ day: firstDay + index, returns: value })));
}

/** The days of a series for which `keep` says yes. */
export function daysOf(series: DailySeries, keep: (day: number) => boolean): DailySeries {
  return seriesOf(series.days.filter(keep), (column) =>
    series[column].filter((_, index) => keep(series.days[index]!)),
  );
}
