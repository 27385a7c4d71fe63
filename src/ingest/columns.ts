import { DEFAULT_TENANT, tenantFault } from '../access/tenant.js';
import { parseDay } from '../metrics/calendar.js';
import type { DayNumber } from '../metrics/calendar.js';
import { parseUuid } from '../scalars.js';

/** A value for the database, or the rule that the text breaks. */
export type Parsed = { readonly value: string | null } | { readonly rule: string };

/** One column of an import file; empty text never reaches `parse`. */
export interface ImportColumn {
  readonly name: string;
  readonly sqlType: string;
  /** Whether the file may leave the column out. */
  readonly optional?: boolean;
  /** What an empty field means; without it an empty field is a fault. */
  readonly whenEmpty?: string | null;
  /** Given where a stored row never changes this column: what a new row has where it is null. */
  readonly whenNew?: string;
  readonly parse: (text: string) => Parsed;
}

const MAX_TEXT = 200;

const uuid = (text: string): Parsed => {
  const value = parseUuid(text);
  return value === null ? { rule: 'is not a UUID' } : { value };
};

const shortText = (text: string): Parsed => {
  if (text.length > MAX_TEXT) return { rule: `has more than ${MAX_TEXT} characters` };
  if (text.includes('\0')) return { rule: 'has a NUL character' };
  // Half of a letter, which would be stored as another one.
  if (/\p{Surrogate}/u.test(text)) return { rule: 'is not Unicode text' };
  // What decoding puts in the place of bytes that are no UTF-8.
  return text.includes('\uFFFD') ? { rule: 'is not UTF-8 text' } : { value: text };
};

const tenant = (text: string): Parsed => {
  const rule = tenantFault(text);
  return rule === null ? { value: text } : { rule };
};

const currency = (text: string): Parsed =>
  /^[A-Z]{3}$/.test(text) ? { value: text } : { rule: 'is not an ISO 4217 currency such as USD' };

/** A finite decimal number within the range of a double; one that would become 0 is refused too. */
const number = (text: string): Parsed => {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const isLost = value === 0 && /[1-9]/.test(text.replace(/e.*$/i, ''));
  return Number.isFinite(value) && !isLost ? { value: text } : { rule: 'is not a finite number' };
};

/** What the type numeric holds behind the point. */
const MAX_DECIMALS = 16_383;

/** A number as it is written, with all its decimals. */
const money = (text: string): Parsed => {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  const decimals = (digits.split('.')[1]?.length ?? 0) - Number(exponent);
  return decimals > MAX_DECIMALS
    ? { rule: `has more than ${MAX_DECIMALS} decimals` }
    : number(text);
};

/** A calendar day, at most `lastDay`: a typo of 2099 must not become everybody's newest day. */
const dayUntil =
  (lastDay: DayNumber) =>
  (text: string): Parsed => {
    const day = parseDay(text);
    if (day === null) return { rule: 'is not a calendar date such as 2018-05-11' };
    return day > lastDay ? { rule: 'is after tomorrow (UTC)' } : { value: text };
  };

const double = (name: string): ImportColumn => ({
  name,
  sqlType: 'double precision',
  whenEmpty: null,
  parse: number,
});

/** The columns of a file of portfolios. */
export const PORTFOLIO_COLUMNS: readonly ImportColumn[] = [
  { name: 'id', sqlType: 'uuid', parse: uuid },
  { name: 'name', sqlType: 'text', parse: shortText },
  { name: 'base_currency', sqlType: 'text', whenEmpty: 'USD', parse: currency },
  { name: 'benchmark_id', sqlType: 'text', whenEmpty: null, parse: shortText },
  {
    name: 'tenant',
    sqlType: 'text',
    optional: true,
    whenEmpty: null,
    whenNew: DEFAULT_TENANT,
    parse: tenant,
  },
];

/** The columns of a file of daily metrics. */
export function dailyMetricsColumns(today: DayNumber): readonly ImportColumn[] {
  return [
    { name: 'portfolio_id', sqlType: 'uuid', parse: uuid },
    { name: 'asof_date', sqlType: 'date', parse: dayUntil(today + 1) },
    {
      name: 'pricing_pack_id',
      sqlType: 'text',
      optional: true,
      whenEmpty: 'default',
      parse: shortText,
    },
    double('twr_1d'),
    { ...double('portfolio_value_base'), sqlType: 'numeric', parse: money },
    double('benchmark_twr_1d'),
    double('beta_1y'),
    double('alpha_1y'),
    double('tracking_error_1y'),
  ];
}
