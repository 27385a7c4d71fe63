import { DAILY_HEADER, dayAfter, lines, writeImport } from '../helpers/import-files.js';
import type { Processes, RunningServer } from '../helpers/processes.js';
import type { Ledger } from './ledger.js';

const RECORD = `mutation ($rows: [DailyMetricsInput!]!, $refresh: Boolean!) {
  recordDailyMetrics(rows: $rows, refresh: $refresh) { inserted updated unchanged }
}`;
const REFRESH = 'mutation { refreshAllAggregates { state } }';

/** Whether work may go on. */
export interface Going {
  isOver: boolean;
}

/** Records one batch after the other, every other with a refresh, until the server is gone. */
export async function recordUntilKilled(
  server: RunningServer,
  ledger: Ledger,
  going: Going,
): Promise<void> {
  while (!going.isOver) {
    const number = ++ledger.sent;
    const rows = Array.from({ length: ledger.rows }, (_, n) => ({
      portfolioId: ledger.portfolioId,
      asofDate: dayAfter(n, '2020-01-01'),
      twr1d: number / 1e6,
    }));
    const isDone = await attempt(server.data(RECORD, { rows, refresh: number % 2 === 0 }));
    if (!isDone) return;
    ledger.acknowledged = number;
  }
}

/** A file whose returns are all one number, with the options that it needs. */
type Shape = (
  ledger: Ledger,
  number: number,
) => { readonly daily: string; readonly options: readonly string[] };

const importedDays = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => dayAfter(n, '2015-01-01'));

export const RETURNS: readonly Shape[] = [
  ({ portfolioId, rows }, number) => ({
    daily: lines(
      DAILY_HEADER,
      ...importedDays(rows).map((day) => `${portfolioId},${day},${number / 1e6},,,,,`),
    ),
    options: [],
  }),
  ({ portfolioId, rows }, number) => ({
    daily: lines(
      `Date,${portfolioId}`,
      ...importedDays(rows).map((day) => `${day},${number / 1e6}`),
    ),
    options: ['--layout', 'wide', '--values', 'returns'],
  }),
  ({ portfolioId, rows }, number) => ({
    daily: lines(
      'Portfolio;Date;Return',
      ...importedDays(rows).map((day) => {
        const percent = (number / 1e4).toFixed(4).replace('.', ',');
        return `${portfolioId};${day.split('-').toReversed().join('.')};${percent}`;
      }),
    ),
    options: ['--delimiter=;', '--decimal=comma', '--date-format=dd.MM.yyyy', '--returns=percent'],
  }),
];

/** Days and prices that grow by one return: there is a price more than there are returns. */
const pricesOf = (rows: number, number: number): (readonly [day: string, price: number])[] =>
  importedDays(rows + 1).map((day, n) => [day, 100 * (1 + number / 1e6) ** n]);

export const PRICES: readonly Shape[] = [
  ({ portfolioId, rows }, number) => ({
    daily: lines(
      'portfolio,date,price',
      ...pricesOf(rows, number).map(([day, price]) => `${portfolioId},${day},${price}`),
    ),
    options: ['--values', 'prices'],
  }),
  ({ portfolioId, rows }, number) => ({
    daily: lines(
      `Date,${portfolioId}`,
      ...pricesOf(rows, number).map(([day, price]) => `${day},${price}`),
    ),
    options: ['--layout', 'wide', '--values', 'prices'],
  }),
];

/** Imports one file after the other, of each shape in turn, by a command of its own, until the server is gone. */
export async function importUntilKilled(
  { processes, dataDir, filesDir }: ImportsFrom,
  ledger: Ledger,
  shapes: readonly Shape[],
  going: Going,
): Promise<void> {
  while (!going.isOver) {
    const number = ++ledger.sent;
    const { daily, options } = shapes[number % shapes.length]!(ledger, number);
    const args = await writeImport(filesDir, { daily });
    const command = await processes.cli(dataDir, ...args, ...options, '--no-refresh');
    if (command.code !== 0) return;
    ledger.acknowledged = number;
  }
}

interface ImportsFrom {
  readonly processes: Processes;
  readonly dataDir: string;
  /** Of these imports alone. */
  readonly filesDir: string;
}

/** Refreshes over and over until the server is gone. */
export async function refreshUntilKilled(server: RunningServer, going: Going): Promise<void> {
  while (!going.isOver && (await attempt(server.data(REFRESH))));
}

/** Whether it worked: a server that is killed sends no response. */
async function attempt(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
