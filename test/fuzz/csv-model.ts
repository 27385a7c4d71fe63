import type { ImportSettings } from '../../src/ingest/import-settings.js';
import type { Dice } from './dice.js';

/** Portfolios that the target has. */
export const KNOWN_PORTFOLIOS = [
  '00000000-0000-4000-8000-00000000000a',
  '00000000-0000-4000-8000-00000000000b',
];
const UNKNOWN = '00000000-0000-4000-8000-00000000000c';
const VALUE_COLUMNS = [
  'twr_1d',
  'portfolio_value_base',
  'benchmark_twr_1d',
  'beta_1y',
  'alpha_1y',
  'tracking_error_1y',
];
const RETURNS = new Set(['twr_1d', 'benchmark_twr_1d']);
const DAYS = ['1900-01-01', '2023-12-31', '2024-06-03', '2024-06-29'];
const WRONG_DAYS = [
  '1899-12-31',
  '0025-01-01',
  '2024-06-30',
  '2099-01-01',
  '20000-01-01',
  '2023-02-29',
];
/** What a number is as a fraction, and in percent where that is not a hundredth of it. */
const NUMBERS = ['0.01', '-0.02', '0', '1.5e-2', '.04', '-1', '2.5', '-0.5', ''];
/** Few, so that rows are sent again as they are. */
const OFTEN = ['0.01', '-0.02'];
const WRONG_NUMBERS = ['x', 'NaN', '1e309', '1,5'];
/** More than all was lost. */
const BELOW_ALL = { fraction: '-1.01', percent: '-100.01' };
const BENCHMARKS = ['A', 'B', ''];
const CURRENCIES = ['USD', 'EUR', 'JPY'];
const WRONG_CURRENCIES = ['usd', 'EURO', 'ZZZ', 'US$'];
const PORTFOLIO_NAMES = ['Known', '#1 fund', 'Ärger & Co'];
const WRONG_NAMES = ['', ' ', '\u00a0', '\u200b\u2003', 'half \ud83d'];
const WRONG_TENANTS = ['*', 'another', 'half \ud83d'];
const UNITS = ['fraction', 'percent', undefined] as const;
/** Names of a column in the headers of files. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  portfolio_id: ['portfolio_id', 'Portfolio', 'FUND'],
  asof_date: ['asof_date', 'Date', 'day'],
  twr_1d: ['twr_1d', 'Return'],
  benchmark_twr_1d: ['benchmark_twr_1d', 'Benchmark return'],
};

/** Files of an import of which the right outcome is known. */
export interface ModelInput {
  /** The file of daily metrics. */
  readonly text: string;
  /** The file of portfolios. */
  readonly portfoliosText: string | null;
  readonly portfolios: readonly ModelPortfolio[];
  readonly settings: Partial<ImportSettings>;
  /** Why it must be refused; null: it must be imported. */
  readonly refusal: string | null;
  readonly rows: readonly ModelRow[];
}

interface ModelRow {
  /** Portfolio and day. */
  readonly day: string;
  readonly pack: string;
  /** What the row gives, null where it clears. */
  readonly given: ReadonlyMap<string, number | null>;
}

interface ModelPortfolio {
  readonly id: string;
  readonly currency: string;
  readonly benchmark: string;
}

/** Files, right or with a fault that is known. */
export function modelInput(dice: Dice): ModelInput {
  const returns = dice.pick(UNITS);
  const values = dice.chance(0.7) ? ['twr_1d'] : VALUE_COLUMNS.filter(() => dice.chance(0.5));
  const hasPack = dice.chance(0.7);
  const delimiter = dice.pick([',', ';', '\t']);
  const decimal = delimiter !== ',' && dice.chance(0.5) ? 'comma' : 'point';
  const hasFormat = dice.chance(0.3);
  const dayText = (day: string): string => {
    if (hasFormat) return day.split('-').toReversed().join('.');
    return dice.chance(0.2) ? `${day} 00:00:00` : day;
  };
  const isExtra = dice.chance(0.1);
  const wrongNumbers = WRONG_NUMBERS.map((text) =>
    decimal === 'comma' ? text.replace(',', '.') : text,
  );
  const all = BELOW_ALL[returns ?? 'fraction'];
  const header = ['portfolio_id', 'asof_date', ...(hasPack ? ['pricing_pack_id'] : []), ...values];
  const faults = new Set<string>();
  if (values.length === 0) faults.add('no column with values');
  const lines: string[][] = [];
  const rows: ModelRow[] = [];
  const sizes: number[] = [];
  for (let count = dice.below(7); count > 0; count--) {
    const wrong = (fault: string): boolean => {
      const isWrong = dice.chance(0.02);
      if (isWrong) faults.add(fault);
      return isWrong;
    };
    const id = wrong('unknown portfolio') ? UNKNOWN : dice.pick(KNOWN_PORTFOLIOS);
    const day = wrong('wrong day') ? dice.pick(WRONG_DAYS) : dice.pick(DAYS);
    const pack = hasPack ? dice.pick(['', 'a', 'b']) : '';
    const given = new Map<string, number | null>();
    const isRight: boolean[] = [];
    const fields = values.map((column) => {
      const isWrong = wrong('wrong number');
      const below = column === 'twr_1d' ? [decimal === 'comma' ? all.replace('.', ',') : all] : [];
      const text = dice.pick(
        isWrong ? [...wrongNumbers, ...below] : dice.chance(0.7) ? OFTEN : NUMBERS,
      );
      isRight.push(!isWrong);
      if (isWrong) return text;
      const isPercent = returns === 'percent' && RETURNS.has(column);
      given.set(
        column,
        text === '' ? null : isPercent ? Number(`${Number(text)}e-2`) : Number(text),
      );
      if (column === 'twr_1d' && text !== '' && Number(text) !== 0)
        sizes.push(Math.abs(given.get(column)!));
      return text;
    });
    rows.push({ day: `${id} ${day}`, pack: pack || 'default', given });
    const written = fields.map((text, index) =>
      isRight[index] && decimal === 'comma' ? text.replace('.', ',') : text,
    );
    lines.push([
      id,
      dayText(day),
      ...(hasPack ? [pack] : []),
      ...written,
      ...(isExtra ? ['x'] : []),
    ]);
  }
  const keys = rows.map(({ day, pack }) => `${day} ${pack}`);
  if (new Set(keys).size < keys.length) faults.add('a key twice');
  const large = sizes.filter((size) => size > 0.05).length;
  if (returns === undefined && 2 * large > sizes.length) faults.add('looks like percent');
  if (dice.chance(0.03)) {
    lines.splice(dice.below(lines.length + 1), 0, ['# a comment below the header']);
    faults.add('a comment below the header');
  }
  const portfolios = dice.chance(0.3) ? modelPortfolios(dice, delimiter, faults) : null;
  const above = dice.chance(0.2) ? ['# a comment "above"', ''] : [];
  return {
    text: [
      ...above,
      [
        ...header.map((name) => dice.pick(NAMES[name] ?? [name])),
        ...(isExtra ? ['colour'] : []),
      ].join(delimiter),
      ...lines.map((fields) => fields.join(delimiter)),
    ].join('\n'),
    settings: {
      delimiter,
      decimal,
      ignoreExtra: isExtra,
      ...(hasFormat ? { dateFormat: 'dd.MM.yyyy' } : {}),
      ...(returns ? { returns } : {}),
    },
    portfoliosText: portfolios?.text ?? null,
    portfolios: portfolios?.rows ?? [],
    refusal: faults.size > 0 ? [...faults].join(', ') : null,
    rows,
  };
}

/** A file of known portfolios, each at most once; adds what is wrong with it. */
function modelPortfolios(
  dice: Dice,
  delimiter: string,
  faults: Set<string>,
): { readonly text: string; readonly rows: readonly ModelPortfolio[] } {
  const choose = (what: string, right: readonly string[], wrong: readonly string[]): string => {
    if (!dice.chance(0.05)) return dice.pick(right);
    faults.add(`wrong ${what}`);
    return dice.pick(wrong);
  };
  const rows: ModelPortfolio[] = [];
  const lines = dice.some(KNOWN_PORTFOLIOS, 0.6).map((id) => {
    const name = choose('name', PORTFOLIO_NAMES, WRONG_NAMES);
    const currency = choose('currency', CURRENCIES, WRONG_CURRENCIES);
    const tenant = choose('tenant', ['default', ''], WRONG_TENANTS);
    const benchmark = dice.pick(BENCHMARKS);
    rows.push({ id, currency, benchmark });
    return [id, name, currency, benchmark, tenant];
  });
  const header = ['id', 'name', 'base_currency', 'benchmark_id', 'tenant'];
  return { text: [header, ...lines].map((fields) => fields.join(delimiter)).join('\n'), rows };
}

interface Stored {
  readonly pack: string;
  values: ReadonlyMap<string, number | null>;
}

/** What is stored once files have been imported. */
export class CsvModel {
  /** The rows of each portfolio's day, the official one last. */
  private readonly days = new Map<string, Stored[]>();
  private readonly units = new Map(
    KNOWN_PORTFOLIOS.map((id) => [id, { currency: 'USD', benchmark: '' }]),
  );

  /** Whether portfolios would get another currency or benchmark than that of their rows. */
  refusesUnits(portfolios: readonly ModelPortfolio[]): boolean {
    return portfolios.some(({ id, currency, benchmark }) => {
      const unit = this.units.get(id)!;
      const isRecorded = [...this.days.keys()].some((day) => day.startsWith(id));
      return isRecorded && (unit.currency !== currency || unit.benchmark !== benchmark);
    });
  }

  writePortfolios(portfolios: readonly ModelPortfolio[]): void {
    for (const { id, currency, benchmark } of portfolios)
      this.units.set(id, { currency, benchmark });
  }

  /** The currency and benchmark of every portfolio. */
  portfolios(): string[] {
    return Array.from(
      this.units,
      ([id, { currency, benchmark }]) => `${id} ${currency} ${benchmark}`,
    );
  }

  /** Imports rows; gives how many are new, changed and left, as one text. */
  write(rows: readonly ModelRow[]): string {
    const counts = { inserted: 0, updated: 0, unchanged: 0 };
    for (const day of new Set(rows.map((row) => row.day))) {
      const ofDay = rows.filter((row) => row.day === day);
      const stored = this.days.get(day) ?? [];
      this.days.set(day, stored);
      const official = stored.at(-1)?.pack;
      const changes = ofDay.map(({ pack, given }) => {
        const before = stored.find((row) => row.pack === pack);
        return { pack, given, before, isChanged: !before || differs(before.values, given) };
      });
      const isAnyChanged = changes.some(({ isChanged }) => isChanged);
      for (const [index, { pack, given, before, isChanged }] of changes.entries()) {
        const isLast = index === changes.length - 1;
        if (!isChanged && !(isLast && (isAnyChanged || official !== pack))) {
          counts.unchanged += 1;
          continue;
        }
        counts[before ? 'updated' : 'inserted'] += 1;
        if (before) stored.splice(stored.indexOf(before), 1);
        stored.push({ pack, values: new Map([...(before?.values ?? []), ...given]) });
      }
    }
    return JSON.stringify(counts);
  }

  /** Every stored row, those of a day in their order. */
  rows(): string[] {
    return [...this.days].flatMap(([day, rows]) =>
      rows.map(({ pack, values }) =>
        [day, pack, ...VALUE_COLUMNS.map((column) => values.get(column) ?? 'null')].join(' '),
      ),
    );
  }
}

/** A statement that gives the same rows as `CsvModel.portfolios`. */
export const STORED_PORTFOLIOS = `
  SELECT concat(id, ' ', base_currency, ' ', benchmark_id) AS row
  FROM portfolios WHERE id IN ('${KNOWN_PORTFOLIOS.join("', '")}') ORDER BY id`;

/** A statement that gives the same rows as `CsvModel.rows`. */
export const STORED_ROWS = `
  SELECT concat_ws(' ', portfolio_id, asof_date, pricing_pack_id, ${VALUE_COLUMNS.map(
    (column) => `coalesce(${column}::float8::text, 'null')`,
  ).join(', ')}) AS row
  FROM portfolio_metrics
  WHERE portfolio_id IN ('${KNOWN_PORTFOLIOS.join("', '")}')
  ORDER BY portfolio_id, asof_date, recorded_no`;

function differs(
  before: ReadonlyMap<string, number | null>,
  given: ReadonlyMap<string, number | null>,
): boolean {
  return [...given].some(([column, value]) => (before.get(column) ?? null) !== value);
}
