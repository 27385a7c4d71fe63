import { formatDay, toDay } from '../../src/metrics/calendar.js';

const HOUR_MS = 3_600_000;

/** The day that is so many days after another one (before it when negative). */
export function addDays(day: string, days: number): string {
  return formatDay(toDay(day) + days);
}

/** So many days in a row. */
export function daysFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => addDays(first, index));
}

/** All days of a range, both ends included. */
export function daysOf(from: string, to: string): string[] {
  return daysFrom(from, toDay(to) - toDay(from) + 1);
}

/**
 * The ISO 8601 duration from noon of a day to now. As an offset of a policy it reaches back to
 * that day for the next twelve hours, whether or not midnight passes meanwhile.
 */
export function sinceNoonOf(day: string, now: Date = new Date()): string {
  const hours = (now.getTime() - Date.parse(`${day}T12:00:00Z`)) / HOUR_MS;
  return `PT${Math.round(hours)}H`;
}
