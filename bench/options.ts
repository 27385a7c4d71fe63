import { Command, InvalidArgumentError, Option } from 'commander';
import { WORKLOAD_NAMES, type WorkloadName } from './workloads.js';

/** What is to be measured. */
export interface BenchOptions {
  readonly portfolios: number;
  readonly years: number;
  readonly connections: number;
  readonly seconds: number;
  readonly only: readonly WorkloadName[];
}

/** Reads the arguments of the benchmark; ends the process with a usage message where they are wrong. */
export function readOptions(parameters: readonly string[]): BenchOptions {
  return new Command('npm run bench --')
    .description('Measures this server, the bare server and PostGraphile side by side.')
    .option('--portfolios <count>', 'portfolios of the data set', atLeast(101), 2000)
    .option('--years <count>', 'years of business days of each', atLeast(1), 5)
    .option(
      '--connections <count>',
      'connections that send requests at the same time',
      atLeast(1),
      8,
    )
    .option('--seconds <count>', 'for each competitor in each workload', atLeast(2), 10)
    .addOption(
      new Option('--only <workloads>', `some of ${WORKLOAD_NAMES.join(',')}`)
        .argParser(workloadNames)
        .default(WORKLOAD_NAMES, 'all'),
    )
    .parse(parameters, { from: 'user' })
    .opts<BenchOptions>();
}

/** A parser of whole numbers that are not less. */
export function atLeast(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number, at least ${min}.`);
  };
}

function workloadNames(list: string): WorkloadName[] {
  const requested = list.split(',');
  const unknown = requested.filter((name) => !WORKLOAD_NAMES.some((known) => known === name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no ${unknown.join(', ')}.`);
  return WORKLOAD_NAMES.filter((name) => requested.includes(name));
}
