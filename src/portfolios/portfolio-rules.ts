import { code as findCurrency } from 'currency-codes';
import { parseUuid } from '../scalars.js';

const MAX_TEXT = 200;

/** The rule that a name, a benchmark or a pricing pack breaks; null when it breaks none. */
export function textFault(text: string): string | null {
  if (text.length > MAX_TEXT) return `has more than ${MAX_TEXT} characters`;
  if (text.includes('\0')) return 'has a NUL character';
  // Half of a character, which would be stored as another one.
  if (/\p{Surrogate}/u.test(text)) return 'is not Unicode text';
  // What decoding puts in the place of bytes that are not UTF-8.
  if (text.includes('\uFFFD')) return 'is not UTF-8 text';
  return /^[\p{Z}\p{C}]*$/u.test(text) ? 'has no visible character' : null;
}

/** The rule that a currency breaks; null when it breaks none. */
export function currencyFault(text: string): string | null {
  // The library takes lower case too, which callers searching for upper case would not find.
  const isKnown = /^[A-Z]{3}$/.test(text) && findCurrency(text) !== undefined;
  return isKnown ? null : 'is not an ISO 4217 currency such as USD';
}

/** What exports take for every portfolio. */
const EVERY_PORTFOLIO = 'all';

/**
 * The rule that a code breaks; null when it breaks none. Commands and files take an id or a code,
 * exports a list of them: no code can be mistaken for anything else.
 */
export function codeFault(text: string): string | null {
  if (text.trim() !== text) return 'begins or ends with a space';
  if (text.includes(',')) return 'has a comma, which separates codes in lists';
  if (text.toLowerCase() === EVERY_PORTFOLIO) return 'stands for every portfolio in exports';
  if (parseUuid(text) !== null) return 'is a UUID, which is taken for an id';
  return textFault(text);
}

/** The maximum number of rows of a year: one a day. */
export const MAX_PERIODS_PER_YEAR = 366;

/** The rule that a number of rows a year breaks; null when it breaks none. */
export function periodsFault(periods: number): string | null {
  return Number.isInteger(periods) && periods >= 1 && periods <= MAX_PERIODS_PER_YEAR
    ? null
    : `is not a whole number from 1 to ${MAX_PERIODS_PER_YEAR}`;
}
