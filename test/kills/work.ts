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

/** Imports one file after the other by a command of its own, until the server is gone. */
export async function importUntilKilled(
  processes: Processes,
  dataDir: string,
  filesDir: string,
  ledger: Ledger,
  going: Going,
): Promise<void> {
  while (!going.isOver) {
    const number = ++ledger.sent;
    const rows = Array.from(
      { length: ledger.rows },
      (_, n) => `${ledger.portfolioId},${dayAfter(n, '2015-01-01')},${number / 1e6},,,,,`,
    );
    const args = await writeImport(filesDir, { daily: lines(DAILY_HEADER, ...rows) });
    const command = await processes.cli(dataDir, ...args, '--no-refresh');
    if (command.code !== 0) return;
    ledger.acknowledged = number;
  }
}

/** Refreshes over and over until the server is gone. */
export async function refreshUntilKilled(server: RunningServer, going: Going): Promise<void> {
  while (!going.isOver && (await attempt(server.data(REFRESH))));
}

/** Whether it worked: a server that is killed answers nobody. */
async function attempt(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
