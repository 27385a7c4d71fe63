import type { Database } from '../database/database.js';
import type { DayNumber } from '../metrics/calendar.js';
import { formatDay, toDay } from '../metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../metrics/daily-series.js';
import type { AggregateState, AggregateStateRow } from './aggregate-state.js';
import { aggregateState, toAggregateState } from './aggregate-state.js';
import type { Fingerprint } from './fingerprint.js';
import { fingerprint } from './fingerprint.js';
import { packed, unpack } from './packed-series.js';
import { AGGREGATES } from './registry.js';
import type { Aggregate, AggregateName } from './registry.js';

/** Which days of one portfolio's daily series are wanted. */
export interface DailySeriesRange {
  readonly portfolioId: string;
  /** Inclusive; Infinity when only `latest` is wanted. */
  readonly from: DayNumber;
  /** Inclusive. */
  readonly to: DayNumber;
  /** Also the days of the window that ends on the last day the aggregate holds for the portfolio. */
  readonly latest: boolean;
}

/** Daily series by portfolio id, and what can be said of their aggregate in the same snapshot. */
export interface DailySeriesBatch {
  readonly series: ReadonlyMap<string, DailySeries>;
  readonly fingerprint: Fingerprint;
}

interface Row {
  readonly portfolio_id: string;
  readonly series: string | null;
  /** On the first row only: one serves the batch. */
  readonly fingerprint: Fingerprint | null;
  readonly state?: AggregateStateRow | null;
}

const FIRST_DAY = toDay('0001-01-01');
const LAST_DAY = toDay('9999-12-31');

/**
 * Reads some columns of the daily series of portfolios from one aggregate, in one statement. The
 * other columns come back empty.
 */
export async function readDailySeries(
  database: Database,
  name: AggregateName,
  ranges: readonly DailySeriesRange[],
  columns: readonly DailyColumn[],
): Promise<DailySeriesBatch> {
  const sql = statementOf(
    name,
    columns,
    `(${fingerprint(AGGREGATES[name].sqlName)}) AS fingerprint`,
  );
  return toBatch(name, columns, await database.readPrepared<Row>(sql, parametersOf(ranges)));
}

/** The same, and the state of the aggregate in the same snapshot; that takes longer. */
export async function readDailySeriesAndState(
  database: Database,
  name: AggregateName,
  ranges: readonly DailySeriesRange[],
  columns: readonly DailyColumn[],
): Promise<DailySeriesBatch & { readonly state: AggregateState }> {
  const { sqlName } = AGGREGATES[name];
  const head = `(${fingerprint(sqlName)}) AS fingerprint, (${aggregateState(sqlName)}) AS state`;
  const sql = statementOf(name, columns, head);
  const rows = await database.readPrepared<Row>(sql, parametersOf(ranges));
  const batch = toBatch(name, columns, rows);
  return { ...batch, state: toAggregateState(rows[0]!.state!) };
}

/** The last day an aggregate holds for any of these portfolios; null where it holds none. */
export async function readLastDay(
  database: Database,
  name: AggregateName,
  portfolioIds: readonly string[],
): Promise<DayNumber | null> {
  const [newest] = await database.readPrepared<{ readonly day: string }>(
    `SELECT newest.day FROM ${AGGREGATES[name].sqlName} AS newest
    WHERE newest.portfolio_id = ANY($1::uuid[]) ORDER BY newest.day DESC LIMIT 1`,
    [portfolioIds],
  );
  return newest ? toDay(newest.day) : null;
}

/** Each portfolio's days come back as one packed text: much faster than a row a day. */
function statementOf(name: AggregateName, columns: readonly DailyColumn[], head: string): string {
  const { sqlName, columns: sqlColumns }: Aggregate = AGGREGATES[name];
  return `
    SELECT wanted.portfolio_id, packed.series, head.*
    FROM unnest($1::uuid[], $2::date[], $3::date[], $4::boolean[])
      WITH ORDINALITY AS wanted (portfolio_id, from_day, to_day, latest, number)
    LEFT JOIN (SELECT ${head}) AS head ON wanted.number = 1
    LEFT JOIN LATERAL (
      SELECT max(newest.day) AS day FROM ${sqlName} AS newest
      WHERE newest.portfolio_id = wanted.portfolio_id
    ) AS last ON wanted.latest
    CROSS JOIN LATERAL (
      SELECT ${packed(columns.map((column) => `daily.${sqlColumns[column]!}`))} AS series
      FROM (
        SELECT * FROM ${sqlName} AS day
        WHERE day.portfolio_id = wanted.portfolio_id
          AND day.day >= least(wanted.from_day, (last.day - interval '${intervalOf(name)}')::date)
          AND day.day <= greatest(wanted.to_day, last.day)
        ORDER BY day.day
      ) AS daily
    ) AS packed
    ORDER BY wanted.number`;
}

function parametersOf(ranges: readonly DailySeriesRange[]): unknown[] {
  return [
    ranges.map(({ portfolioId }) => portfolioId),
    ranges.map(({ from }) => formatDay(clamp(from))),
    ranges.map(({ to }) => formatDay(clamp(to))),
    ranges.map(({ latest }) => latest),
  ];
}

function toBatch(
  name: AggregateName,
  columns: readonly DailyColumn[],
  rows: readonly Row[],
): DailySeriesBatch {
  const found = rows[0]?.fingerprint;
  if (!found) throw new Error(`continuous aggregate ${AGGREGATES[name].sqlName} has no state`);
  const series = new Map(rows.map((row) => [row.portfolio_id, unpack(row.series, columns)]));
  return { series, fingerprint: found };
}

function intervalOf(name: AggregateName): string {
  const { length }: Aggregate = AGGREGATES[name];
  return 'days' in length ? `${length.days} days` : `${length.years} year`;
}

function clamp(day: DayNumber): DayNumber {
  return Math.max(FIRST_DAY, Math.min(LAST_DAY, day));
}
