import { code as findCurrency } from 'currency-codes';

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
  // The library takes lower case too, which nobody else would find again.
  const isKnown = /^[A-Z]{3}$/.test(text) && findCurrency(text) !== undefined;
  return isKnown ? null : 'is not an ISO 4217 currency such as USD';
}
