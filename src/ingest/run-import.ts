import type { Output } from '../progress.js';
import type { Services } from '../services.js';
import {
  importFiles,
  type ImportFiles,
  type ImportOptions,
  type ImportResult,
} from './import-files.js';
import type { ImportSettings } from './import-settings.js';
import type { ExtremeReturn } from './import-summary.js';
import { refreshRows } from './refresh-rows.js';
import type { WriteCounts } from './write-rows.js';

/** Imports files and prints what was written. Throws where it, or a refresh, did not succeed. */
export async function runImport(
  { database, dailySeries, refreshes }: Pick<Services, 'database' | 'dailySeries' | 'refreshes'>,
  files: ImportFiles,
  { refresh, ...options }: Omit<ImportOptions, 'progress'> & Pick<ImportSettings, 'refresh'>,
  output: Output,
): Promise<ImportResult> {
  const { progress } = output;
  const result = await importFiles(database, files, { ...options, progress });
  printImport(output, result, options);
  if (options.dryRun) return result;
  try {
    if (refresh) await refreshRows(refreshes, result.daily, { ...options, progress });
  } finally {
    await dailySeries.revisions.catchUp().catch(refreshes.onError);
  }
  return result;
}

/** Prints what an import did, or would have done, and what its rows hold. */
export function printImport(
  { line }: Pick<Output, 'line'>,
  result: ImportResult,
  {
    dryRun = false,
    periodsPerYear,
  }: Partial<Pick<ImportSettings, 'dryRun' | 'periodsPerYear'>> = {},
): void {
  const { portfolios, made, daily, followers, skipped } = result;
  if (dryRun) line('A dry run: nothing was changed. Without --dry-run:');
  if (skipped.length > 0) line(`Skipped columns: ${skipped.join(', ')}`);
  if (portfolios) line(`Portfolios: ${counted(portfolios)}`);
  if (made.length > 0) line(`New portfolios, in USD: ${firstOf(made)}`);
  if (periodsPerYear !== undefined && made.length === 0 && !portfolios?.inserted) {
    line(`No portfolio is new: --periods-per-year ${periodsPerYear} changes nothing`);
  }
  const days = daily.from === null ? 'no days' : `${daily.from} to ${daily.to}`;
  line(`Daily metrics: ${counted(daily, followers)}; ${days}`);
  if (followers > 0) {
    line(`Returns of stored days computed again, from new prices before them: ${followers}`);
  }
  if (daily.from !== null) printSummary(line, result);
}

function printSummary(line: Output['line'], { summary, codes }: ImportResult): void {
  const { portfolios, smallestReturn, greatestReturn, gapCount, gaps, weekendRows } = summary;
  const nameOf = (id: string): string => codes.get(id) ?? id;
  const shown = ({ value, portfolioId, day }: ExtremeReturn): string =>
    `${percent(value)} (${nameOf(portfolioId)}, ${day})`;
  const returns =
    smallestReturn && greatestReturn
      ? `returns from ${shown(smallestReturn)} to ${shown(greatestReturn)}`
      : 'no returns';
  line(`The rows are of ${counting(portfolios, 'portfolio')}, with ${returns}`);
  if (gapCount > 0) {
    const some = gaps.map(({ portfolioId, from, to }) => `${nameOf(portfolioId)} ${from} to ${to}`);
    line(
      `Gaps of more than ten days: ${gapCount}: ${some.join(', ')}${gapCount > some.length ? ', …' : ''}`,
    );
  }
  if (weekendRows > 0) line(`Rows on weekends: ${weekendRows}`);
}

const NAMED = 10;

function firstOf(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function counting(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(4))} %`;
}

/** `more` of the rows were not read. */
function counted({ inserted, updated, unchanged }: WriteCounts, more = 0): string {
  const read = inserted + updated + unchanged - more;
  return `${read} rows read, ${inserted} inserted, ${updated} updated, ${unchanged} unchanged`;
}
