import type { DataSet } from '../data/data-set.js';
import { send } from '../load/http-request.js';
import { createRandom } from '../random.js';
import { workloadOf, type WorkloadName } from '../workloads.js';
import { randomIds, type Contestant } from './contestant.js';
import { difference } from './difference.js';

const SEED = 4711;

/** A response that others are compared with, and the competitor that sent it. */
interface Reference {
  readonly title: string;
  readonly figures: unknown;
}

/** Compares the responses of all competitors to the same requests. */
export class Verification {
  private readonly references = new Map<WorkloadName, Reference>();

  constructor(private readonly dataSet: DataSet) {}

  /** Throws where a response has other figures than the first one to that request. */
  async verify({ competitor, service }: Contestant, workload: WorkloadName): Promise<void> {
    const ids = randomIds(workload, this.dataSet, createRandom(SEED));
    const request = competitor.request(workload, ids);
    if (request === null) return;
    const response = await send(service.origin, request);
    const figures = competitor.read(workload, await response.json());
    if (!workloadOf(workload).isCompared) return;
    const reference = this.references.get(workload);
    if (!reference) {
      this.references.set(workload, { title: competitor.title, figures });
      return;
    }
    const found = difference(reference.figures, figures);
    if (found !== null) {
      throw new Error(
        `${workload}: ${reference.title} and ${competitor.title} respond differently: ${found}`,
      );
    }
  }
}
