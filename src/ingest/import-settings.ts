import { badUserInput } from '../errors.js';
import { dateFormatFault } from './date-text.js';

/** How a file of daily metrics is laid out: a row for each portfolio and day, or for each day. */
export const LAYOUTS = ['long', 'wide'] as const;
export type LayoutName = (typeof LAYOUTS)[number];

/** What the values of a file are: returns, prices that returns are computed from, or values alone. */
export const VALUE_KINDS = ['returns', 'prices', 'value'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** What returns are written in. */
export const RETURN_UNITS = ['fraction', 'percent'] as const;
export type ReturnUnit = (typeof RETURN_UNITS)[number];

export const DECIMALS = ['point', 'comma'] as const;
export type Decimal = (typeof DECIMALS)[number];

/** How a file is written. None of it is guessed: a file that looks different is refused. */
export interface FileFormat {
  readonly layout: LayoutName;
  /** Unless given, a header that does not say it is refused. */
  readonly values?: ValueKind;
  /** Unless given, a file that looks like percent is refused. */
  readonly returns?: ReturnUnit;
  readonly delimiter: string;
  readonly decimal: Decimal;
  /** Unless given, ISO 8601. */
  readonly dateFormat?: string;
  /** Whether columns without a meaning are skipped. */
  readonly ignoreExtra: boolean;
}

/** What the user of an import decides. */
export interface ImportSettings extends FileFormat {
  /** Whether unknown codes become portfolios. */
  readonly createPortfolios: boolean;
  /** Whether to say what would change, and to change nothing. */
  readonly dryRun: boolean;
  /** Whether to refresh the aggregates over the days of the file. */
  readonly refresh: boolean;
}

export const DEFAULT_SETTINGS: ImportSettings = {
  layout: 'long',
  delimiter: ',',
  decimal: 'point',
  ignoreExtra: false,
  createPortfolios: false,
  dryRun: false,
  refresh: true,
};

/** An option of the command, which is a parameter of `POST /import` with the same name. */
export interface ImportOption {
  readonly name: string;
  readonly key: keyof ImportSettings;
  readonly description: string;
  /** What its value is called in the help; absent for one that is true or false. */
  readonly argument?: string;
  readonly choices?: readonly string[];
  /** The rule that a value breaks; null when it breaks none. */
  readonly faultOf?: (text: string) => string | null;
}

/** A tab is hard to type on a command line. */
const TAB = 'tab';

export const IMPORT_OPTIONS: readonly ImportOption[] = [
  {
    name: 'layout',
    key: 'layout',
    argument: 'layout',
    choices: LAYOUTS,
    description:
      'long (default): a row for each portfolio and day; wide: the first column is the day, each other one a portfolio by its code or UUID',
  },
  {
    name: 'values',
    key: 'values',
    argument: 'kind',
    choices: VALUE_KINDS,
    description:
      'what the values are: returns; prices, from which returns are computed; or value: the value of the portfolio, without a return',
  },
  {
    name: 'returns',
    key: 'returns',
    argument: 'unit',
    choices: RETURN_UNITS,
    description: 'what returns are in: 0.015 or 1.5 for 1.5 %',
  },
  {
    name: 'delimiter',
    key: 'delimiter',
    argument: 'C',
    faultOf: delimiterFault,
    description: `the character between fields, or ${TAB}; a comma unless given`,
  },
  {
    name: 'decimal',
    key: 'decimal',
    argument: 'mark',
    choices: DECIMALS,
    description: 'the decimal mark of numbers: point (default) or comma',
  },
  {
    name: 'date-format',
    key: 'dateFormat',
    argument: 'F',
    faultOf: dateFormatFault,
    description: 'how days are written, such as dd.MM.yyyy; as in 2018-05-31 unless given',
  },
  {
    name: 'create-portfolios',
    key: 'createPortfolios',
    description: 'make portfolios, in USD, of codes that are not known',
  },
  {
    name: 'ignore-extra',
    key: 'ignoreExtra',
    description: 'skip columns that have no meaning here, and name them',
  },
  { name: 'dry-run', key: 'dryRun', description: 'say what would change, and change nothing' },
  {
    name: 'refresh',
    key: 'refresh',
    description: 'refresh the aggregates over the days of the file',
  },
];

/**
 * Reads settings from texts by the options' names. Throws BAD_USER_INPUT for the first one that is
 * not right, unknown names among them: one that is misspelt must not be taken for absent.
 */
export function readSettings(texts: Readonly<Record<string, unknown>>): ImportSettings {
  const settings = Object.entries(texts).map(([name, text]) => {
    const option = IMPORT_OPTIONS.find((known) => known.name === name);
    if (!option) {
      throw badUserInput(
        `${name} is no option of an import; there are ${IMPORT_OPTIONS.map((known) => known.name).join(', ')}`,
      );
    }
    return [option.key, valueOf(option, String(text))];
  });
  return { ...DEFAULT_SETTINGS, ...(Object.fromEntries(settings) as Partial<ImportSettings>) };
}

/** The texts that `readSettings` reads these settings from. */
export function settingsTexts(settings: ImportSettings): Record<string, string> {
  return Object.fromEntries(
    IMPORT_OPTIONS.filter(({ key }) => settings[key] !== undefined).map(({ name, key }) => [
      name,
      String(settings[key]),
    ]),
  );
}

function valueOf({ name, argument, choices, faultOf }: ImportOption, text: string): unknown {
  const allowed = argument ? choices : ['true', 'false'];
  if (allowed && !allowed.includes(text)) {
    throw badUserInput(`${name} must be ${allowed.join(' or ')}, but got "${text}"`);
  }
  const fault = faultOf?.(text);
  if (fault) throw badUserInput(`${name} "${text}" ${fault}`);
  if (!argument) return text === 'true';
  return name === 'delimiter' && text === TAB ? '\t' : text;
}

function delimiterFault(text: string): string | null {
  if (text === TAB) return null;
  return /^[^\p{L}\p{N}"\r\n.+-]$/u.test(text) && text.length === 1
    ? null
    : `must be one character between fields, such as ';', or ${TAB}`;
}
