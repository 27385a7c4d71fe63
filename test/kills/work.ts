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

/** A file whose rows all have one number for their returns, with the options that it needs. */
type Shape = (
  ledger: Ledger,
  number: number,
) => { readonly daily: string; readonly options: readonly string[] };

const importedDays = ({ rows }: Ledger): string[] =>
  Array.from({ length: rows }, (_, n) => dayAfter(n, '2015-01-01'));

const SHAPES: readonly Shape[] = [
  (ledger, number) => ({
    daily: lines(
      DAILY_HEADER,
      ...importedDays(ledger).map((day) => `${ledger.portfolioId},${day},${number / 1e6},,,,,`),
    ),
    options: [],
  }),
  (ledger, number) => ({
    daily: lines(
      `Date,${ledger.portfolioId}`,
      ...importedDays(ledger).map((day) => `${day},${number / 1e6}`),
    ),
    options: ['--layout', 'wide', '--values', 'returns'],
  }),
  (ledger, number) => ({
    daily: lines(
      'Portfolio;Date;Return',
      ...importedDays(ledger).map((day) => {
        const percent = (number / 1e4).toFixed(4).replace('.', ',');
        return `${ledger.portfolioId};${day.split('-').toReversed().join('.')};${percent}`;
      }),
    ),
    options: ['--delimiter=;', '--decimal=comma', '--date-format=dd.MM.yyyy', '--returns=percent'],
  }),
];

/** Imports one file after the other, of each shape in turn, by a command of its own, until the server is gone. */
export async function importUntilKilled(
  processes: Processes,
  dataDir: string,
  filesDir: string,
  ledger: Ledger,
  going: Going,
): Promise<void> {
  while (!going.isOver) {
    const number = ++ledger.sent;
    const { daily, options } = SHAPES[number % SHAPES.length]!(ledger, number);
    const args = await writeImport(filesDir, { daily });
    const command = await processes.cli(dataDir, ...args, ...options, '--no-refresh');
    if (command.code !== 0) return;
    ledger.acknowledged = number;
  }
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
