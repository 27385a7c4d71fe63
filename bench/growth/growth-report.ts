import type { BenchEnvironment } from '../report/environment.js';
import { count, table } from '../report/table.js';
import { fittedExponent } from './exponent.js';
import { CONNECTIONS, type Growth, type Throughput } from './measure-growth.js';

/** Everything that one run has given. */
export interface GrowthResult {
  /** When it ended: ISO 8601. */
  readonly at: string;
  readonly engine: 'server' | 'embedded';
  readonly environment: BenchEnvironment;
  readonly growths: readonly Growth[];
  readonly throughputs: readonly Throughput[];
}

/** The result as Markdown, which is also what is printed. */
export function toMarkdown(result: GrowthResult): string {
  const { at, engine, environment, growths, throughputs } = result;
  return [
    `# Growth, ${at.slice(0, 10)}, ${engine === 'server' ? 'TimescaleDB server' : 'embedded engine'}`,
    Object.entries(environment)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
    '## Milliseconds a response takes, over one connection',
    table(['', 'size', 'ms', 'exponent'], growths.map(growthRow)),
    '## Tiles a second, by connections',
    throughputTable(throughputs),
    '',
  ].join('\n\n');
}

function growthRow({ request, mode, points }: Growth): string[] {
  return [
    `${request}, ${mode}`,
    points.map(({ size }) => size).join(' / '),
    points.map(({ milliseconds }) => milliseconds.toFixed(2)).join(' / '),
    fittedExponent(points).toFixed(2),
  ];
}

function throughputTable(throughputs: readonly Throughput[]): string {
  const modes = [...new Set(throughputs.map(({ mode }) => mode))];
  const rows = modes.map((mode) => {
    const rates = new Map(
      throughputs
        .filter((each) => each.mode === mode)
        .map(({ connections, requestsPerSecond }) => [connections, requestsPerSecond]),
    );
    const ratio = rates.get(64)! / rates.get(8)!;
    return [mode, ...CONNECTIONS.map((each) => count(rates.get(each)!)), ratio.toFixed(2)];
  });
  return table(['', ...CONNECTIONS.map(String), '64 ÷ 8'], rows);
}
