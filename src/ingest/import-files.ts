import type { Database } from '../database/database.js';
import type { DayNumber } from '../metrics/calendar.js';
import type { Progress } from '../progress.js';
import { dailyMetricsColumns, PORTFOLIO_COLUMNS, type ImportColumn } from './columns.js';
import { readCsvFile } from './csv-file.js';
import { ImportRefused, MAX_FAULTS, type Fault } from './faults.js';
import type { ImportFile, OpenImportFile } from './import-file.js';
import { FileReturns, type ReturnUnit } from './return-unit.js';
import type { RowBatch } from './row-batch.js';
import { Staging, WRITE_LOCK, type DailyWriteCounts, type StagedFault } from './staging.js';
import type { WriteCounts } from './write-rows.js';

const BATCH_SIZE = 5000;

export interface ImportFiles {
  /** A file of portfolios, read and written first. */
  readonly portfolios?: OpenImportFile;
  /** A file of daily metrics. */
  readonly daily: OpenImportFile;
}

export interface ImportOptions {
  readonly today: DayNumber;
  /** Whose portfolios exist, `*` for all; new portfolios become those of one tenant. */
  readonly tenant: string;
  /** What the returns of the file are in; unless given, one that looks like percent is refused. */
  readonly returns?: ReturnUnit;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

export interface ImportResult {
  /** Null without a file of portfolios. */
  readonly portfolios: WriteCounts | null;
  readonly daily: DailyWriteCounts;
}

/**
 * Imports a file of daily metrics, all or nothing. Throws ImportRefused with the first bad rows
 * of the files; then nothing has changed.
 */
export function importFiles(
  database: Database,
  files: ImportFiles,
  { today, tenant, returns, progress, signal }: ImportOptions,
): Promise<ImportResult> {
  return database.session(async (session) => {
    const staging = new Staging(session);
    await staging.create();
    try {
      const faults = new FaultList();
      let portfolios: ImportFile | undefined;
      if (files.portfolios) {
        portfolios = await files.portfolios();
        const add = (batch: RowBatch): Promise<unknown> => staging.addPortfolios(batch);
        await stageFile(portfolios, PORTFOLIO_COLUMNS, add, faults, signal);
        faults.add(portfolios.name, await staging.portfolioFaults(session, tenant));
      }
      const daily = await files.daily();
      const fileReturns = new FileReturns(daily.name, returns);
      const columns = dailyMetricsColumns(today, fileReturns);
      await stageFile(daily, columns, (batch) => staging.addMetrics(batch), faults, signal);
      fileReturns.check();
      faults.add(daily.name, await staging.metricsFaults(session, tenant));
      faults.throwIfAny();
      signal?.throwIfAborted();
      progress('Writing', 0, 1);
      const result = await session.exclusiveTransaction(WRITE_LOCK, async (transaction) => {
        let written: WriteCounts | null = null;
        if (portfolios) {
          // What was recorded or made since the files were read counts too.
          await staging.lockChangedPortfolios(transaction);
          faults.add(portfolios.name, await staging.portfolioFaults(transaction, tenant));
          faults.throwIfAny();
          written = await staging.writePortfolios(transaction, tenant);
        }
        const counts = await staging.writeMetrics(transaction);
        // Given up while it was written, it is taken back.
        signal?.throwIfAborted();
        return { portfolios: written, daily: counts };
      });
      progress('Writing', 1, 1);
      return result;
    } finally {
      await session.cleanUp(staging.dropStatement);
    }
  });
}

async function stageFile(
  file: ImportFile,
  columns: readonly ImportColumn[],
  add: (batch: RowBatch) => Promise<unknown>,
  faults: FaultList,
  signal: AbortSignal | undefined,
): Promise<void> {
  const batches = readCsvFile(file, {
    columns,
    batchSize: BATCH_SIZE,
    onFault: (fault) => faults.push(fault),
    ...(signal ? { signal } : {}),
  });
  // The next batch is read while the database takes the one before.
  let adding: Promise<unknown> | undefined;
  try {
    for await (const batch of batches) {
      await adding;
      adding = add(batch);
    }
  } finally {
    await adding;
  }
}

/** The faults of an import, each file's in the order of its lines, up to as many as are listed. */
class FaultList {
  private readonly faults: Fault[] = [];

  /** Adds a fault; false when there are as many as are listed. */
  push(fault: Fault): boolean {
    this.faults.push(fault);
    return this.faults.length < MAX_FAULTS;
  }

  /** Adds what was found among the staged rows of a file, in its place. */
  add(file: string, staged: readonly StagedFault[]): void {
    const here = this.faults.filter((fault) => fault.file === file);
    const merged = [
      ...here,
      ...staged.map(({ line, column, value, rule }) => ({
        file,
        line,
        reason: `${column} "${value}" ${rule}`,
      })),
    ];
    merged.sort((a, b) => a.line - b.line);
    this.faults.splice(this.faults.length - here.length, here.length, ...merged);
  }

  throwIfAny(): void {
    if (this.faults.length > 0) throw new ImportRefused(this.faults.slice(0, MAX_FAULTS));
  }
}
