const MILLISECONDS_A_DAY = 86_400_000;
/** A century of days. */
const REMEMBERED_DAYS = 36_525;

/**
 * A calendar day as a count of days since 1970-01-01, the unit of all window mathematics.
 * LocalDate strings ("2018-05-11") are turned into day numbers at the edges and nowhere else.
 */
export type DayNumber = number;

/** The length of a window: a number of calendar days, or of calendar years. */
export type WindowLength = { readonly days: number } | { readonly years: number };

/** The day number of an ISO 8601 calendar date, or null when the text is not one ("2021-02-29"). */
export function parseDay(text: string): DayNumber | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return null;
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(milliseconds)) return null;
  const day = milliseconds / MILLISECONDS_A_DAY;
  return formatDay(day) === text ? day : null;
}

/** The day number of a date that is known to be valid. Throws a RangeError otherwise. */
export function toDay(text: string): DayNumber {
  const day = parseDay(text);
  if (day === null) throw new RangeError(`"${text}" is not a calendar date such as 2018-05-11`);
  return day;
}

/** The ISO 8601 calendar date of a day number. `formatDay(0)` is "1970-01-01". */
export const formatDay = remembering((day: DayNumber): string =>
  new Date(day * MILLISECONDS_A_DAY).toISOString().slice(0, 10),
);

/** The UTC calendar day that holds an instant. */
export function dayOf(instant: Date): DayNumber {
  return Math.floor(instant.getTime() / MILLISECONDS_A_DAY);
}

/**
 * The same calendar day some years before; 29 February goes to 28 February where that year has
 * none. (setUTCFullYear alone would go to 1 March.)
 */
const yearsBefore = remembering((years: number) =>
  remembering((day: DayNumber): DayNumber => {
    const date = new Date(day * MILLISECONDS_A_DAY);
    const month = date.getUTCMonth();
    date.setUTCFullYear(date.getUTCFullYear() - years);
    if (date.getUTCMonth() !== month) date.setUTCDate(0);
    return date.getTime() / MILLISECONDS_A_DAY;
  }),
);

/** The first calendar day inside the window (asOf − W, asOf]. */
export function windowStart(asOf: DayNumber, length: WindowLength): DayNumber {
  return ('days' in length ? asOf - length.days : yearsBefore(length.years)(asOf)) + 1;
}

/** A window's length in words that PostgreSQL reads as an interval: "30 days", "1 year". */
export function formatLength(length: WindowLength): string {
  const [count, unit] = 'days' in length ? [length.days, 'day'] : [length.years, 'year'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** The function with its last results in memory: a series takes the same of the same days again and again. */
function remembering<Result>(of: (key: number) => Result): (key: number) => Result {
  const known = new Map<number, Result>();
  return (key) => {
    let result = known.get(key);
    if (result === undefined) {
      if (known.size >= REMEMBERED_DAYS) known.clear();
      known.set(key, (result = of(key)));
    }
    return result;
  };
}
