import type { Database } from '../database/database.js';
import { badUserInput } from '../errors.js';
import type { DayNumber } from '../metrics/calendar.js';
import { dailyMetricsColumns, PLAIN_PARSERS } from './columns.js';
import { MAX_FAULTS } from './faults.js';
import type { RowBatch } from './row-batch.js';
import { Staging, WRITE_LOCK, type DailyWriteCounts } from './staging.js';

/** The maximum number of rows of one call. */
const MAX_ROWS = 10_000;

/** A row of portfolio_metrics as clients give it: null clears what is stored, absent leaves it. */
export interface DailyMetrics {
  readonly portfolioId: string;
  readonly asofDate: string;
  readonly pricingPackId?: string | null;
  readonly twr1d?: number | null;
  readonly portfolioValueBase?: number | null;
  readonly benchmarkTwr1d?: number | null;
  readonly beta1y?: number | null;
  readonly alpha1y?: number | null;
  readonly trackingError1y?: number | null;
}

/** The field that holds a column: twr1d for twr_1d. */
function fieldOf(column: string): keyof DailyMetrics {
  return column.replace(/_(.)/g, (_, next: string) => next.toUpperCase()) as keyof DailyMetrics;
}

/**
 * Records rows in their order, all or nothing. Throws BAD_USER_INPUT that names the first bad
 * rows by index and field; then nothing has changed. Recording the same again changes nothing. A
 * portfolio of another tenant is no known one.
 */
export async function recordDailyMetrics(
  database: Database,
  tenant: string,
  rows: readonly DailyMetrics[],
  today: DayNumber,
): Promise<DailyWriteCounts> {
  if (rows.length > MAX_ROWS) {
    throw badUserInput(`rows takes at most ${MAX_ROWS} rows, but got ${rows.length}`);
  }
  const batch = toBatch(rows, today);
  return database.exclusiveTransaction(WRITE_LOCK, async (transaction) => {
    const staging = new Staging(transaction);
    await staging.create();
    await staging.addMetrics(batch);
    const faults = [
      ...(await staging.unknownPortfolios(transaction, tenant)),
      ...(await staging.repeatedKeys(transaction)),
    ].toSorted((a, b) => a.line - b.line);
    refuse(faults.map(({ line, column, value, rule }) => describe(line, column, value, rule)));
    const counts = await staging.writeMetrics(transaction);
    await transaction.query(staging.dropStatement);
    return counts;
  });
}

function toBatch(rows: readonly DailyMetrics[], today: DayNumber): RowBatch {
  const columns = dailyMetricsColumns(today, PLAIN_PARSERS);
  const faults: string[] = [];
  const given = rows.map(() => 0);
  const values = columns.map(({ name, whenEmpty = null, parse }, column) => {
    const field = fieldOf(name);
    return rows.map((row, index) => {
      const value = row[field];
      if (value !== undefined) given[index]! |= 1 << column;
      if (value === undefined || value === null || value === '') return whenEmpty;
      const parsed = parse(String(value));
      if ('value' in parsed) return parsed.value;
      faults.push(describe(index, name, String(value), parsed.rule));
      return null;
    });
  });
  refuse(faults);
  return { lines: rows.map((_, index) => index), given, columns: values };
}

function describe(index: number, column: string, value: string, rule: string): string {
  return `rows[${index}].${fieldOf(column)} "${value}" ${rule.replace(/line (\d+)/, 'rows[$1]')}`;
}

function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const more = faults.length > MAX_FAULTS ? `, and ${faults.length - MAX_FAULTS} more` : '';
  throw badUserInput(`Nothing was recorded: ${faults.slice(0, MAX_FAULTS).join('; ')}${more}`);
}
