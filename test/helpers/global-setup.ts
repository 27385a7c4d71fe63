import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Makes one migrated database and leaves a snapshot of it for every test file to start from.
 * It runs the compiled program, which `npm test` has built just before.
 */
export default async function globalSetup(): Promise<void> {
  await import('reflect-metadata');
  const dist = fileURLToPath(new URL('../../dist/src/', import.meta.url));
  const { startEmbeddedEngine } = (await import(
    join(dist, 'database/embedded-engine.js')
  )) as typeof import('../../src/database/embedded-engine.js');
  const { connect } = (await import(
    join(dist, 'database/open-database.js')
  )) as typeof import('../../src/database/open-database.js');
  const { checkTimescale } = (await import(
    join(dist, 'timescale/check-timescale.js')
  )) as typeof import('../../src/timescale/check-timescale.js');
  const engine = await startEmbeddedEngine({
    onFailure: (failure: Error) => {
      throw failure;
    },
  });
  const { close } = await connect('embedded', engine, { check: checkTimescale });
  await close();
  const directory = await mkdtemp(join(tmpdir(), 'metrics-test-'));
  const file = join(directory, 'migrated.tar');
  await writeFile(file, await engine.snapshot());
  await engine.close();
  process.env['TEST_SNAPSHOT'] = file;
}
