import type { HttpRequest } from '../load/http-request.js';
import type { Reword } from '../load/load.js';
import type { Service } from '../load/service.js';
import type { WorkloadName } from '../workloads.js';

/** A row of daily metrics that is recorded while others read. */
export interface RecordedRow {
  readonly portfolioId: string;
  readonly day: string;
  readonly dailyReturn: number;
}

/** One of the servers that are measured side by side. */
export interface Competitor {
  readonly title: string;
  /** @param environment where its database is */
  start(environment: Readonly<Record<string, string>>): Promise<Service>;
  /** The request for some portfolios; null for a workload it does not offer. */
  request(workload: WorkloadName, portfolioIds: readonly string[]): HttpRequest | null;
  /** The figures of a response, in the shape that all share. */
  read(workload: WorkloadName, response: unknown): unknown;
  /** Records a row and refreshes the aggregates over its day, where it does that itself. */
  readonly record?: (origin: string, row: RecordedRow) => Promise<void>;
  /** Whether it serves every request of a round before that begins. */
  readonly isWarmedUp?: boolean;
  /** Changes the text of each request, so that no response is cached. */
  readonly reword?: Reword;
  /** Whether it never queries the database once it runs. */
  readonly isInMemory?: boolean;
}
