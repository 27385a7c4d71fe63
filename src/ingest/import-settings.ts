/** How a file of daily metrics is laid out: a row for each portfolio and day, or for each day. */
export const LAYOUTS = ['long', 'wide'] as const;
type LayoutName = (typeof LAYOUTS)[number];

/** What the values of a file are: returns, prices that returns are computed from, or values alone. */
export const VALUE_KINDS = ['returns', 'prices', 'value'] as const;
type ValueKind = (typeof VALUE_KINDS)[number];

/** What returns are written in. */
export const RETURN_UNITS = ['fraction', 'percent'] as const;
type ReturnUnit = (typeof RETURN_UNITS)[number];

export const DECIMALS = ['point', 'comma'] as const;
type Decimal = (typeof DECIMALS)[number];

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
  /** How many rows of new portfolios make a year, 252 unless given; rows far from it are refused. */
  readonly periodsPerYear?: number;
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
}

/** A tab is hard to type on a command line. */
export const TAB = 'tab';

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
    description: 'how days are written, such as dd.MM.yyyy; as in 2018-05-31 unless given',
  },
  {
    name: 'create-portfolios',
    key: 'createPortfolios',
    description: 'make portfolios, in USD, of codes that are not known',
  },
  {
    name: 'periods-per-year',
    key: 'periodsPerYear',
    argument: 'N',
    description:
      'how many rows of new portfolios make a year, for annualising: 252 (business days, default), 365, 52 or 12',
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

/** The texts that `readSettings` reads these settings from. */
export function settingsTexts(settings: ImportSettings): Record<string, string> {
  return Object.fromEntries(
    IMPORT_OPTIONS.filter(({ key }) => settings[key] !== undefined).map(({ name, key }) => [
      name,
      String(settings[key]),
    ]),
  );
}
