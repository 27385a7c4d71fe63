/** A PostgreSQL interval as the driver gives it: parts that are 0 may be absent. */
export interface Interval {
  readonly years?: number;
  readonly months?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/** ISO 8601 duration of an interval, without the parts that are 0: "P1M", "PT1H", "PT0S". */
export function formatDuration(interval: Interval): string {
  const { years, months, days, hours, minutes, seconds = 0, milliseconds = 0 } = interval;
  const part = (count: number | undefined, unit: string): string =>
    count ? `${count}${unit}` : '';
  const date = part(years, 'Y') + part(months, 'M') + part(days, 'D');
  const time =
    part(hours, 'H') + part(minutes, 'M') + part((seconds * 1000 + milliseconds) / 1000, 'S');
  return date === '' && time === '' ? 'PT0S' : `P${date}${time && `T${time}`}`;
}
