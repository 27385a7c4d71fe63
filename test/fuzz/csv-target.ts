import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERY_TENANT } from '../../src/access/tenant.js';
import { openImportFiles } from '../../src/commands/import-sources.js';
import { startEmbeddedEngine } from '../../src/database/embedded-engine.js';
import { connect } from '../../src/database/open-database.js';
import { Failure } from '../../src/errors.js';
import { importFiles, type ImportResult } from '../../src/ingest/import-files.js';
import type { ImportSettings } from '../../src/ingest/import-settings.js';
import { toDay } from '../../src/metrics/calendar.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import type { CsvInput } from './csv-input.js';
import {
  CsvModel,
  KNOWN_PORTFOLIOS,
  STORED_PORTFOLIOS,
  STORED_ROWS,
  type ModelInput,
} from './csv-model.js';

/** What the imports take for today. */
const TODAY = toDay('2024-06-28');

/** A database that files are imported into. */
export interface CsvTarget {
  /** Imports files; gives what was wrong with how that ended, or null. */
  take(input: CsvInput): Promise<string | null>;
  /** Imports files whose outcome is known; gives how it differed, or null. */
  takeKnown(input: ModelInput): Promise<string | null>;
  close(): Promise<void>;
}

export async function openCsvTarget(): Promise<CsvTarget> {
  const engine = await startEmbeddedEngine({
    onFailure: (failure) => {
      throw failure;
    },
  });
  const { database, close } = await connect('embedded', engine, { check: checkTimescale });
  const directory = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const files = {
    daily: join(directory, 'daily.csv'),
    portfolios: join(directory, 'portfolios.csv'),
  };
  await database.write(
    `INSERT INTO portfolios (id, name, base_currency) SELECT id, 'Known', 'USD' FROM unnest($1::uuid[]) AS id`,
    [KNOWN_PORTFOLIOS],
  );
  const model = new CsvModel();
  const writes = async (): Promise<unknown> => {
    const rows = await database.read(
      'SELECT (SELECT count(*) FROM portfolios) AS a, (SELECT count(*) FROM portfolio_metrics) AS b, (SELECT max(recorded_no) FROM portfolio_metrics) AS c',
    );
    return JSON.stringify(rows);
  };
  /** The result of an import, or what it threw. */
  const outcomeOf = async (
    paths: { readonly daily: string; readonly portfolios?: string },
    settings: Partial<ImportSettings>,
  ): Promise<ImportResult | Error> => {
    const progress = (): void => undefined;
    return importFiles(database, await openImportFiles(paths, progress), {
      today: TODAY,
      tenant: EVERY_TENANT,
      progress,
      ...settings,
    }).catch((error: Error) => error);
  };
  let before = await writes();
  return {
    async take({ daily, portfolios, settings }) {
      await writeFile(files.daily, daily);
      if (portfolios) await writeFile(files.portfolios, portfolios);
      const outcome = await outcomeOf(portfolios ? files : { daily: files.daily }, settings);
      const after = await writes();
      const isChanged = after !== before;
      before = after;
      if (!(outcome instanceof Error)) {
        return settings.dryRun && isChanged ? 'a dry run changed something' : null;
      }
      if (!(outcome instanceof Failure)) return `${outcome.name}: ${outcome.message}`;
      return isChanged ? 'it was refused, and changed something' : null;
    },
    async takeKnown({ text, portfoliosText, portfolios, settings, refusal: known, rows }) {
      await writeFile(files.daily, text);
      if (portfoliosText !== null) await writeFile(files.portfolios, portfoliosText);
      const paths = portfoliosText === null ? { daily: files.daily } : files;
      const outcome = await outcomeOf(paths, settings);
      before = await writes();
      const refusal =
        known ?? (model.refusesUnits(portfolios) ? 'another currency or benchmark' : null);
      if (outcome instanceof Error) {
        if (!(outcome instanceof Failure)) return `${outcome.name}: ${outcome.message}`;
        return refusal === null ? `it was refused: ${outcome.message}` : null;
      }
      if (refusal !== null) return `it was imported with ${refusal}`;
      const { inserted, updated, unchanged } = outcome.daily;
      const counts = JSON.stringify({ inserted, updated, unchanged });
      model.writePortfolios(portfolios);
      const expected = model.write(rows);
      if (counts !== expected) return `${counts} instead of ${expected}`;
      const stored = [
        ...(await database.read<{ row: string }>(STORED_PORTFOLIOS)),
        ...(await database.read<{ row: string }>(STORED_ROWS)),
      ];
      const found = JSON.stringify(stored.map(({ row }) => row));
      const wanted = JSON.stringify([
        ...model.portfolios(),
        // Days in their order; those of a day as the model has them.
        ...model.rows().toSorted((a, b) => dayOf(a).localeCompare(dayOf(b))),
      ]);
      return found === wanted ? null : `stored are ${found} instead of ${wanted}`;
    },
    async close() {
      await close();
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The portfolio and day that a row begins with. */
function dayOf(row: string): string {
  return row.split(' ', 2).join(' ');
}
