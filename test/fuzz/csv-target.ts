import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEngine } from '../../src/database/embedded-engine.js';
import { connect } from '../../src/database/open-database.js';
import { Failure } from '../../src/errors.js';
import { importFiles } from '../../src/ingest/import-files.js';
import { toDay } from '../../src/metrics/calendar.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import type { CsvInput } from './csv-input.js';

/** What the imports take for today. */
const TODAY = toDay('2024-06-28');

/** A database that files are imported into. */
export interface CsvTarget {
  /** Imports files; gives what was wrong with how that ended, or null. */
  take(input: CsvInput): Promise<string | null>;
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
  const writes = async (): Promise<unknown> => {
    const rows = await database.read(
      'SELECT (SELECT count(*) FROM portfolios) AS a, (SELECT count(*) FROM portfolio_metrics) AS b, (SELECT max(recorded_no) FROM portfolio_metrics) AS c',
    );
    return JSON.stringify(rows);
  };
  let before = await writes();
  return {
    async take({ daily, portfolios }) {
      await writeFile(files.daily, daily);
      if (portfolios) await writeFile(files.portfolios, portfolios);
      const outcome: unknown = await importFiles(
        database,
        portfolios ? files : { daily: files.daily },
        { today: TODAY, progress: () => undefined },
      ).catch((error: unknown) => error);
      const after = await writes();
      const isChanged = after !== before;
      before = after;
      if (!(outcome instanceof Error)) return null;
      if (!(outcome instanceof Failure)) return `${outcome.name}: ${outcome.message}`;
      return isChanged ? 'it was refused, and changed something' : null;
    },
    async close() {
      await close();
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}
