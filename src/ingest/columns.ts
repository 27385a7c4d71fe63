import { DEFAULT_TENANT, tenantFault } from '../access/tenant.js';
import { toDay, type DayNumber } from '../metrics/calendar.js';
import {
  codeFault,
  currencyFault,
  periodsFault,
  textFault,
} from '../portfolios/portfolio-rules.js';
import { parseUuid } from '../scalars.js';
import { FIRST_DAY } from '../timescale/aggregate-state.js';
import { dayReader } from './date-text.js';
import { aboveTotalLoss, parseMoney, parseNumber, remembering, type Parsed } from './values.js';

/**
 * One column of rows that are to be written. An absent field leaves what is stored as it is, an
 * empty one clears it; in a new row both are null.
 */
export interface ImportColumn {
  readonly name: string;
  /** Other names that it may have in the header of a file. */
  readonly aliases?: readonly string[];
  readonly sqlType: string;
  /** Part of the key that identifies a row. */
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

export const PORTFOLIO_ALIASES = [
  'portfolio',
  'portfolio_code',
  'code',
  'fund',
  'fund_code',
  'fund_id',
  'account',
  'isin',
  'ticker',
  'symbol',
];
export const DAY_ALIASES = ['date', 'day', 'as_of', 'as_of_date', 'asof', 'timestamp', 'datetime'];
export const RETURN_ALIASES = ['return', 'returns', 'daily_return', 'twr'];
/** Names of values that may be prices, too; `value` may even be returns. */
export const UNCLEAR_VALUES = ['price', 'nav', 'value'];
/** A name that may be prices or returns of the benchmark. */
export const BENCHMARK = 'benchmark';

const uuid = (text: string): Parsed => {
  const value = parseUuid(text);
  return value === null ? { rule: 'is not a UUID' } : { value };
};

const shortText = (text: string): Parsed => checked(text, textFault);
const code = (text: string): Parsed => checked(text, codeFault);
const tenant = (text: string): Parsed => checked(text, tenantFault);
const currency = (text: string): Parsed => checked(text, currencyFault);
const periods = (text: string): Parsed => {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  const rule = periodsFault(number);
  return rule === null ? { value: String(number) } : { rule };
};

function checked(text: string, faultOf: (text: string) => string | null): Parsed {
  const rule = faultOf(text);
  return rule === null ? { value: text } : { rule };
}

/** The columns of a file of portfolios. */
export const PORTFOLIO_COLUMNS: readonly ImportColumn[] = [
  { name: 'id', sqlType: 'uuid', isKey: true, aliases: ['portfolio_id'], parse: uuid },
  {
    name: 'name',
    sqlType: 'text',
    isRequired: true,
    aliases: ['portfolio_name'],
    parse: shortText,
  },
  { name: 'code', sqlType: 'text', aliases: ['portfolio_code', 'fund_code'], parse: code },
  {
    name: 'base_currency',
    sqlType: 'text',
    whenNew: 'USD',
    aliases: ['currency'],
    parse: currency,
  },
  { name: 'benchmark_id', sqlType: 'text', aliases: ['benchmark'], parse: shortText },
  { name: 'periods_per_year', sqlType: 'integer', whenNew: '252', parse: periods },
  { name: 'tenant', sqlType: 'text', whenNew: DEFAULT_TENANT, parse: tenant },
];

/** The types of the columns of daily metrics. */
export type DailySqlType = 'uuid' | 'text' | 'date' | 'numeric' | 'double precision';

/** How the fields of daily metrics are read. */
export interface DailyParsers {
  readonly parsePortfolio: (text: string) => Parsed;
  readonly parseDay: (text: string) => Parsed;
  readonly parseReturn: (text: string) => Parsed;
  readonly parseBenchmarkReturn: (text: string) => Parsed;
  readonly parseValue: (text: string) => Parsed;
  readonly parseNumber: (text: string) => Parsed;
}

/** As programs give them: UUIDs, ISO dates, decimal fractions. */
export const PLAIN_PARSERS: DailyParsers = {
  parsePortfolio: uuid,
  parseDay: dayReader(undefined),
  parseReturn: (text) => aboveTotalLoss(parseNumber(text), 'is below -1: more than all was lost'),
  parseBenchmarkReturn: parseNumber,
  parseValue: parseMoney,
  parseNumber,
};

/** The columns of daily metrics. */
export function dailyMetricsColumns(
  today: DayNumber,
  parsers: DailyParsers,
): readonly (ImportColumn & { readonly sqlType: DailySqlType })[] {
  const { parsePortfolio, parseDay, parseReturn, parseBenchmarkReturn, parseValue } = parsers;
  const double = (name: string, parse: (text: string) => Parsed) => ({
    name,
    sqlType: 'double precision' as const,
    parse,
  });
  return [
    {
      name: 'portfolio_id',
      aliases: PORTFOLIO_ALIASES,
      sqlType: 'uuid',
      isKey: true,
      isRequired: true,
      parse: remembering(parsePortfolio),
    },
    {
      name: 'asof_date',
      aliases: DAY_ALIASES,
      sqlType: 'date',
      isKey: true,
      isRequired: true,
      parse: remembering((text) => untilTomorrow(parseDay(text), today)),
    },
    {
      name: 'pricing_pack_id',
      aliases: ['pricing_pack'],
      sqlType: 'text',
      isKey: true,
      whenEmpty: 'default',
      parse: remembering(shortText),
    },
    { ...double('twr_1d', parseReturn), aliases: RETURN_ALIASES },
    {
      name: 'portfolio_value_base',
      aliases: ['portfolio_value', 'market_value', ...UNCLEAR_VALUES],
      sqlType: 'numeric',
      parse: parseValue,
    },
    {
      ...double('benchmark_twr_1d', parseBenchmarkReturn),
      aliases: ['benchmark_return', BENCHMARK],
    },
    double('beta_1y', parsers.parseNumber),
    double('alpha_1y', parsers.parseNumber),
    double('tracking_error_1y', parsers.parseNumber),
  ];
}

/** A day that can be recorded, until tomorrow: a typo must not become the first or last day of all portfolios. */
function untilTomorrow(parsed: Parsed, today: DayNumber): Parsed {
  if ('rule' in parsed) return parsed;
  const day = toDay(parsed.value);
  if (day < FIRST_RECORDED_DAY) return { rule: `is before ${FIRST_DAY}` };
  return day > today + 1 ? { rule: 'is after tomorrow (UTC)' } : parsed;
}
