import { AGGREGATES, dailyColumns, type Aggregate } from '../../src/aggregates/registry.js';
import { formatDay } from '../../src/metrics/calendar.js';
import {
  DAILY_COLUMNS,
  type DailyColumn,
  type DailySeries,
} from '../../src/metrics/daily-series.js';
import type { SeriesSource, Wanted } from './series-source.js';

interface Row extends Readonly<Record<DailyColumn, Buffer | null>> {
  readonly number: number;
  readonly portfolio_id: string;
  readonly days: Buffer | null;
}

/** Runs a statement; the same name always means the same text, so that it can stay prepared. */
export type RunStatement = (
  name: string,
  sql: string,
  parameters: readonly unknown[],
) => Promise<readonly Row[]>;

/** Reads all that is wanted in one statement, packed. */
export function createDatabaseSource(run: RunStatement): SeriesSource {
  return async (wanted) => {
    const name = wanted.map(({ aggregate, range }) => `${aggregate} ${range !== null}`).join();
    const parameters: unknown[] = [];
    const branches = wanted.map((each, number) => {
      const first = parameters.length + 1;
      parameters.push(each.portfolioIds);
      if (each.range) parameters.push(formatDay(each.range.from), formatDay(each.range.to));
      return branch(each, number, first);
    });
    const rows = await run(name, branches.join(' UNION ALL '), parameters);
    const series = wanted.map(() => new Map<string, DailySeries>());
    for (const row of rows) series[row.number]!.set(row.portfolio_id, unpack(row));
    return series;
  };
}

/** The packed series of one wish, the first of whose parameters has this number. */
function branch({ aggregate: name, range }: Wanted, number: number, first: number): string {
  const aggregate: Aggregate = AGGREGATES[name];
  const { sqlName, length } = aggregate;
  const interval = 'days' in length ? `${length.days} days` : `${length.years} year`;
  const condition = range
    ? `BETWEEN $${first + 1}::date AND $${first + 2}::date`
    : `> ((SELECT max(newest.day) FROM ${sqlName} AS newest WHERE newest.portfolio_id = wanted.id) - interval '${interval}')::date`;
  const columns = DAILY_COLUMNS.map((column) =>
    dailyColumns(name).includes(column)
      ? `string_agg(float8send(coalesce(daily.${aggregate.columns[column]}::float8, 'NaN')), '') AS "${column}"`
      : `NULL::bytea AS "${column}"`,
  );
  return `
    SELECT ${number} AS number, wanted.id AS portfolio_id, series.*
    FROM unnest($${first}::uuid[]) AS wanted (id)
    CROSS JOIN LATERAL (
      SELECT string_agg(int4send(daily.day - date '1970-01-01'), '') AS days, ${columns.join(', ')}
      FROM (
        SELECT * FROM ${sqlName} AS each
        WHERE each.portfolio_id = wanted.id AND each.day ${condition}
        ORDER BY each.day
      ) AS daily
    ) AS series`;
}

function unpack(row: Row): DailySeries {
  const days = copyOf(row.days).swap32();
  const series: Record<string, Float64Array | Int32Array> = {
    days: new Int32Array(days.buffer, 0, days.length / 4),
  };
  for (const column of DAILY_COLUMNS) {
    const values = copyOf(row[column]).swap64();
    series[column] = new Float64Array(values.buffer, 0, values.length / 8);
  }
  return series as unknown as DailySeries;
}

/** A copy with a buffer of its own, so that numbers in it are aligned. */
function copyOf(bytes: Buffer | null): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes?.length ?? 0));
  if (bytes) copy.set(bytes);
  return copy;
}
