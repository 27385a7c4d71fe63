import { EVERY_TENANT } from '../access/tenant.js';
import type { Database, Queryable } from '../database/database.js';
import type { DayNumber } from '../metrics/calendar.js';
import type { Progress } from '../progress.js';
import { dailyMetricsColumns, PORTFOLIO_COLUMNS } from './columns.js';
import type { ImportColumn } from './columns.js';
import { readCsvFile } from './csv-file.js';
import type { RowBatch } from './csv-file.js';
import { ImportRefused, MAX_FAULTS } from './faults.js';
import type { Fault } from './faults.js';
import { Staging } from './staging.js';
import type { DailyWriteCounts, StagedFault, WriteCounts } from './staging.js';

const BATCH_SIZE = 5000;

export interface ImportFiles {
  /** A file of daily metrics. */
  readonly daily: string;
  /** A file of portfolios, written first. */
  readonly portfolios?: string;
}

export interface ImportOptions {
  readonly today: DayNumber;
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
  { daily, portfolios }: ImportFiles,
  { today, progress, signal }: ImportOptions,
): Promise<ImportResult> {
  return database.session(async (session) => {
    const staging = new Staging(session);
    await staging.create();
    try {
      const faults = new FaultList();
      const stage = (
        file: string,
        columns: readonly ImportColumn[],
        add: (batch: RowBatch) => Promise<unknown>,
      ): Promise<void> => stageFile(file, columns, add, faults, progress, signal);
      if (portfolios !== undefined) {
        await stage(portfolios, PORTFOLIO_COLUMNS, (batch) => staging.addPortfolios(batch));
        faults.add(portfolios, await staging.portfolioFaults());
      }
      await stage(daily, dailyMetricsColumns(today), (batch) => staging.addMetrics(batch));
      faults.add(daily, await staging.metricsFaults(EVERY_TENANT));
      faults.throwIfAny();
      signal?.throwIfAborted();
      progress('Writing', 0, 1);
      const result = await session.transaction(async (transaction) => {
        const written = await writeStaged(transaction, staging, portfolios !== undefined);
        // Given up while it was written, it is taken back.
        signal?.throwIfAborted();
        return written;
      });
      progress('Writing', 1, 1);
      return result;
    } finally {
      await staging.drop();
    }
  });
}

async function stageFile(
  file: string,
  columns: readonly ImportColumn[],
  add: (batch: RowBatch) => Promise<unknown>,
  faults: FaultList,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const batches = readCsvFile(file, {
    columns,
    batchSize: BATCH_SIZE,
    progress,
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

async function writeStaged(
  transaction: Queryable,
  staging: Staging,
  withPortfolios: boolean,
): Promise<ImportResult> {
  return {
    portfolios: withPortfolios ? await staging.writePortfolios(transaction) : null,
    daily: await staging.writeMetrics(transaction),
  };
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
