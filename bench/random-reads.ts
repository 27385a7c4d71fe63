import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { AGGREGATE_NAMES } from '../src/aggregates/registry.js';
import { COMPETITORS } from './competitors/competitors.js';
import { portfolioId } from './data/data-set.js';
import { environmentOf, readEngine } from './data/engine.js';
import { prepareDataSet } from './data/prepare-data-set.js';
import { tileRequest } from './growth/requests.js';
import { send } from './load/http-request.js';
import { atLeast } from './options.js';
import { createRandom } from './random.js';
import { readEnvironment } from './report/environment.js';
import { count, table } from './report/table.js';
import { writeResult } from './report/write-result.js';

/** A year of business days and some: what a tile reads. */
const DAYS = 275;
const SEED = 1;
const MINUTE_MS = 60_000;

/** What one minute gave. */
interface Minute {
  readonly minute: number;
  readonly requests: number;
  /** The share of requests for which nothing was read from the database. */
  readonly fromMemory: number;
  readonly p50: number;
  readonly p99: number;
  /** MiB of the caches, and of the process. */
  readonly cacheMiB: number;
  readonly processMiB: number;
}

const options = new Command('npm run bench:random --')
  .description('Requests the tiles of many portfolios at random, so many times a second.')
  .option('--portfolios <count>', 'portfolios of the data set', atLeast(100), 10_000)
  .option('--rate <count>', 'requests a second', atLeast(1), 50)
  .option('--minutes <count>', 'minutes, each reported', atLeast(1), 15)
  .parse()
  .opts<{ portfolios: number; rate: number; minutes: number }>();
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const engine = readEngine(process.env);
const dataSet = { portfolios: options.portfolios, days: DAYS };
const versions = await prepareDataSet(engine, dataSet, print);
const service = await COMPETITORS.warm.start(environmentOf(engine, dataSet));

/** The sum of a metric's values, those of one label where `labels` names it. */
async function metric(name: string, labels = ''): Promise<number> {
  const response = await send(service.origin, { method: 'GET', path: '/metrics' });
  const lines = (await response.text()).split('\n');
  const values = lines.filter((line) => line.startsWith(`rolling_metrics_${name}`));
  return values
    .filter((line) => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Series that were read from the database so far. */
const seriesRead = (): Promise<number> => metric('series_loaded_total', 'source="database"');

const random = createRandom(SEED);
const nextRequest = () => tileRequest(portfolioId(Math.floor(random() * options.portfolios)));

async function measureMinute(minute: number): Promise<Minute> {
  const before = await seriesRead();
  const started = performance.now();
  const sent: Promise<number>[] = [];
  for (let n = 0; n < options.rate * 60; n++) {
    const wait = started + (n * MINUTE_MS) / (options.rate * 60) - performance.now();
    if (wait > 0) await delay(wait);
    sent.push(
      (async () => {
        const sentAt = performance.now();
        await (await send(service.origin, nextRequest())).arrayBuffer();
        return performance.now() - sentAt;
      })(),
    );
  }
  const latencies = (await Promise.all(sent)).toSorted((a, b) => a - b);
  // A tile that is not in memory reads one series of each aggregate.
  const missed = ((await seriesRead()) - before) / AGGREGATE_NAMES.length;
  return {
    minute,
    requests: latencies.length,
    fromMemory: 1 - missed / latencies.length,
    p50: latencies[Math.floor(latencies.length * 0.5)]!,
    p99: latencies[Math.floor(latencies.length * 0.99)]!,
    cacheMiB: (await metric('cache_bytes')) / 2 ** 20,
    processMiB: await service.memory(),
  };
}

const minutes: Minute[] = [];
try {
  for (let minute = 1; minute <= options.minutes; minute++) {
    minutes.push(await measureMinute(minute));
    print(`Minute ${minute}: ${(minutes.at(-1)!.fromMemory * 100).toFixed(1)} % from memory`);
  }
} finally {
  await service.stop();
}
const result = {
  at: new Date().toISOString(),
  engine: engine.name,
  environment: await readEnvironment(versions),
  settings: options,
  minutes,
};
const markdown = [
  `# ${count(options.portfolios)} portfolios at random, ${result.at.slice(0, 10)}, ${engine.name === 'server' ? 'TimescaleDB server' : 'embedded engine'}`,
  [...Object.entries(result.environment), ...Object.entries(options)]
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n'),
  'Tiles of random portfolios, while nothing is written.',
  table(
    [
      'minute',
      'requests',
      'from memory',
      'p50 ms',
      'p99 ms',
      'MiB of caches',
      'MiB of the process',
    ],
    minutes.map((each) => [
      String(each.minute),
      count(each.requests),
      `${(each.fromMemory * 100).toFixed(1)} %`,
      each.p50.toFixed(2),
      each.p99.toFixed(2),
      count(each.cacheMiB),
      count(each.processMiB),
    ]),
  ),
  '',
].join('\n\n');
print(`\n${markdown}`);
const name = await writeResult(result, result, markdown, '-random');
print(`Written: ${name}.json and ${name}.md`);
