import { parse } from 'csv-parse/sync';
import {
  dailyMetricsColumns,
  DAY_ALIASES,
  PLAIN_PARSERS,
  PORTFOLIO_ALIASES,
  RETURN_ALIASES,
  UNCLEAR_VALUES,
} from './columns.js';
import { dayReader } from './date-text.js';
import { matchHeader, plainName } from './header.js';
import type { FileFormat } from './import-settings.js';
import { LARGE_RETURN } from './values.js';

/** Lines that are looked at. */
const SAMPLE = 100;
const DELIMITERS = [
  { character: ',', name: 'commas', option: "','" },
  { character: ';', name: 'semicolons', option: "';'" },
  { character: '\t', name: 'tabs', option: 'tab' },
  { character: '|', name: 'bars', option: "'|'" },
];
const DATE_FORMATS = [
  'dd.MM.yyyy',
  'dd/MM/yyyy',
  'MM/dd/yyyy',
  'dd-MM-yyyy',
  'MM-dd-yyyy',
  'yyyy/MM/dd',
  'yyyy.MM.dd',
  'yyyyMMdd',
  'dd.MM.yy',
  'dd/MM/yy',
  'MM/dd/yy',
  'd MMM yyyy',
  'd-MMM-yyyy',
  'd-MMM-yy',
  'MMM d, yyyy',
];
const POINT_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*%?$/i;
const COMMA_NUMBER = /^[+-]?\d*,\d+\s*%?$/;
/** Returns are rarely all positive and this large, even in percent; prices mostly are. */
const SMALL_PRICE = 1.5;

/** Something that a file looks like, and the option that says so. */
interface Trait {
  readonly looks: string;
  readonly option: string;
}

/** As `describeShape`, for a file of which only the delimiter is open. */
export function describeDelimiter(file: string, head: string, format: FileFormat): string | null {
  if (head.includes('\uFFFD')) return notUnicode(file);
  const table = readTable(head, format.delimiter);
  return table && sentence(file, delimiterTraits(table, format));
}

/**
 * A sentence about what the beginning of a file looks like where that is not what its format says,
 * with the options to add; null where nothing is different. Nothing is ever taken for what it looks
 * like: the user says it.
 */
export function describeShape(file: string, head: string, format: FileFormat): string | null {
  if (head.includes('\uFFFD')) return notUnicode(file);
  const table = readTable(head, format.delimiter);
  if (!table) return null;
  const { header, rows } = table;
  const isOf = (names: readonly string[]) => (name: string) => names.includes(plainName(name));
  const dayColumn = Math.max(header.findIndex(isOf(['asof_date', ...DAY_ALIASES])), 0);
  const days = cellsOf(rows, dayColumn);
  const numbers = header.map((_, column) =>
    column === dayColumn ? [] : cellsOf(rows, column).filter(isNumber),
  );
  const isWide =
    !header.some(isOf(['portfolio_id', ...PORTFOLIO_ALIASES])) &&
    // A file with names of other columns lacks only its portfolio.
    matchHeader(header, dailyMetricsColumns(0, PLAIN_PARSERS)).extra.some(
      (name) => numbers[header.indexOf(name)]!.length > 0,
    );
  const decimal = numbers.flat().some((cell) => COMMA_NUMBER.test(cell)) ? 'comma' : 'point';
  const layout = isWide ? 'wide' : 'long';
  const traits = delimiterTraits(table, format);
  if (decimal === 'comma' && format.decimal === 'point') {
    traits.push({ looks: 'decimal commas', option: '--decimal comma' });
  }
  if (decimal === 'point' && format.decimal === 'comma') {
    traits.push({ looks: 'decimal points', option: '--decimal point' });
  }
  traits.push(...dateTraits(days, format.dateFormat));
  if (layout !== format.layout) {
    traits.push({
      looks: isWide ? 'a column for each portfolio' : 'a row for each portfolio and day',
      option: `--layout ${layout}`,
    });
  }
  const valueColumns = header.flatMap((name, column) =>
    isWide
      ? column === dayColumn
        ? []
        : [column]
      : isOf(['twr_1d', ...RETURN_ALIASES, ...UNCLEAR_VALUES])(name)
        ? [column]
        : [],
  );
  const isNamedReturn = header.some(isOf(['twr_1d', ...RETURN_ALIASES]));
  const values = valueColumns
    .flatMap((column) => numbers[column]!)
    .map((cell) => Number(cell.replace(',', '.').replace(/\s*%$/, '')));
  traits.push(...valueTraits(values, { ...format, isNamedReturn }));
  return sentence(file, traits);
}

function notUnicode(file: string): string {
  return `${file} is not UTF-8 text: save it as "CSV UTF-8".`;
}

function sentence(file: string, traits: readonly Trait[]): string | null {
  if (traits.length === 0) return null;
  const looks = listed(traits.map((trait) => trait.looks));
  return `${file} looks like ${looks}: add ${traits.map(({ option }) => option).join(' ')}`;
}

function delimiterTraits({ delimiter }: Table, format: FileFormat): Trait[] {
  return delimiter.character === format.delimiter
    ? []
    : [{ looks: delimiter.name, option: `--delimiter ${delimiter.option}` }];
}

interface Table {
  readonly delimiter: (typeof DELIMITERS)[number];
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The beginning as a table, by the delimiter that gives all lines the most columns. */
function readTable(head: string, given: string): Table | null {
  const lines = head.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  // The last line may be cut off.
  const sample = lines.slice(0, Math.min(SAMPLE, Math.max(lines.length - 1, 2))).join('\n');
  const tables = DELIMITERS.flatMap((delimiter): Table[] => {
    try {
      const [header = [], ...rows] = parse(sample, {
        delimiter: delimiter.character,
        relax_column_count: true,
        trim: true,
      });
      const isTable = header.length > 1 && rows.every((row) => row.length === header.length);
      return isTable && rows.length > 0 ? [{ delimiter, header, rows }] : [];
    } catch {
      return [];
    }
  });
  const ofGiven = tables.find(({ delimiter }) => delimiter.character === given);
  return ofGiven ?? tables.toSorted((a, b) => b.header.length - a.header.length)[0] ?? null;
}

function cellsOf(rows: readonly (readonly string[])[], column: number): string[] {
  return rows.map((row) => row[column]!).filter((cell) => cell !== '');
}

function isNumber(cell: string): boolean {
  return POINT_NUMBER.test(cell) || COMMA_NUMBER.test(cell);
}

function dateTraits(days: readonly string[], given: string | undefined): Trait[] {
  const fits = (format: string | undefined): boolean => {
    const read = dayReader(format);
    return days.every((day) => {
      const parsed = read(day);
      // A year of two digits is one of the first century in a format of four.
      return 'value' in parsed && parsed.value >= '1900';
    });
  };
  if (days.length === 0 || fits(given)) return [];
  if (given !== undefined && fits(undefined)) {
    return [{ looks: 'days as in 2018-05-31', option: '--date-format yyyy-MM-dd' }];
  }
  const fitting = DATE_FORMATS.filter(fits);
  const fullYears = fitting.filter((format) => format.includes('yyyy'));
  const formats = fullYears.length > 0 ? fullYears : fitting;
  if (formats.length === 0) return [];
  return formats.length === 1
    ? [{ looks: `days as ${formats[0]}`, option: `--date-format ${quoted(formats[0]!)}` }]
    : [
        {
          looks: `days as ${formats.join(' or ')}`,
          option: `--date-format ${formats.map(quoted).join(' (or ')}${')'.repeat(formats.length - 1)}`,
        },
      ];
}

function valueTraits(
  values: readonly number[],
  { values: given, returns, isNamedReturn }: FileFormat & { readonly isNamedReturn: boolean },
): Trait[] {
  if (values.length === 0) return [];
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  const middle = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
  const arePrices = values.every((value) => value > 0) && middle > SMALL_PRICE;
  const kind = given ?? (isNamedReturn ? 'returns' : undefined);
  const traits: Trait[] = [];
  if (arePrices && (kind === undefined || kind === 'returns')) {
    return [
      {
        looks: 'prices',
        option: `--values prices (or value, for values that money flows into and out of)`,
      },
    ];
  }
  if (!arePrices && kind !== 'returns' && kind !== 'value') {
    traits.push({ looks: 'returns', option: '--values returns' });
  }
  if (!arePrices && returns === undefined && middle > LARGE_RETURN && kind !== 'value') {
    traits.push({ looks: 'percent', option: '--returns percent' });
  }
  return traits;
}

function quoted(text: string): string {
  return text.includes(' ') ? `'${text}'` : text;
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
