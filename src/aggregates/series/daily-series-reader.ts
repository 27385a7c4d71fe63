import type { Database } from '../../database/database.js';
import { formatDay, formatLength, toDay, type DayNumber } from '../../metrics/calendar.js';
import type { DailyColumn, DailySeries } from '../../metrics/daily-series.js';
import {
  aggregateState,
  FIRST_DAY,
  IN_BOUNDS,
  LAST_DAY,
  type AggregateStateRow,
} from '../../timescale/aggregate-state.js';
import { toAggregateState, type AggregateState } from '../aggregate-state.js';
import { AGGREGATES, type Aggregate, type AggregateName } from '../registry.js';
import { VERSION, versionText, type Version } from '../revisions/snapshot.js';
import { packed, unpack } from './packed-series.js';

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

/** What is wanted of one aggregate. */
export interface WantedSeries {
  readonly name: AggregateName;
  /** Each portfolio at most once. */
  readonly ranges: readonly DailySeriesRange[];
  /** The others come back empty. */
  readonly columns: readonly DailyColumn[];
  /** Not to be cached: an export of everything would evict what is read often. */
  readonly once?: boolean;
}

/** Daily series by portfolio id, for each that was wanted, in one snapshot of this version. */
export interface DailySeriesBatch {
  readonly series: readonly ReadonlyMap<string, DailySeries>[];
  readonly version: string;
}

interface Row {
  /** Which of those wanted; null in the row that has the head. */
  readonly wanted: number | null;
  readonly portfolio_id: string;
  readonly series: string | null;
  readonly version: Version | null;
  readonly states: readonly AggregateStateRow[] | null;
}

const FIRST = toDay(FIRST_DAY);
const LAST = toDay(LAST_DAY);

/** Reads daily series from any number of aggregates in one statement. */
export async function readDailySeries(
  database: Database,
  wanted: readonly WantedSeries[],
): Promise<DailySeriesBatch> {
  return toBatch(wanted, await read(database, wanted, 'NULL::jsonb'));
}

/** The same, and the states of the aggregates in the same snapshot; that takes longer. */
export async function readDailySeriesAndStates(
  database: Database,
  wanted: readonly WantedSeries[],
): Promise<DailySeriesBatch & { readonly states: readonly AggregateState[] }> {
  const states = wanted.map(({ name }) => `(${aggregateState(AGGREGATES[name].sqlName)})`);
  const rows = await read(database, wanted, `jsonb_build_array(${states.join(', ')})`);
  return { ...toBatch(wanted, rows), states: rows[0]!.states!.map(toAggregateState) };
}

/**
 * The last day an aggregate holds for any of these portfolios, null where it holds none, in one
 * snapshot of this version.
 */
export async function readLastDay(
  database: Database,
  name: AggregateName,
  portfolioIds: readonly string[],
): Promise<{ readonly day: DayNumber | null; readonly version: string }> {
  const [last] = await database.readPrepared<{ day: string | null; version: Version }>(
    `SELECT max(last.day) AS day, (SELECT ${VERSION}) AS version
    FROM unnest($1::uuid[]) AS wanted (portfolio_id)
    CROSS JOIN LATERAL (
      SELECT max(newest.day) AS day FROM ${AGGREGATES[name].sqlName} AS newest
      WHERE newest.portfolio_id = wanted.portfolio_id AND newest.day ${IN_BOUNDS}
    ) AS last`,
    [portfolioIds],
  );
  const { day, version } = last!;
  return { day: day ? toDay(day) : null, version: versionText(version) };
}

function read(database: Database, wanted: readonly WantedSeries[], states: string): Promise<Row[]> {
  const parts = wanted.map((each, index) => statementOf(each, index));
  return database.readPrepared<Row>(
    `SELECT NULL::int AS wanted, NULL::uuid AS portfolio_id, NULL AS series,
      (${VERSION}) AS version, ${states} AS states
    UNION ALL ${parts.join(' UNION ALL ')}`,
    wanted.flatMap(({ ranges }) => parametersOf(ranges)),
  );
}

/** Each portfolio's days come back as one packed text: much faster than a row a day. */
function statementOf({ name, columns }: WantedSeries, index: number): string {
  const { sqlName, length, columns: sqlColumns }: Aggregate = AGGREGATES[name];
  const parameter = (number: number): string => `$${index * 4 + number}`;
  return `
    SELECT ${index}, wanted.portfolio_id, packed.series, NULL, NULL
    FROM unnest(${parameter(1)}::uuid[], ${parameter(2)}::date[], ${parameter(3)}::date[],
      ${parameter(4)}::boolean[]) AS wanted (portfolio_id, from_day, to_day, latest)
    LEFT JOIN LATERAL (
      SELECT max(newest.day) AS day FROM ${sqlName} AS newest
      WHERE newest.portfolio_id = wanted.portfolio_id AND newest.day ${IN_BOUNDS}
    ) AS last ON wanted.latest
    CROSS JOIN LATERAL (
      SELECT ${packed(columns.map((column) => `daily.${sqlColumns[column]!}`))} AS series
      FROM (
        SELECT * FROM ${sqlName} AS day
        WHERE day.portfolio_id = wanted.portfolio_id
          AND day.day >= least(wanted.from_day, (last.day - interval '${formatLength(length)}')::date)
          AND day.day <= greatest(wanted.to_day, last.day)
        ORDER BY day.day
      ) AS daily
    ) AS packed`;
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
  wanted: readonly WantedSeries[],
  [head, ...rows]: readonly Row[],
): DailySeriesBatch {
  const series = wanted.map(() => new Map<string, DailySeries>());
  for (const row of rows) {
    const index = row.wanted!;
    series[index]!.set(row.portfolio_id, unpack(row.series, wanted[index]!.columns));
  }
  return { series, version: versionText(head!.version!) };
}

function clamp(day: DayNumber): DayNumber {
  return Math.max(FIRST, Math.min(LAST, day));
}
