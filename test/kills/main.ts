/**
 * Kills a server in the middle of imports, mutations and refreshes, starts it again on the same
 * data and looks what is there: `npm run test:kills [-- --seed N] [--kills N]`.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.js';
import { DAILY_HEADER, lines, PORTFOLIO_HEADER, writeImport } from '../helpers/import-files.js';
import { Processes } from '../helpers/processes.js';
import { createRandom } from '../metrics/random.js';
import { check } from './check.js';
import { createLedger } from './ledger.js';
import {
  importUntilKilled,
  PRICES,
  recordUntilKilled,
  refreshUntilKilled,
  RETURNS,
} from './work.js';

const PROGRAMS = new URL('../../src/', import.meta.url);
/** The longest that a server lives once there is work. */
const LONGEST_MS = 1500;
const ENVIRONMENT = { SAMPLE_DATA: 'off', LOG_LEVEL: 'error', RATE_LIMIT: '0' };

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    kills: { type: 'string', default: '50' },
  },
});
const seed = Number(values.seed);
const kills = Number(values.kills);
process.stdout.write(`kills: seed ${seed}, ${kills} kills\n`);

const random = createRandom(seed);
const processes = new Processes(PROGRAMS);
const dataDir = await processes.directory();
const [filesDir, pricesDir] = [await processes.directory(), await processes.directory()];
const recorded = createLedger('00000000-0000-4000-8000-00000000000a', 60);
const imported = createLedger('00000000-0000-4000-8000-00000000000b', 500);
const priced = createLedger('00000000-0000-4000-8000-00000000000c', 500);
const ledgers = [recorded, imported, priced];
const faults: string[] = [];
const startedMs = performance.now();

let server = await processes.server(dataDir, ENVIRONMENT);
const made = await processes.cli(
  dataDir,
  ...(await writeImport(filesDir, {
    portfolios: lines(PORTFOLIO_HEADER, ...ledgers.map(({ portfolioId }) => `${portfolioId},P,,`)),
    daily: lines(DAILY_HEADER),
  })),
);
if (made.code !== 0) throw new Error(made.stderr);

for (let kill = 1; kill <= kills; kill++) {
  const going = { isOver: false };
  const work = [
    recordUntilKilled(server, recorded, going),
    importUntilKilled({ processes, dataDir, filesDir }, imported, RETURNS, going),
    importUntilKilled({ processes, dataDir, filesDir: pricesDir }, priced, PRICES, going),
    refreshUntilKilled(server, going),
  ];
  // Not a wait for something: when it is killed is what is tried.
  await delay(random() * LONGEST_MS);
  going.isOver = true;
  server.kill('SIGKILL');
  await server.exited;
  await Promise.all(work);
  server = await processes.server(dataDir, ENVIRONMENT);
  const found = await check(server, ledgers).catch((error: unknown) => [
    `${messageOf(error)}; the server said: ${server.stderr()}`,
  ]);
  for (const fault of found) {
    faults.push(fault);
    process.stdout.write(`FAULT after kill ${kill} of seed ${seed}: ${fault}\n`);
  }
}
const exit = await server.stop();
if (exit.code !== 0) faults.push(`it ended badly: ${server.stderr()}`);
await processes.close();
const seconds = Math.round((performance.now() - startedMs) / 1000);
const acknowledged = ledgers.reduce((sum, ledger) => sum + ledger.acknowledged, 0);
process.stdout.write(
  `kills: ${kills} kills of seed ${seed} in ${seconds} s, ${acknowledged} batches acknowledged, ${faults.length} faults\n`,
);
process.exit(faults.length === 0 ? 0 : 1);
