import { nearestIndex } from './chart-cursor.js';
import type { ChartData, Line } from './chart-data.js';

/** The value of a line on a day; without a day, its last one. Null where it has none. */
export function valueAt(
  { days }: ChartData,
  { values }: Line,
  day: string | undefined,
): number | null {
  if (day === undefined) return values.findLast((value) => value !== null) ?? null;
  const index = nearestIndex(days, day);
  return days[index] === day ? (values[index] ?? null) : null;
}
