import type { Competitor } from '../competitors/competitor.js';
import { openStatementCounter } from '../load/statement-counter.js';
import type { WorkloadName } from '../workloads.js';
import { runRound, warmUp, type MeasureOptions } from './measure.js';
import type { Verification } from './verify.js';

export interface CountOptions extends MeasureOptions {
  readonly databaseUrl: string;
  readonly verification: Verification;
}

/** Long enough for a few responses of the slowest workload. */
const ROUND_SECONDS = 1;

/**
 * Statements for each request, by workload: a round over one connection to a process of its own,
 * whose connections to the database are counted on their way.
 */
export async function countStatements(
  competitor: Competitor,
  workloads: readonly WorkloadName[],
  { verification, ...options }: CountOptions,
): Promise<Map<WorkloadName, number>> {
  const round = { ...options, connections: 1, seconds: ROUND_SECONDS };
  const counter = await openStatementCounter(options.databaseUrl);
  const service = await competitor.start({ DATABASE_URL: counter.url });
  const contestant = { competitor, service };
  try {
    const counts = new Map<WorkloadName, number>();
    for (const workload of workloads) {
      await verification.verify(contestant, workload);
      await warmUp(workload, contestant, round);
      const before = counter.count();
      const counted = await runRound(workload, contestant, round);
      if (counted) counts.set(workload, (counter.count() - before) / counted.requests);
    }
    return counts;
  } finally {
    await service.stop();
    await counter.close();
  }
}
