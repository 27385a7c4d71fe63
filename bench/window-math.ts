import { performance } from 'node:perf_hooks';
import { toDay, type WindowLength } from '../src/metrics/calendar.js';
import { createDailySeries, type DailySeries } from '../src/metrics/daily-series.js';
import { METRIC_NAMES, METRICS, type Metric } from '../src/metrics/metrics.js';
import { rollingSeries } from '../src/metrics/rolling-series.js';

const BUSINESS_DAYS_A_YEAR = 261;
const YEARS = [1, 5, 10, 20];
const WINDOWS: readonly { name: string; length: WindowLength }[] = [
  { name: '30 days', length: { days: 30 } },
  { name: 'one year', length: { years: 1 } },
];
const METRIC_SETS: readonly { name: string; metrics: readonly Metric[] }[] = [
  {
    name: 'all of returns and pairs',
    metrics: METRIC_NAMES.map((name) => METRICS[name]).filter(
      ({ basis }) => basis === 'returns' || basis === 'pairs',
    ),
  },
  {
    name: 'five',
    metrics: [
      METRICS.AVERAGE_RETURN,
      METRICS.VOLATILITY,
      METRICS.SHARPE_RATIO,
      METRICS.BETA,
      METRICS.MAX_DRAWDOWN,
    ],
  },
];

const TERMS = { riskFreeDaily: 0.0001, periodsPerYear: 252 };
const WARM_UP_MS = 300;
const SAMPLES = 15;
/** A sample repeats the call for at least so long, far above the clock's grain. */
const SAMPLE_MS = 40;

/** Business days with a return and a benchmark return on each; the same numbers every time. */
function createSeries(years: number): DailySeries {
  const length = years * BUSINESS_DAYS_A_YEAR;
  const monday = toDay('2001-01-01');
  // A sine at an irrational step stands in for random returns: no run of equal or rising ones.
  const benchmark = Float64Array.from({ length }, (_, n) => 0.01 * Math.sin(n * n * Math.SQRT2));
  const days = Int32Array.from({ length }, (_, n) => monday + n + 2 * Math.floor(n / 5));
  return createDailySeries(days, {
    returns: benchmark.map((value, n) => 0.0004 + 1.1 * value + 0.004 * Math.cos(n * n)),
    benchmarkReturns: benchmark,
  });
}

/** A function that measures the nanoseconds a day of the series over all days. */
function createMeasurement(
  series: DailySeries,
  window: WindowLength,
  metrics: readonly Metric[],
): (minMs: number) => number {
  const days = series.days.length;
  const range = { from: series.days[0]!, to: series.days[days - 1]! };
  const options = { metrics, window, ...range, terms: TERMS, minObservations: 0 };
  return (minMs) => {
    const start = performance.now();
    let calls = 0;
    let elapsedMs = 0;
    while (elapsedMs < minMs) {
      rollingSeries(series, options);
      calls += 1;
      elapsedMs = performance.now() - start;
    }
    return (elapsedMs * 1e6) / (calls * days);
  };
}

/**
 * The median of each measurement's samples. They take turns, so that what else the machine does
 * falls on all alike and leaves their ratios.
 */
function medians(measurements: readonly ((minMs: number) => number)[]): number[] {
  for (const measure of measurements) measure(WARM_UP_MS);
  const rounds = Array.from({ length: SAMPLES }, () =>
    measurements.map((measure) => measure(SAMPLE_MS)),
  );
  const median = (samples: number[]): number =>
    samples.toSorted((a, b) => a - b)[Math.floor(SAMPLES / 2)]!;
  return measurements.map((_, m) => median(rounds.map((round) => round[m]!)));
}

function print(...cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell, i) => cell.padStart(i === 0 ? 9 : 12)).join('')}\n`);
}

function main(): void {
  print(`rollingSeries, nanoseconds a day: median of ${SAMPLES} samples, Node ${process.version}`);
  for (const { name, metrics } of METRIC_SETS) {
    const results = medians(
      YEARS.flatMap((years) => {
        const series = createSeries(years);
        return WINDOWS.map(({ length }) => createMeasurement(series, length, metrics));
      }),
    );
    print(`\n${metrics.length} metrics (${name})`);
    print('series', ...WINDOWS.map((window) => window.name), 'ratio');
    const rows = YEARS.map((_, row) =>
      results.slice(row * WINDOWS.length).slice(0, WINDOWS.length),
    );
    for (const [row, [month, year]] of rows.entries()) {
      const ratio = (year! / month!).toFixed(2);
      print(`${YEARS[row]} years`, month!.toFixed(0), year!.toFixed(0), ratio);
    }
    const [first, last] = [rows.at(0)!, rows.at(-1)!];
    print('20 ÷ 1', ...WINDOWS.map((_window, w) => (last[w]! / first[w]!).toFixed(2)));
  }
}

main();
