/**
 * Sends the server and the importer inputs of all kinds, which they must respond to cleanly:
 * `npm run test:fuzz [-- --seed N] [--count N] [--only NUMBER]`.
 */
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzzCsv } from './fuzz-csv.js';
import { fuzzHttp } from './fuzz-http.js';

/** One in so many inputs goes to the importer. */
const CSV_SHARE = 5;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    count: { type: 'string', default: '21000' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const count = Number(values.count);
const numbers =
  values.only === undefined ? Array.from({ length: count }, (_, n) => n) : [Number(values.only)];
const isCsv = (number: number): boolean => number % CSV_SHARE === 0;
const startedMs = performance.now();
process.stdout.write(`fuzz: seed ${seed}, ${numbers.length} inputs\n`);
const found = [
  ...(await fuzzCsv(seed, numbers.filter(isCsv))),
  ...(await fuzzHttp(
    seed,
    numbers.filter((number) => !isCsv(number)),
  )),
];
for (const { number, fault, input } of found.slice(0, 20)) {
  process.stdout.write(
    `\nFAULT of input ${number}: ${fault}\n  ${input}\n  again: npm run test:fuzz -- --seed ${seed} --only ${number}\n`,
  );
}
const seconds = Math.round((performance.now() - startedMs) / 1000);
process.stdout.write(
  `fuzz: ${numbers.length} inputs of seed ${seed} in ${seconds} s, ${found.length} faults\n`,
);
process.exit(found.length === 0 ? 0 : 1);
