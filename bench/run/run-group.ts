import { Lifecycle } from '../../src/lifecycle.js';
import type { Competitor } from '../competitors/competitor.js';
import { workloadOf, type WorkloadName } from '../workloads.js';
import type { Contestant } from './contestant.js';
import { measure, type MeasureOptions } from './measure.js';
import type { Measurement } from './measurement.js';
import type { Verification } from './verify.js';

export interface GroupOptions extends MeasureOptions {
  /** Where the database is. */
  readonly environment: Readonly<Record<string, string>>;
  readonly verification: Verification;
  readonly only: readonly WorkloadName[];
  readonly print: (line: string) => void;
}

export interface GroupResult {
  readonly measurements: readonly Measurement[];
  /** MiB of each competitor before the first request. */
  readonly memoryAtStart: Readonly<Record<string, number>>;
}

/**
 * Starts some competitors, makes sure that their responses agree, measures them in turn in every
 * workload, and stops them.
 */
export async function runGroup(
  competitors: readonly Competitor[],
  { environment, verification, only, print, ...options }: GroupOptions,
): Promise<GroupResult> {
  const lifecycle = new Lifecycle();
  try {
    const contestants: Contestant[] = [];
    const memoryAtStart: Record<string, number> = {};
    for (const competitor of competitors) {
      print(`Starting ${competitor.title} …`);
      const service = await competitor.start(environment);
      lifecycle.onClose(() => service.stop());
      contestants.push({ competitor, service });
      memoryAtStart[competitor.title] = await service.memory();
    }
    for (const contestant of contestants) {
      for (const workload of only) await verification.verify(contestant, workload);
    }
    const measurements: Measurement[] = [];
    for (const workload of only) {
      print(`Measuring ${workload} …`);
      // Only contestants that record can take part where no other client can reach the database.
      const able = contestants.filter(
        ({ competitor: { record } }) =>
          !workloadOf(workload).isRecording || record || options.databaseUrl !== undefined,
      );
      const measured = await measure(workload, able, options);
      // Should a later workload fail, what was measured is to be seen.
      for (const { competitor, requestsPerSecond } of measured) {
        print(`  ${competitor}: ${requestsPerSecond.toFixed(1)} requests/s`);
      }
      measurements.push(...measured);
    }
    return { measurements, memoryAtStart };
  } finally {
    await lifecycle.close();
  }
}
