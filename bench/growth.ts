import 'reflect-metadata';
import { Command } from 'commander';
import { readEngine } from './data/engine.js';
import type { DatabaseVersions } from './data/prepare-data-set.js';
import { toMarkdown, type GrowthResult } from './growth/growth-report.js';
import {
  growthOfDays,
  growthOfPortfolios,
  type Growth,
  type Throughput,
} from './growth/measure-growth.js';
import { atLeast } from './options.js';
import { readEnvironment } from './report/environment.js';
import { writeResult } from './report/write-result.js';

const { largest } = new Command('npm run bench:growth --')
  .description('Measures how time grows with portfolios, days and connections.')
  .option('--largest <count>', 'portfolios of the largest data set', atLeast(1000), 10_000)
  .parse()
  .opts<{ largest: number }>();
const engine = readEngine(process.env);
const growths: Growth[] = [];
const throughputs: Throughput[] = [];
let versions: DatabaseVersions | undefined;
for (const mode of ['warm', 'cold'] as const) {
  const byPortfolios = await growthOfPortfolios(engine, mode, largest);
  const byDays = await growthOfDays(engine, mode);
  growths.push(...byPortfolios.growths, ...byDays.growths);
  throughputs.push(...byPortfolios.throughputs);
  versions = byDays.versions;
}
const result: GrowthResult = {
  at: new Date().toISOString(),
  engine: engine.name,
  environment: await readEnvironment(versions!),
  growths,
  throughputs,
};
const markdown = toMarkdown(result);
process.stdout.write(`\n${markdown}`);
const name = await writeResult(result, result, markdown, '-growth');
process.stdout.write(`\nWritten: ${name}.json and ${name}.md\n`);
