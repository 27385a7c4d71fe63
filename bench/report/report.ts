import type { Measurement } from '../run/measurement.js';
import { WORKLOAD_NAMES, workloadOf } from '../workloads.js';
import { ratiosOf } from './aims.js';
import type { BenchEnvironment } from './environment.js';
import { count, table } from './table.js';

/** Everything that one run has given. */
export interface BenchResult {
  /** When it ended: ISO 8601. */
  readonly at: string;
  readonly engine: 'server' | 'embedded';
  readonly environment: BenchEnvironment;
  /** What was measured: portfolios, years, connections, seconds. */
  readonly settings: Readonly<Record<string, number>>;
  /** MiB that each competitor's process held before the first request. */
  readonly memoryAtStart: Readonly<Record<string, number>>;
  readonly measurements: readonly Measurement[];
  /** What has to be known about the numbers. */
  readonly remarks: readonly string[];
}

/** The result as Markdown, which is also what is printed. */
export function toMarkdown(result: BenchResult): string {
  const { at, engine, environment, settings, measurements, remarks } = result;
  const measured = WORKLOAD_NAMES.filter((name) =>
    measurements.some(({ workload }) => workload === name),
  );
  return [
    `# Benchmark of ${at.slice(0, 10)}, ${engine === 'server' ? 'TimescaleDB server' : 'embedded engine'}`,
    listOf({ ...environment, ...settings }),
    ...remarks,
    ...measured.flatMap((name) => [
      `## ${workloadOf(name).title}`,
      workloadTable(measurements.filter(({ workload }) => workload === name)),
    ]),
    '## Ratios',
    ratioTable(measurements),
    '## Memory',
    memoryTable(result),
    '',
  ].join('\n\n');
}

function listOf(facts: object): string {
  return Object.entries(facts)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
}

function workloadTable(measurements: readonly Measurement[]): string {
  const head = ['', 'requests/s', 'p50 ms', 'p99 ms', 'statements', 'bytes', 'MiB'];
  const rows = measurements.map((each) => [
    each.competitor,
    count(each.requestsPerSecond),
    each.p50Ms.toFixed(2),
    each.p99Ms.toFixed(2),
    each.statements === null ? '–' : each.statements.toFixed(2),
    count(each.bytes),
    count(each.memoryMiB),
  ]);
  return table(head, rows);
}

function ratioTable(measurements: readonly Measurement[]): string {
  const rows = ratiosOf(measurements)
    .filter(({ measured }) => measured !== null)
    .map(({ workload, ratio, aim, measured }) => [
      workload,
      ratio,
      measured! < 0.1 ? measured!.toPrecision(2) : measured!.toFixed(2),
      `≥ ${aim}`,
      measured! >= aim ? 'yes' : 'no',
    ]);
  return table(['workload', 'ratio', 'measured', 'aim', 'reached'], rows);
}

function memoryTable({ memoryAtStart, measurements }: BenchResult): string {
  const rows = Object.entries(memoryAtStart).map(([competitor, start]) => {
    const own = measurements.filter((each) => each.competitor === competitor);
    const most = Math.max(start, ...own.map(({ memoryMiB }) => memoryMiB));
    return [competitor, count(start), count(most)];
  });
  return table(['', 'MiB at start', 'most MiB after a workload'], rows);
}
