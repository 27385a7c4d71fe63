import { DEFAULT_TENANT, tenantFault } from '../access/tenant.js';
import { parseDay, toDay, type DayNumber } from '../metrics/calendar.js';
import { currencyFault, textFault } from '../portfolios/portfolio-rules.js';
import { parseUuid } from '../scalars.js';
import { FIRST_DAY } from '../timescale/aggregate-state.js';

/** A value for the database, or the rule that the text breaks. */
export type Parsed = { readonly value: string } | { readonly rule: string };

/**
 * One column of rows that are to be written. An absent field leaves what is stored as it is, an
 * empty one clears it; in a new row both are null.
 */
export interface ImportColumn {
  readonly name: string;
  readonly sqlType: string;
  /** Part of the key by which a row is found again. */
  readonly isKey?: boolean;
  /** Neither absent nor empty. */
  readonly isRequired?: boolean;
  /** What an absent or empty field of a key means. */
  readonly whenEmpty?: string;
  /** What a new row has in place of null; an empty field leaves what is stored as it is. */
  readonly whenNew?: string;
  /** Never gets an empty text. */
  readonly parse: (text: string) => Parsed;
}

/** A rule of the database too. */
const FIRST_RECORDED_DAY = toDay(FIRST_DAY);

const uuid = (text: string): Parsed => {
  const value = parseUuid(text);
  return value === null ? { rule: 'is not a UUID' } : { value };
};

const shortText = (text: string): Parsed => checked(text, textFault);
const tenant = (text: string): Parsed => checked(text, tenantFault);
const currency = (text: string): Parsed => checked(text, currencyFault);

function checked(text: string, faultOf: (text: string) => string | null): Parsed {
  const rule = faultOf(text);
  return rule === null ? { value: text } : { rule };
}

/** A finite decimal number within the range of a double; one that would become 0 is refused too. */
export function parseNumber(text: string): Parsed {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const isLost = value === 0 && /[1-9]/.test(text.replace(/e.*$/i, ''));
  return Number.isFinite(value) && !isLost ? { value: text } : { rule: 'is not a finite number' };
}

/** What the type numeric holds behind the point. */
const MAX_DECIMALS = 16_383;

/** A number as it is written, with all its decimals. */
const money = (text: string): Parsed => {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  const decimals = (digits.split('.')[1]?.length ?? 0) - Number(exponent);
  return decimals > MAX_DECIMALS
    ? { rule: `has more than ${MAX_DECIMALS} decimals` }
    : parseNumber(text);
};

/** A day that can be recorded, until tomorrow: a typo must not become everybody's first or last day. */
const dayUntil =
  (lastDay: DayNumber) =>
  (text: string): Parsed => {
    const day = parseDay(text);
    if (day === null) return { rule: 'is not a calendar date such as 2018-05-11' };
    if (day < FIRST_RECORDED_DAY) return { rule: `is before ${FIRST_DAY}` };
    return day > lastDay ? { rule: 'is after tomorrow (UTC)' } : { value: text };
  };

/** The columns of a file of portfolios. */
export const PORTFOLIO_COLUMNS: readonly ImportColumn[] = [
  { name: 'id', sqlType: 'uuid', isKey: true, isRequired: true, parse: uuid },
  { name: 'name', sqlType: 'text', isRequired: true, parse: shortText },
  { name: 'base_currency', sqlType: 'text', whenNew: 'USD', parse: currency },
  { name: 'benchmark_id', sqlType: 'text', parse: shortText },
  { name: 'tenant', sqlType: 'text', whenNew: DEFAULT_TENANT, parse: tenant },
];

/** How the returns of daily metrics are read. */
export interface ReturnParsers {
  readonly parseReturn: (text: string) => Parsed;
  readonly parseBenchmarkReturn: (text: string) => Parsed;
}

/** The columns of daily metrics. */
export function dailyMetricsColumns(
  today: DayNumber,
  { parseReturn, parseBenchmarkReturn }: ReturnParsers,
): readonly ImportColumn[] {
  const double = (name: string, parse: (text: string) => Parsed): ImportColumn => ({
    name,
    sqlType: 'double precision',
    parse,
  });
  return [
    { name: 'portfolio_id', sqlType: 'uuid', isKey: true, isRequired: true, parse: uuid },
    {
      name: 'asof_date',
      sqlType: 'date',
      isKey: true,
      isRequired: true,
      parse: dayUntil(today + 1),
    },
    {
      name: 'pricing_pack_id',
      sqlType: 'text',
      isKey: true,
      whenEmpty: 'default',
      parse: shortText,
    },
    double('twr_1d', parseReturn),
    { name: 'portfolio_value_base', sqlType: 'numeric', parse: money },
    double('benchmark_twr_1d', parseBenchmarkReturn),
    double('beta_1y', parseNumber),
    double('alpha_1y', parseNumber),
    double('tracking_error_1y', parseNumber),
  ];
}
