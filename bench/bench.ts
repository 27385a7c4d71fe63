import 'reflect-metadata';
import { groupsOf } from './competitors/competitors.js';
import { DAYS_A_YEAR, nameOf } from './data/data-set.js';
import { environmentOf, readEngine } from './data/engine.js';
import { prepareDataSet } from './data/prepare-data-set.js';
import { readOptions } from './options.js';
import { readEnvironment } from './report/environment.js';
import { remarksOf } from './report/remarks.js';
import { toMarkdown } from './report/report.js';
import { writeResult } from './report/write-result.js';
import { countStatements } from './run/count-statements.js';
import type { Measurement } from './run/measurement.js';
import { runGroup } from './run/run-group.js';
import { Verification } from './run/verify.js';

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const { portfolios, years, connections, seconds, only } = readOptions(process.argv.slice(2));
const engine = readEngine(process.env);
const dataSet = { portfolios, days: years * DAYS_A_YEAR };
const versions = await prepareDataSet(engine, dataSet, print);
const environment = environmentOf(engine, dataSet);
const databaseUrl = engine.name === 'server' ? environment['DATABASE_URL'] : undefined;
const options = { dataSet, connections, seconds, databaseUrl };
for (const remark of remarksOf(engine)) print(remark);

const verification = new Verification(dataSet);
const memoryAtStart: Record<string, number> = {};
let measurements: Measurement[] = [];
for (const group of groupsOf(engine)) {
  const result = await runGroup(group, { ...options, environment, verification, only, print });
  Object.assign(memoryAtStart, result.memoryAtStart);
  measurements.push(...result.measurements);
}
if (databaseUrl !== undefined) {
  for (const competitor of groupsOf(engine).flat()) {
    print(`Counting the statements of ${competitor.title} …`);
    const counts = competitor.isInMemory
      ? new Map(only.map((workload) => [workload, 0]))
      : await countStatements(competitor, only, { ...options, databaseUrl, verification });
    measurements = measurements.map((each) =>
      each.competitor === competitor.title
        ? { ...each, statements: counts.get(each.workload) ?? null }
        : each,
    );
  }
}
const result = {
  at: new Date().toISOString(),
  engine: engine.name,
  environment: await readEnvironment(versions),
  settings: { portfolios, years, connections, seconds },
  memoryAtStart,
  measurements,
  remarks: remarksOf(engine),
};
const markdown = toMarkdown(result);
print(`\n${markdown}`);
const name = await writeResult(result, result, markdown);
print(`Written: ${name}.json and ${name}.md; the data set stays in ${nameOf(dataSet)}.`);
