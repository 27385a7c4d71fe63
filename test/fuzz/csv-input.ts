import {
  DECIMALS,
  LAYOUTS,
  RETURN_UNITS,
  VALUE_KINDS,
  type ImportSettings,
} from '../../src/ingest/import-settings.js';
import type { Dice } from './dice.js';
import { anyString, DAYS, IDS } from './strings.js';

const DAILY =
  'portfolio_id,asof_date,twr_1d,portfolio_value_base,benchmark_twr_1d,beta_1y,alpha_1y,tracking_error_1y';
const PORTFOLIOS = 'id,name,base_currency,benchmark_id';
/** A table with a column for each portfolio. */
const WIDE = 'Date,FUND-1,FUND-2,FUND-3';
const WIDE_NUMBERS = ['100', '101.5', '0.01', '1e-30', '1e30', '1e-31', '-1', '0', ''];
const NUMBERS = [
  '0.01',
  '-1',
  '',
  'NaN',
  '1e309',
  '1e-400',
  '0e-20000',
  '-0',
  '+.5',
  '5.',
  '1e99999',
];
/** Bytes that mean something to a reader of CSV, or nothing in UTF-8. */
const BYTES = [0x22, 0x2c, 0x0a, 0x0d, 0x23, 0x5c, 0x00, 0x80, 0xc3, 0xed, 0xf5, 0xff, 0xef];

/** The files of an import. */
export interface CsvInput {
  readonly daily: Buffer;
  readonly portfolios: Buffer | null;
  readonly settings: Partial<ImportSettings>;
}

/** Files of an import: right ones, with wrong fields, and with bytes that do not belong there. */
export function csvInput(dice: Dice): CsvInput {
  const settings = anySettings(dice);
  const isWide = settings.layout === 'wide' ? dice.chance(0.8) : dice.chance(0.05);
  const daily = isWide ? file(WIDE, wideRow, dice) : file(DAILY, dailyRow, dice);
  return {
    daily: damaged(daily, dice),
    portfolios: dice.chance(0.4) ? damaged(file(PORTFOLIOS, portfolioRow, dice), dice) : null,
    settings,
  };
}

/** Settings that fit a file or not. */
function anySettings(dice: Dice): Partial<ImportSettings> {
  const given: Partial<ImportSettings>[] = [
    { layout: dice.pick(LAYOUTS) },
    { values: dice.pick(VALUE_KINDS) },
    { returns: dice.pick(RETURN_UNITS) },
    { delimiter: dice.pick([',', ',', ';', '\t']) },
    { decimal: dice.pick(DECIMALS) },
    { dateFormat: dice.pick(['yyyy-MM-dd', 'dd.MM.yyyy', 'd MMM yy']) },
    { createPortfolios: dice.chance(0.8) },
    { periodsPerYear: 12 },
    { ignoreExtra: dice.chance(0.5) },
    { dryRun: dice.chance(0.5) },
  ];
  return Object.assign({}, ...given.filter(() => dice.chance(0.4))) as Partial<ImportSettings>;
}

function file(header: string, row: (dice: Dice) => string[], dice: Dice): Buffer {
  const isLong = dice.chance(0.01);
  const count = isLong ? 6000 : dice.below(6);
  const lines = Array.from({ length: count }, () =>
    row(dice)
      .map((field) => fieldText(field, dice))
      .join(','),
  );
  const end = dice.pick(['\n', '\n', '\r\n', '\r']);
  const start = dice.chance(0.05) ? '\ufeff' : '';
  return Buffer.from(start + [headerText(header, dice), ...lines].join(end));
}

function headerText(header: string, dice: Dice): string {
  if (dice.chance(0.9)) return header;
  const names = header.split(',');
  names[dice.below(names.length)] = dice.pick([anyString(dice), 'id', '', ' asof_date ']);
  return names.join(',');
}

function dailyRow(dice: Dice): string[] {
  const [, , ...columns] = DAILY.split(',');
  const numbers = columns.map(() => dice.pick(NUMBERS));
  return [dice.pick(IDS), dice.pick(DAYS), ...numbers.map((number) => odd(number, dice))];
}

function wideRow(dice: Dice): string[] {
  return [
    dice.pick(DAYS),
    ...WIDE.split(',')
      .slice(1)
      .map(() => odd(dice.pick(WIDE_NUMBERS), dice)),
  ];
}

function portfolioRow(dice: Dice): string[] {
  const currency = dice.pick(['USD', 'EUR', 'usd', '']);
  return [dice.pick(IDS), odd('Name', dice), odd(currency, dice), odd('SP500', dice)];
}

function odd(field: string, dice: Dice): string {
  return dice.chance(0.1) ? anyString(dice) : field;
}

function fieldText(field: string, dice: Dice): string {
  if (dice.chance(0.001) && field.length < 40) return field.repeat(20_000);
  return dice.chance(0.2) ? `"${field.replaceAll('"', '""')}"` : field;
}

function damaged(bytes: Buffer, dice: Dice): Buffer {
  if (dice.chance(0.5)) return bytes;
  if (dice.chance(0.05)) return Buffer.from(bytes.toString('utf8'), 'utf16le');
  const copy = Buffer.from(bytes);
  for (let count = dice.below(8); count > 0 && copy.length > 0; count--) {
    copy[dice.below(copy.length)] = dice.chance(0.7) ? dice.pick(BYTES) : dice.below(256);
  }
  return dice.chance(0.2) ? copy.subarray(0, dice.below(copy.length + 1)) : copy;
}
