import type { Database } from '../../src/database/database.js';
import { formatDay, toDay } from '../../src/metrics/calendar.js';
import { InterceptedDatabase, isSlice } from './intercepted-database.js';

/** The days of one slice of a refresh, both inclusive. */
export interface TestSlice {
  readonly from: string;
  readonly to: string;
}

export interface SlicedDatabase {
  readonly database: Database;
  /** The slices that were requested since the array was last emptied. */
  readonly slices: TestSlice[];
}

/** A database that records the slices of refreshes, and lets a test in before and after each. */
export function slicesOf(
  database: Database,
  {
    before = () => undefined,
    after = () => undefined,
  }: {
    /** Called with the number of the slice, counted from 1. */
    readonly before?: (number: number) => unknown;
    readonly after?: (number: number) => unknown;
  } = {},
): SlicedDatabase {
  const slices: TestSlice[] = [];
  const intercepted = new InterceptedDatabase(database, async ({ sql, parameters }, next) => {
    if (!isSlice(sql)) return next();
    const [, from, end] = parameters as [string, string, string];
    const number = slices.push({ from, to: formatDay(toDay(end) - 1) });
    await before(number);
    const rows = await next();
    await after(number);
    return rows;
  });
  return { database: intercepted, slices };
}
