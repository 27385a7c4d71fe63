// The package's index would load 300 more modules.
import { format } from 'date-fns/format';
import { isValid } from 'date-fns/isValid';
import { parse } from 'date-fns/parse';
import { parseDay } from '../metrics/calendar.js';
import type { Parsed } from './values.js';

/** Letters of a format that are about days and the time of day; a time zone would move the day. */
const FORMAT = /^(?:[dMyEHhmsSa]|[^\p{L}']|'[^']*')+$/u;
/** ISO 8601 with a time, as pandas and databases write it, whatever its zone. */
const DAY_WITH_TIME =
  /^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?$/;
/** Its day, month and year cannot be mistaken for each other. */
const SOME_DAY = new Date(2013, 10, 25);
const ISO_DAY = 'yyyy-MM-dd';
/** From its day on, a year of two digits is one of 1950 to 2049. */
const TWO_DIGIT_YEARS_FROM_1950 = new Date(2000, 0, 1);

/** The rule that a format of days breaks; null when it breaks none. */
export function dateFormatFault(text: string): string | null {
  const rule = 'must have dd for the day, MM for the month and yyyy for the year, as in dd.MM.yyyy';
  if (!FORMAT.test(text)) return rule;
  try {
    const read = parse(format(SOME_DAY, text), text, TWO_DIGIT_YEARS_FROM_1950);
    return format(read, ISO_DAY) === format(SOME_DAY, ISO_DAY) ? null : rule;
  } catch {
    return rule;
  }
}

/** Reads days as they are written: a time after one is cut off, whatever its zone. */
export function dayReader(dateFormat: string | undefined): (text: string) => Parsed {
  return dateFormat === undefined ? readIsoDay : (text) => readDay(text, dateFormat);
}

function readIsoDay(text: string): Parsed {
  const value = DAY_WITH_TIME.exec(text)?.[1] ?? text;
  return parseDay(value) === null
    ? { rule: 'is not a calendar date such as 2018-05-11' }
    : { value };
}

function readDay(text: string, dateFormat: string): Parsed {
  const date = parse(text, dateFormat, TWO_DIGIT_YEARS_FROM_1950);
  const value = isValid(date) ? format(date, ISO_DAY) : '';
  return parseDay(value) === null
    ? { rule: `is not a calendar date in the format ${dateFormat}` }
    : { value };
}
