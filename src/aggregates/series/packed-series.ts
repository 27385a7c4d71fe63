import { toDay } from '../../metrics/calendar.js';
import {
  createDailySeries,
  DAILY_COLUMNS,
  type DailyColumn,
  type DailySeries,
} from '../../metrics/daily-series.js';

/** PostgreSQL counts days from here. */
const POSTGRES_EPOCH = toDay('2000-01-01');
const EMPTY = createDailySeries(new Int32Array(0), {});

/**
 * An SQL aggregate that packs the rows called `daily`, in their order, into one text: the values
 * of each column, then the days, as PostgreSQL sends numbers, in base64. Null without rows.
 */
export function packed(sqlColumns: readonly string[]): string {
  const parts = [
    ...sqlColumns.map((column) => `float8send(coalesce(${column}::float8, 'NaN'))`),
    'date_send(daily.day)',
  ];
  return `encode(${parts.map((part) => `string_agg(${part}, '')`).join(' || ')}, 'base64')`;
}

/** The series that `packed` packed with these columns; the others are empty. */
export function unpack(text: string | null, columns: readonly DailyColumn[]): DailySeries {
  if (text === null) return EMPTY;
  // Of its own, so that numbers in it are aligned; the line breaks of the text make it too long.
  const bytes = Buffer.from(new ArrayBuffer(Buffer.byteLength(text, 'base64')));
  const length = bytes.write(text, 'base64');
  const count = length / (8 * columns.length + 4);
  const daysAt = 8 * columns.length * count;
  bytes.subarray(0, daysAt).swap64();
  bytes.subarray(daysAt, length).swap32();
  const days = new Int32Array(bytes.buffer, daysAt, count);
  for (let index = 0; index < count; index++) days[index]! += POSTGRES_EPOCH;
  const values: Partial<Record<DailyColumn, Float64Array>> = {};
  for (const [number, column] of columns.entries()) {
    values[column] = new Float64Array(bytes.buffer, 8 * number * count, count);
  }
  return createDailySeries(days, values);
}

/** A series with the columns that another of the same days has beside; itself where there are none. */
export function withColumnsOf(series: DailySeries, other: DailySeries): DailySeries {
  const { days } = series;
  const others = DAILY_COLUMNS.filter((name) => other[name].length > series[name].length);
  if (others.length === 0 || bytesOf(other.days).compare(bytesOf(days)) !== 0) return series;
  return { ...series, ...Object.fromEntries(others.map((name) => [name, other[name]])) };
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** About how many bytes of memory a series takes. */
export function sizeOf(series: DailySeries): number {
  if (series.days.length === 0) return 0;
  const buffers = new Set([
    series.days.buffer,
    ...DAILY_COLUMNS.map((name) => series[name].buffer),
  ]);
  return [...buffers].reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}
