import type { Competitor } from '../competitors/competitor.js';
import { portfolioId, type DataSet } from '../data/data-set.js';
import { send, type HttpRequest } from '../load/http-request.js';
import type { Service } from '../load/service.js';
import { createRandom } from '../random.js';
import { workloadOf, type WorkloadName } from '../workloads.js';

/** A competitor that runs. */
export interface Contestant {
  readonly competitor: Competitor;
  readonly service: Service;
}

/** Different requests of each connection; they come again in turn. */
const REQUESTS = 200;
/** Tags are fetched one by one, so fewer. */
const CONDITIONAL_REQUESTS = 50;

/** The ids of random portfolios, or of the first, which is recorded, where the workload reads that. */
export function randomIds(
  workload: WorkloadName,
  { portfolios }: DataSet,
  random: () => number,
): string[] {
  if (workloadOf(workload).readsRecorded) return [portfolioId(0)];
  const wanted = Math.min(workloadOf(workload).portfolios, portfolios - 1);
  const numbers = new Set<number>();
  while (numbers.size < wanted) numbers.add(1 + Math.floor(random() * (portfolios - 1)));
  return [...numbers].toSorted((a, b) => a - b).map(portfolioId);
}

/** The requests of each connection; null where the competitor does not offer the workload. */
export async function createRequests(
  { competitor, service }: Contestant,
  workload: WorkloadName,
  dataSet: DataSet,
): Promise<((connection: number) => readonly HttpRequest[]) | null> {
  const requestsOf = (seed: number, length: number): (HttpRequest | null)[] => {
    const random = createRandom(seed);
    return Array.from({ length }, () =>
      competitor.request(workload, randomIds(workload, dataSet, random)),
    );
  };
  if (workloadOf(workload).status === 304) {
    const requests = requestsOf(0, CONDITIONAL_REQUESTS);
    const conditional: HttpRequest[] = [];
    for (const request of requests) {
      const tagged = request && (await withTag(service.origin, request));
      if (tagged === null) return null;
      conditional.push(tagged);
    }
    return (connection) => [...conditional.slice(connection), ...conditional.slice(0, connection)];
  }
  if (requestsOf(0, 1)[0] === null) return null;
  return (connection) => requestsOf(connection, REQUESTS) as HttpRequest[];
}

/** The conditional request, which gets only what is new; null where the server gives no tag. */
async function withTag(origin: string, request: HttpRequest): Promise<HttpRequest | null> {
  const response = await send(origin, request);
  await response.arrayBuffer();
  const tag = response.headers.get('etag');
  if (tag === null) return null;
  return { ...request, headers: { ...request.headers, 'if-none-match': tag } };
}
