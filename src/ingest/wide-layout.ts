import type { ImportColumn } from './columns.js';
import type { FileFormat } from './import-settings.js';
import { HeaderFault, type FileRow, type Layout } from './layout.js';

const NEEDS = 'the day, then a column for each portfolio, named by its code or UUID';

/**
 * Rows of daily metrics from a table with a day in the first column and a portfolio in each other
 * one: a row for each field that is not empty. Throws a HeaderFault.
 */
export function wideLayout(
  header: readonly string[],
  columns: readonly ImportColumn[],
  { values, ignoreExtra }: FileFormat,
): Layout {
  const [day = '', ...portfolios] = header;
  const wrong = [
    ...(portfolios.length === 0 ? ['no column of a portfolio'] : []),
    ...portfolios.flatMap((name, index) => faultsOf(name, index, portfolios, columns)),
  ];
  if (values === undefined) {
    wrong.push('what its fields are must be said: add --values returns, prices or value');
  }
  if (ignoreExtra) {
    wrong.push('--ignore-extra has no meaning here: every column is a portfolio');
  }
  if (wrong.length > 0) throw new HeaderFault(wrong, NEEDS);

  const valueColumn = values === 'returns' ? 'twr_1d' : 'portfolio_value_base';
  const namesOf = portfolios.map((portfolio) =>
    columns.map(({ name }) =>
      name === 'asof_date' ? day : name === valueColumn ? portfolio : name,
    ),
  );
  const rowsOf = (record: readonly string[]): FileRow[] =>
    portfolios.flatMap((portfolio, index) => {
      const value = record[index + 1];
      if (value === '') return [];
      const fields = columns.map(({ name }) => {
        if (name === 'portfolio_id') return portfolio;
        if (name === 'asof_date') return record[0];
        return name === valueColumn ? value : undefined;
      });
      return [{ fields, names: namesOf[index]! }];
    });
  return { rowsOf, skipped: [] };
}

function faultsOf(
  name: string,
  index: number,
  portfolios: readonly string[],
  columns: readonly ImportColumn[],
): string[] {
  if (name === '') return [`column ${index + 2} without a name`];
  if (portfolios.indexOf(name) !== index) return [`column ${name} twice`];
  const { parse } = columns.find((column) => column.name === 'portfolio_id')!;
  const parsed = parse(name);
  return 'rule' in parsed ? [`column "${name}" ${parsed.rule}`] : [];
}
