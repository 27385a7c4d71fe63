import { setTimeout as delay } from 'node:timers/promises';
import type { DataSet } from '../data/data-set.js';
import { load, sendAll, WrongResponses, type Round } from '../load/load.js';
import { workloadOf, type WorkloadName } from '../workloads.js';
import { createRequests, type Contestant } from './contestant.js';
import { summarize, type Measurement } from './measurement.js';
import { whileRecording } from './recorder.js';

export interface MeasureOptions {
  readonly dataSet: DataSet;
  readonly connections: number;
  /** How long each competitor is measured in a workload, in rounds. */
  readonly seconds: number;
  /** Where rows are recorded for contestants that cannot do so; absent on the embedded engine. */
  readonly databaseUrl: string | undefined;
}

/** Short, so that what else the machine does falls on all alike. */
const ROUND_SECONDS = 2;
/** What a server still does for connections that were cut is not counted against the next one. */
const SETTLE_MS = 150;

/** Measures the contestants that offer the workload, in turn, after a round that is not counted. */
export async function measure(
  workload: WorkloadName,
  contestants: readonly Contestant[],
  options: MeasureOptions,
): Promise<Measurement[]> {
  const rounds = new Map<Contestant, Round[]>();
  const count = Math.max(1, Math.round(options.seconds / ROUND_SECONDS));
  for (let number = 0; number <= count; number++) {
    for (const contestant of contestants) {
      await warmUp(workload, contestant, options);
      const round = await runRound(workload, contestant, { ...options, seconds: ROUND_SECONDS });
      if (round === null) continue;
      if (number > 0) rounds.set(contestant, [...(rounds.get(contestant) ?? []), round]);
      await delay(SETTLE_MS);
    }
  }
  return Promise.all(
    [...rounds].map(async ([{ competitor, service }, results]) =>
      summarize(workload, competitor.title, results, await service.memory()),
    ),
  );
}

/** How often the round's requests are sent before it: the first responses in the cache may have expired with the last. */
const WARM_UPS = 2;

/** Sends the round's requests where the contestant is to have them cached: others' turns took long. */
export async function warmUp(
  workload: WorkloadName,
  contestant: Contestant,
  { dataSet, connections }: MeasureOptions,
): Promise<void> {
  const { competitor, service } = contestant;
  if (!competitor.isWarmedUp) return;
  const requestsOf = await createRequests(contestant, workload, dataSet);
  if (requestsOf === null) return;
  for (let n = 0; n < WARM_UPS; n++) await sendAll(service.origin, { connections, requestsOf });
}

/** One round of load on one contestant; null where it does not offer the workload. */
export async function runRound(
  workload: WorkloadName,
  contestant: Contestant,
  options: MeasureOptions,
  isFirstTry = true,
): Promise<Round | null> {
  const { dataSet, connections, databaseUrl, seconds } = options;
  const { origin } = contestant.service;
  const { reword } = contestant.competitor;
  const requestsOf = await createRequests(contestant, workload, dataSet);
  if (requestsOf === null) return null;
  const { status, isRecording } = workloadOf(workload);
  const run = (): Promise<Round> =>
    load(origin, { connections, seconds, status, requestsOf, reword });
  if (isRecording) return whileRecording(contestant, databaseUrl, run);
  try {
    return await run();
  } catch (error) {
    // Tags that ended within the round; the next ones are new, and last for longer than a round.
    if (status !== 304 || !isFirstTry || !(error instanceof WrongResponses)) throw error;
    return runRound(workload, contestant, options, false);
  }
}
