import type { Round } from '../load/load.js';
import type { WorkloadName } from '../workloads.js';

/** What one competitor did in one workload. */
export interface Measurement {
  readonly workload: WorkloadName;
  readonly competitor: string;
  /** The median of the rounds. */
  readonly requestsPerSecond: number;
  /** Of each round. */
  readonly rounds: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of a response, its head included. */
  readonly bytes: number;
  /** MiB that its process holds after the workload. */
  readonly memoryMiB: number;
  /** Statements sent to the database for each request; null where they cannot be counted. */
  readonly statements: number | null;
}

/** Puts the rounds of a workload together. */
export function summarize(
  workload: WorkloadName,
  competitor: string,
  rounds: readonly Round[],
  memoryMiB: number,
): Measurement {
  const latencies = Float64Array.from(rounds.flatMap((round) => round.latencies)).toSorted();
  const requests = rounds.reduce((sum, round) => sum + round.requests, 0);
  const rates = rounds.map((round) => round.requests / round.seconds);
  return {
    workload,
    competitor,
    requestsPerSecond: quantile(Float64Array.from(rates).toSorted(), 0.5),
    rounds: rates,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    bytes: rounds.reduce((sum, round) => sum + round.bytes, 0) / requests,
    memoryMiB,
    statements: null,
  };
}

/** The smallest of sorted values that at least a share of them do not exceed. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
