import { BENCHMARK, UNCLEAR_VALUES, type ImportColumn } from './columns.js';
import { matchHeader, plainName, saysPercent, type MatchedHeader } from './header.js';
import type { FileFormat } from './import-settings.js';
import { HeaderFault, type Layout } from './layout.js';

/** How many other names of a column are proposed. */
const NAMED_ALIASES = 2;
/** How much of a name is shown. */
const MAX_SHOWN = 60;

/** The layout of a file of portfolios, which have an id or a code. Throws a HeaderFault. */
export function portfoliosLayout(
  header: readonly string[],
  columns: readonly ImportColumn[],
  { ignoreExtra }: Pick<FileFormat, 'ignoreExtra'>,
): Layout {
  const { wrong, positions, extra } = matched(header, columns, ignoreExtra);
  const has = (name: string): boolean => positions[indexOf(columns, name)]! >= 0;
  if (!has('id') && !has('code')) wrong.push('no column id or code');
  return layoutOf(header, { columns, positions, wrong, extra });
}

/** The layout of daily metrics with a row for each portfolio and day. Throws a HeaderFault. */
export function longDailyLayout(
  header: readonly string[],
  columns: readonly ImportColumn[],
  format: FileFormat,
): Layout {
  const { wrong, positions, extra } = matched(header, columns, format.ignoreExtra);
  wrong.push(...resolveValues(header, columns, positions, format));
  if (!columns.some(({ isKey }, column) => !isKey && positions[column]! >= 0)) {
    wrong.push('no column with values, such as return, value or price');
  }
  return layoutOf(header, { columns, positions, wrong, extra });
}

interface Matched {
  readonly wrong: string[];
  readonly positions: number[];
  readonly extra: MatchedHeader['extra'];
}

function matched(
  header: readonly string[],
  columns: readonly ImportColumn[],
  ignoreExtra: boolean,
): Matched {
  const { positions, extra, repeated } = matchHeader(header, columns);
  const missing = columns.filter(
    ({ isRequired }, column) => isRequired === true && positions[column]! < 0,
  );
  return {
    positions: [...positions],
    extra,
    wrong: [
      ...(ignoreExtra
        ? []
        : extra.map((name) => `unknown column "${shortened(name)}" (skip it with --ignore-extra)`)),
      ...missing.map(
        ({ name, aliases = [] }) =>
          `no column ${[name, ...aliases.slice(0, NAMED_ALIASES)].join(' or ')}`,
      ),
      ...repeated.map((name) => `column ${name} twice, or another name for it`),
    ],
  };
}

function layoutOf(
  header: readonly string[],
  { columns, positions, wrong, extra }: Matched & { readonly columns: readonly ImportColumn[] },
): Layout {
  if (wrong.length > 0) {
    throw new HeaderFault(
      wrong,
      columns.map(({ name, isRequired }) => (isRequired ? name : `[${name}]`)).join(','),
    );
  }
  const names = columns.map(({ name }, column) => header[positions[column]!] ?? name);
  return {
    rowsOf: (record) => [{ fields: positions.map((position) => record[position]), names }],
    skipped: extra,
  };
}

/**
 * Finds the column of returns, and that of prices or values: what a name leaves open must be set
 * by --values. Returns what is wrong.
 */
function resolveValues(
  header: readonly string[],
  columns: readonly ImportColumn[],
  positions: number[],
  { values, returns }: FileFormat,
): string[] {
  const [aReturn, aValue, aBenchmark] = ['twr_1d', 'portfolio_value_base', 'benchmark_twr_1d'].map(
    (name) => indexOf(columns, name),
  ) as [number, number, number];
  const nameOf = (column: number): string | undefined => header[positions[column]!];
  const wrong: string[] = [];
  const isUnclear = UNCLEAR_VALUES.includes(plainName(nameOf(aValue) ?? ''));
  if (values === 'returns' && nameOf(aReturn) === undefined) {
    // Of the unclear names only this one may be returns.
    if (plainName(nameOf(aValue) ?? '') === 'value') {
      positions[aReturn] = positions[aValue]!;
      positions[aValue] = -1;
    } else wrong.push('no column with returns, which --values returns says it has');
  }
  if (values === 'prices' && nameOf(aReturn) !== undefined) {
    wrong.push(
      `column "${nameOf(aReturn)}" has returns: leave out --values prices, which computes them`,
    );
  }
  if ((values === 'prices' || values === 'value') && nameOf(aValue) === undefined) {
    wrong.push(`no column price, nav or value, which --values ${values} says it has`);
  }
  if (values === undefined && isUnclear && nameOf(aReturn) === undefined) {
    wrong.push(
      `column "${nameOf(aValue)}" may be prices or values: add --values prices to compute returns from it, or --values value to have no returns`,
    );
  }
  if (values === 'prices' && plainName(nameOf(aBenchmark) ?? '') === BENCHMARK) {
    wrong.push(
      `column "${nameOf(aBenchmark)}" may be prices, too: call it benchmark_twr_1d if it has returns, or import it as a portfolio`,
    );
  }
  const percent = [aReturn, aBenchmark].map(nameOf).find((name) => name && saysPercent(name));
  if (returns === undefined && percent !== undefined) {
    wrong.push(
      `column "${percent}" says percent: add --returns percent, or --returns fraction if 0.015 is 1.5 %`,
    );
  }
  return wrong;
}

function indexOf(columns: readonly ImportColumn[], wanted: string): number {
  return columns.findIndex(({ name }) => name === wanted);
}

/** What is no header at all may have no end. */
function shortened(name: string): string {
  return name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
}
