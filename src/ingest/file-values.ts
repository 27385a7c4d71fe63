import { Failure } from '../errors.js';
import { codeFault } from '../portfolios/portfolio-rules.js';
import { parseUuid } from '../scalars.js';
import type { DailyParsers } from './columns.js';
import { dayReader } from './date-text.js';
import type { FileFormat } from './import-settings.js';
import {
  aboveTotalLoss,
  LARGE_RETURN,
  MAX_PRICE,
  MIN_PRICE,
  parseMoney,
  parseNumber,
  type Parsed,
} from './values.js';

/**
 * Reads the fields of one file of daily metrics as its format says, and counts how many returns are
 * large where their unit was not given.
 */
export class FileValues implements DailyParsers {
  private nonZero = 0;
  private large = 0;
  readonly parseDay: DailyParsers['parseDay'];

  constructor(
    private readonly file: string,
    private readonly format: FileFormat,
  ) {
    this.parseDay = dayReader(format.dateFormat);
  }

  /** A UUID in lower case, or a code. */
  readonly parsePortfolio = (text: string): Parsed => {
    const id = parseUuid(text);
    if (id !== null) return { value: id };
    const rule = codeFault(text);
    return rule === null ? { value: text } : { rule };
  };

  readonly parseNumber = (text: string): Parsed => this.withPoint(text, parseNumber);

  readonly parseValue = (text: string): Parsed => {
    const parsed = this.withPoint(text, parseMoney);
    if (this.format.values !== 'prices' || 'rule' in parsed) return parsed;
    const price = Number(parsed.value);
    return price >= MIN_PRICE && price <= MAX_PRICE
      ? parsed
      : { rule: 'is no price: one is above 0; leave the field empty where there is none' };
  };

  readonly parseBenchmarkReturn = (text: string): Parsed => {
    if (this.format.returns !== 'percent') return this.parseNumber(text);
    // Spreadsheets write the sign with a number that they show in percent.
    const parsed = this.parseNumber(text.replace(/\s*%$/, ''));
    return 'value' in parsed ? parseNumber(hundredth(parsed.value)) : parsed;
  };

  readonly parseReturn = (text: string): Parsed => {
    const parsed = this.parseBenchmarkReturn(text);
    if ('value' in parsed) this.count(Math.abs(Number(parsed.value)));
    return aboveTotalLoss(
      parsed,
      this.format.returns === 'percent'
        ? 'is below -100 %: more than all was lost'
        : 'is below -1: more than all was lost; for returns in percent add --returns percent',
    );
  };

  /** Throws a Failure where the returns look like percent and their unit was not given. */
  check(): void {
    if (this.format.returns !== undefined || 2 * this.large <= this.nonZero) return;
    throw new Failure(
      `Nothing was imported: of ${this.nonZero} returns in ${this.file} that are not 0, ${this.large} exceed 5 % in size if they are fractions. Add --returns percent if 1.5 means 1.5 %, or --returns fraction if 0.015 does.`,
    );
  }

  private count(size: number): void {
    if (size > 0) this.nonZero += 1;
    if (size > LARGE_RETURN) this.large += 1;
  }

  private withPoint(text: string, parse: (text: string) => Parsed): Parsed {
    if (this.format.decimal === 'point') return parse(text);
    return text.includes('.')
      ? { rule: 'is not a finite number with a decimal comma' }
      : parse(text.replace(',', '.'));
  }
}

/** The same digits with the point moved, so that 1.1 % is the double next to 0.011. */
function hundredth(number: string): string {
  const [digits = '', exponent = '0'] = number.toLowerCase().split('e');
  return `${digits}e${Number(exponent) - 2}`;
}
