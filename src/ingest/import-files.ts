import { EVERY_TENANT } from '../access/tenant.js';
import type { Database, Queryable } from '../database/database.js';
import { Failure } from '../errors.js';
import type { DayNumber } from '../metrics/calendar.js';
import { DEFAULT_PERIODS_PER_YEAR } from '../metrics/metrics.js';
import { otherPeriods } from '../metrics/rows-a-year.js';
import type { Progress } from '../progress.js';
import { dailyMetricsColumns, PORTFOLIO_COLUMNS, type ImportColumn } from './columns.js';
import { FaultList } from './faults.js';
import { describeDelimiter, describeShape } from './file-shape.js';
import { FileValues } from './file-values.js';
import type { ImportFile, OpenImportFile } from './import-file.js';
import { DEFAULT_SETTINGS, type FileFormat, type ImportSettings } from './import-settings.js';
import type { RowSummary } from './import-summary.js';
import type { Layout } from './layout.js';
import { longDailyLayout, portfoliosLayout } from './long-layout.js';
import { PortfolioRefs } from './portfolio-refs.js';
import { readRows } from './read-rows.js';
import type { RowBatch } from './row-batch.js';
import { Staging, WRITE_LOCK, type DailyWriteCounts, type NewPortfolio } from './staging.js';
import { wideLayout } from './wide-layout.js';
import type { WriteCounts } from './write-rows.js';

const BATCH_SIZE = 5000;

export interface ImportFiles {
  /** A file of portfolios, read and written first. */
  readonly portfolios?: OpenImportFile;
  /** A file of daily metrics. */
  readonly daily: OpenImportFile;
}

/** Settings that are absent are those of DEFAULT_SETTINGS. */
export interface ImportOptions extends Partial<ImportSettings> {
  readonly today: DayNumber;
  /** Whose portfolios exist, `*` for all; new portfolios become those of one tenant. */
  readonly tenant: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

export interface ImportResult {
  /** Null without a file of portfolios. */
  readonly portfolios: WriteCounts | null;
  /** Codes that portfolios were made for. */
  readonly made: readonly string[];
  readonly daily: DailyWriteCounts;
  /** Stored returns that were computed again, from a price that is new before them. */
  readonly followers: number;
  readonly summary: RowSummary;
  /** What the files call portfolios, by their ids; those that they give by UUID are absent. */
  readonly codes: ReadonlyMap<string, string>;
  /** Columns of the files that were skipped. */
  readonly skipped: readonly string[];
}

/**
 * Imports a file of daily metrics, all or nothing. Throws ImportRefused with the first bad rows
 * of the files; then nothing has changed.
 */
export function importFiles(
  database: Database,
  files: ImportFiles,
  { today, tenant, progress, signal, ...given }: ImportOptions,
): Promise<ImportResult> {
  const settings = { ...DEFAULT_SETTINGS, ...given };
  return database.session(async (session) => {
    const staging = new Staging(session);
    await staging.create();
    try {
      const faults = new FaultList();
      const skipped: string[] = [];
      const refsOf = (file: string, column: string, owner: string): PortfolioRefs =>
        new PortfolioRefs(owner, (codes) => staging.findCodes(session, owner, codes, tenant), {
          creates: column === 'code' || settings.createPortfolios,
          onFault: ({ code, line }, rule) =>
            faults.push({ file, line, reason: `${column} "${code}" ${rule}` }),
        });
      const stage = (file: ImportFile, kind: FileKind): Promise<void> =>
        stageFile(file, { ...kind, settings, faults, skipped, signal });

      let portfolios: ImportFile | undefined;
      if (files.portfolios) {
        portfolios = await files.portfolios();
        const { name } = portfolios;
        // A code is one portfolio's in each tenant; without a tenant, any that the caller sees.
        const byTenant = new Map<string, PortfolioRefs>();
        const refsIn = (owner: string | null): PortfolioRefs => {
          const key = tenant === EVERY_TENANT ? (owner ?? tenant) : tenant;
          const refs = byTenant.get(key) ?? refsOf(name, 'code', key);
          byTenant.set(key, refs);
          return refs;
        };
        await stage(portfolios, {
          columns: PORTFOLIO_COLUMNS,
          layoutOf: (header) => portfoliosLayout(header, PORTFOLIO_COLUMNS, settings),
          add: async (batch) => staging.addPortfolios(await withIds(batch, refsIn)),
          describe: describeDelimiter,
        });
        faults.add(portfolios.name, await staging.portfolioFaults(session, tenant));
      }

      const daily = await files.daily();
      const values = new FileValues(daily.name, settings);
      const columns = dailyMetricsColumns(today, values);
      const refs = refsOf(daily.name, 'portfolio', tenant);
      await stage(daily, {
        columns,
        layoutOf: (header) =>
          (settings.layout === 'wide' ? wideLayout : longDailyLayout)(header, columns, settings),
        add: async (batch) => staging.addMetrics(await withPortfolios(batch, refs)),
        describe: describeShape,
      });
      values.check();
      const isUnique = await staging.sortMetrics(session);
      const { known } = refs;
      const isMade = new Set(refs.created);
      const made = known.filter(([code]) => isMade.has(code));
      const madeIds = made.map(([, id]) => id);
      faults.add(daily.name, await staging.unknownPortfolios(session, tenant, madeIds));
      if (!isUnique) faults.add(daily.name, await staging.repeatedKeys(session));
      faults.throwIfAny();
      const { periodsPerYear = DEFAULT_PERIODS_PER_YEAR } = settings;
      await staging.setPeriods(session, periodsPerYear);
      if (settings.periodsPerYear !== undefined) {
        refuseKept(await staging.keepingPeriods(session, periodsPerYear), periodsPerYear);
      }
      const codes = new Map(known.map(([code, id]) => [id, code]));
      refuseOtherPeriods(await staging.newPortfolios(session), codes, periodsPerYear);

      signal?.throwIfAborted();
      progress('Writing', 0, 1);
      const write = async (transaction: Queryable): Promise<ImportResult> => {
        const { dryRun: isDryRun } = settings;
        let written: WriteCounts | null = null;
        if (portfolios) {
          // What was recorded or made since the files were read counts too.
          await staging.lockChangedPortfolios(transaction);
          faults.add(portfolios.name, await staging.portfolioFaults(transaction, tenant));
          faults.throwIfAny();
          written = await staging.writePortfolios(transaction, tenant, { isDryRun });
        }
        if (!isDryRun) {
          await staging.makePortfolios(transaction, tenant, made, periodsPerYear);
        }
        const taken = await staging.takenCodes(transaction, tenant, made);
        if (taken.length > 0) throw idsTaken(taken);
        if (!isDryRun) {
          const others = await staging.otherCodes(transaction, tenant, known);
          if (others.length > 0) throw codesChanged(others);
        }
        const unwritten = isDryRun ? madeIds : null;
        faults.add(daily.name, await staging.unknownPortfolios(transaction, tenant, unwritten));
        faults.throwIfAny();
        const followers =
          settings.values === 'prices' ? await staging.computeReturns(transaction) : 0;
        const summary = await staging.summarize(transaction);
        const counts = await staging.writeMetrics(transaction, {
          isDryRun,
          // The last part is the commit.
          progress: (done, total) => progress('Writing', done / (total + 1), 1),
        });
        // Given up while it was written, it is taken back.
        signal?.throwIfAborted();
        const codesMade = made.map(([code]) => code);
        return {
          portfolios: written,
          made: codesMade,
          daily: counts,
          followers,
          summary,
          codes,
          skipped,
        };
      };
      const result = settings.dryRun
        ? await session.transaction(write)
        : await session.exclusiveTransaction(WRITE_LOCK, write);
      progress('Writing', 1, 1);
      return result;
    } finally {
      await session.cleanUp(staging.dropStatement);
    }
  });
}

/** Throws a Failure where a stored portfolio keeps other periods a year than the import says. */
function refuseKept(
  other: { readonly id: string; readonly periods: number } | undefined,
  periodsPerYear: number,
): void {
  if (!other) return;
  const { id, periods } = other;
  throw new Failure(
    `Nothing was imported: portfolio ${id} exists with periodsPerYear ${periods}, which --periods-per-year ${periodsPerYear} does not change: leave the option out, or change it first (the mutation upsertPortfolio(input: { id: "${id}", periodsPerYear: ${periodsPerYear} })).`,
  );
}

/** Throws a Failure where the rows of a new portfolio would be annualised by far too many or too few. */
function refuseOtherPeriods(
  portfolios: readonly NewPortfolio[],
  codes: ReadonlyMap<string, string>,
  periodsPerYear: number,
): void {
  for (const { id, code, periods, isGiven, days } of portfolios) {
    const used = periods ?? periodsPerYear;
    const other = otherPeriods(days, used);
    if (!other) continue;
    const advice = isGiven
      ? `set its periods_per_year to ${other.periods} in the file of portfolios`
      : `add --periods-per-year ${other.periods}`;
    throw new Failure(
      `Nothing was imported: ${code ?? codes.get(id) ?? id} has about ${Math.round(other.rowsAYear)} rows a year, but would be annualised by ${used}: ${advice}, or another number of rows that make a year.`,
    );
  }
}

function idsTaken(codes: readonly string[]): Failure {
  return new Failure(
    `Nothing was imported: other portfolios have the ids that new ones would get for the codes ${codes.join(', ')}. Import these portfolios first with --portfolios, each with an id of its own.`,
  );
}

function codesChanged(codes: readonly string[]): Failure {
  return new Failure(
    `Nothing was imported: the portfolios with the codes ${codes.join(', ')} changed meanwhile, or their ids are those of portfolios with other codes. Import again, or give their UUIDs.`,
  );
}

/** Replaces codes in the column of portfolios by ids; rows of codes without one are left out. */
async function withPortfolios(batch: RowBatch, refs: PortfolioRefs): Promise<RowBatch> {
  const [portfolios = [], ...columns] = batch.columns;
  const ids = await refs.resolve(portfolios, batch.lines);
  if (!ids.includes(null)) return { ...batch, columns: [ids, ...columns] };
  const isKept = (_: unknown, index: number): boolean => ids[index] !== null;
  return {
    lines: batch.lines.filter(isKept),
    given: batch.given.filter(isKept),
    columns: [ids, ...columns].map((column) => column.filter(isKept)),
  };
}

/** Gives portfolios without an id that of their code in their tenant. */
async function withIds(
  batch: RowBatch,
  refsIn: (tenant: string | null) => PortfolioRefs,
): Promise<RowBatch> {
  const columnOf = (wanted: string): (string | null)[] => [
    ...batch.columns[PORTFOLIO_COLUMNS.findIndex(({ name }) => name === wanted)]!,
  ];
  const [ids, codes, tenants] = [columnOf('id'), columnOf('code'), columnOf('tenant')];
  for (const refs of new Set(tenants.map(refsIn))) {
    const ofCodes = await refs.resolve(
      codes.map((code, row) => (ids[row] === null && refsIn(tenants[row]!) === refs ? code : null)),
      batch.lines,
    );
    const created = new Set(refs.created);
    for (const [row, id] of ofCodes.entries()) {
      if (id === null) continue;
      ids[row] = id;
      // It is the owner's, also where another tenant's portfolio turns out to have the id.
      if (created.has(codes[row]!)) tenants[row] ??= refs.owner;
    }
  }
  const replaced: Readonly<Record<string, (string | null)[]>> = { id: ids, tenant: tenants };
  return {
    ...batch,
    columns: batch.columns.map(
      (column, index) => replaced[PORTFOLIO_COLUMNS[index]!.name] ?? column,
    ),
  };
}

/** What is particular to a kind of file. */
interface FileKind {
  readonly columns: readonly ImportColumn[];
  readonly layoutOf: (header: readonly string[]) => Layout;
  readonly add: (batch: RowBatch) => Promise<unknown>;
  /** What its beginning looks like, where that is not what the settings say. */
  readonly describe: typeof describeDelimiter;
}

interface StageOptions extends FileKind {
  readonly settings: FileFormat;
  readonly faults: FaultList;
  readonly skipped: string[];
  readonly signal: AbortSignal | undefined;
}

async function stageFile(
  file: ImportFile,
  { columns, layoutOf, add, describe, settings, faults, skipped, signal }: StageOptions,
): Promise<void> {
  let head = '';
  let hasFaults = false;
  const hint = (): string | null => describe(file.name, head, settings);
  const batches = readRows(file, {
    columns,
    layoutOf,
    delimiter: settings.delimiter,
    batchSize: BATCH_SIZE,
    onFault: (fault) => {
      hasFaults = true;
      return faults.push(fault);
    },
    onHead: (text) => (head = text),
    headerHint: hint,
    onSkipped: (names) => skipped.push(...names),
    ...(signal ? { signal } : {}),
  });
  // The next batch is read while the database takes the one before.
  let adding: Promise<unknown> | undefined;
  let isEnough = false;
  // What the reader found last comes with rows that are added still: the database finds faults, too.
  const addNext = async (batch: RowBatch): Promise<void> => {
    await add(batch);
    isEnough = faults.isFull;
  };
  try {
    for await (const batch of batches) {
      await adding;
      if (isEnough) break;
      adding = addNext(batch);
    }
  } finally {
    await adding;
  }
  if (hasFaults) faults.addHint(hint());
}
