import { Failure } from '../errors.js';
import { parseNumber, type Parsed, type ReturnParsers } from './columns.js';

/** What the returns of a file are written in. */
export const RETURN_UNITS = ['fraction', 'percent'] as const;
export type ReturnUnit = (typeof RETURN_UNITS)[number];

/** A return greater than this in size is rare for a day. */
const LARGE_RETURN = 0.05;

/** Returns as decimal fractions, none below −1. */
export const FRACTIONS: ReturnParsers = {
  parseReturn: (text) => aboveTotalLoss(parseNumber(text), 'is below -1: more than all was lost'),
  parseBenchmarkReturn: parseNumber,
};

/** Reads the returns of one file, and counts how many are large where their unit was not given. */
export class FileReturns implements ReturnParsers {
  private nonZero = 0;
  private large = 0;

  constructor(
    private readonly file: string,
    private readonly unit: ReturnUnit | undefined,
  ) {}

  readonly parseBenchmarkReturn = (text: string): Parsed => {
    const parsed = parseNumber(text);
    return this.unit === 'percent' && 'value' in parsed
      ? parseNumber(hundredth(parsed.value))
      : parsed;
  };

  readonly parseReturn = (text: string): Parsed => {
    const parsed = this.parseBenchmarkReturn(text);
    if ('value' in parsed) this.count(Math.abs(Number(parsed.value)));
    return aboveTotalLoss(
      parsed,
      this.unit === 'percent'
        ? 'is below -100 %: more than all was lost'
        : 'is below -1: more than all was lost; for returns in percent add --returns percent',
    );
  };

  /** Throws a Failure where the returns look like percent and their unit was not given. */
  check(): void {
    if (this.unit !== undefined || 2 * this.large <= this.nonZero) return;
    throw new Failure(
      `Nothing was imported: of ${this.nonZero} returns in ${this.file} that are not 0, ${this.large} exceed 5 % in size if they are fractions. Add --returns percent if 1.5 means 1.5 %, or --returns fraction if 0.015 does.`,
    );
  }

  private count(size: number): void {
    if (size > 0) this.nonZero += 1;
    if (size > LARGE_RETURN) this.large += 1;
  }
}

function aboveTotalLoss(parsed: Parsed, rule: string): Parsed {
  return 'value' in parsed && Number(parsed.value) < -1 ? { rule } : parsed;
}

/** The same digits with the point moved, so that 1.1 % is the double next to 0.011. */
function hundredth(number: string): string {
  const [digits = '', exponent = '0'] = number.toLowerCase().split('e');
  return `${digits}e${Number(exponent) - 2}`;
}
