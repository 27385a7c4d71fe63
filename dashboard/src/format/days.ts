const DAY_MS = 86_400_000;
const DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** "11 May 2018". */
export function formatDay(day: string | null | undefined): string {
  return day ? DAY.format(timeOf(day)) : '–';
}

/** "11 May 2018", or "7 to 11 May 2018" in full for two. */
export function formatRange(from: string | null, to: string | null): string {
  if (from === null && to === null) return 'all days';
  if (from === null) return `up to ${formatDay(to)}`;
  if (to === null) return `from ${formatDay(from)}`;
  return from === to ? formatDay(from) : `${formatDay(from)} to ${formatDay(to)}`;
}

/** The beginning of a day in UTC, in milliseconds. */
export function timeOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return dayOf(timeOf(day) + days * DAY_MS);
}

/** The same day so many months before, or the last of that month. */
export function monthsBefore(day: string, months: number): string {
  const date = new Date(timeOf(day));
  const wanted = date.getUTCMonth() - months;
  date.setUTCMonth(wanted);
  // A day that the month does not have runs into the next one.
  if ((((date.getUTCMonth() - wanted) % 12) + 12) % 12 !== 0) date.setUTCDate(0);
  return dayOf(date.getTime());
}

/** Days from the first to the last, both included. */
export function countDays(from: string, to: string): number {
  return Math.round((timeOf(to) - timeOf(from)) / DAY_MS) + 1;
}
