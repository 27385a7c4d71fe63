import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const PORTFOLIO_HEADER = 'id,name,base_currency,benchmark_id';
export const DAILY_HEADER =
  'portfolio_id,asof_date,twr_1d,portfolio_value_base,benchmark_twr_1d,beta_1y,alpha_1y,tracking_error_1y';

/** A text with a line for each row, each ended by a newline. */
export function lines(...rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join('');
}

/** The n-th day after the first. */
export function dayAfter(n: number, first = '1980-01-01'): string {
  return new Date(Date.parse(first) + n * 86_400_000).toISOString().slice(0, 10);
}

/** Files of so many portfolios, each with a row on so many days from 2010-01-01. */
export function largeImport(
  ids: readonly string[],
  days: number,
): { readonly portfolios: string; readonly daily: string } {
  const rows = Array.from({ length: ids.length * days }, (_, n) => {
    const day = dayAfter(Math.floor(n / ids.length), '2010-01-01');
    return `${ids[n % ids.length]},${day},${n / 1e7},${n},,,,`;
  });
  return {
    portfolios: lines(
      `${PORTFOLIO_HEADER},periods_per_year`,
      ...ids.map((id) => `${id},Large ${id},USD,,365`),
    ),
    daily: lines(DAILY_HEADER, ...rows),
  };
}

/** Writes the files of an import and gives the arguments of the command for them. */
export async function writeImport(
  directory: string,
  { portfolios, daily }: { readonly portfolios?: string; readonly daily: string },
): Promise<string[]> {
  const files = {
    portfolios: join(directory, 'portfolios.csv'),
    daily: join(directory, 'daily.csv'),
  };
  await writeFile(files.daily, daily);
  // Rows for tests have any size.
  const command = ['import', '--returns', 'fraction'];
  if (portfolios === undefined) return [...command, files.daily];
  await writeFile(files.portfolios, portfolios);
  return [...command, '--portfolios', files.portfolios, files.daily];
}
