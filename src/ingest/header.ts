import { currencyFault } from '../portfolios/portfolio-rules.js';
import type { ImportColumn } from './columns.js';

/** The columns of a header. */
export interface MatchedHeader {
  /** Where each column of the database stands; −1 for one that the file leaves out. */
  readonly positions: readonly number[];
  /** Names without a meaning. */
  readonly extra: readonly string[];
  /** Names with the meaning of one before them. */
  readonly repeated: readonly string[];
}

/** The columns that the names of a header stand for, in any case and by their aliases. */
export function matchHeader(
  header: readonly string[],
  columns: readonly ImportColumn[],
): MatchedHeader {
  const positions = columns.map(() => -1);
  const extra: string[] = [];
  const repeated: string[] = [];
  header.forEach((name, position) => {
    const plain = plainName(name);
    const column = columns.findIndex(
      (known) => known.name === plain || known.aliases?.includes(plain),
    );
    if (column < 0) extra.push(name);
    else if (positions[column]! >= 0) repeated.push(name);
    else positions[column] = position;
  });
  return { positions, extra, repeated };
}

/** What parentheses may say without changing the meaning of a name, besides a currency. */
const UNITS = new Set(['%', 'pct', 'percent', 'decimal', 'daily', '1d']);

/** "As of date" is as_of_date, "Return (%)" and "return_pct" are return; "Return (YTD)" is not. */
export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/\((.*?)\)/g, (all, unit: string) => (isUnit(unit.trim()) ? '' : all))
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/_(pct|percent)$/, '');
}

function isUnit(text: string): boolean {
  return UNITS.has(text) || currencyFault(text.toUpperCase()) === null;
}

/** Whether a name says that its values are in percent. */
export function saysPercent(name: string): boolean {
  return /%|pct|percent/i.test(name);
}
