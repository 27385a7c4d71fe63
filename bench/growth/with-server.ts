import { COMPETITORS } from '../competitors/competitors.js';
import type { DataSet } from '../data/data-set.js';
import { environmentOf, type Engine } from '../data/engine.js';
import { prepareDataSet, type DatabaseVersions } from '../data/prepare-data-set.js';
import { send, type HttpRequest } from '../load/http-request.js';
import { load, type Round } from '../load/load.js';
import type { Question } from './questions.js';

/** Whether the server keeps series in memory. */
export type Mode = 'warm' | 'cold';

/** Asks a server that serves one data set. */
export interface Asking {
  /** Milliseconds an answer takes over one connection that asks again and again, on average. */
  time(question: Question): Promise<number>;
  /** Answers a second over so many connections. */
  throughput(requests: readonly HttpRequest[], connections: number): Promise<number>;
}

const WARM_UP_SECONDS = 1;
const SECONDS = 2;
/** More than one connection gets answered meanwhile. */
const TIMES = 10_000;

/** Starts this server over the data set, which is built where it is not there, for `work`. */
export async function withServer(
  engine: Engine,
  mode: Mode,
  dataSet: DataSet,
  work: (asking: Asking, versions: DatabaseVersions) => Promise<void>,
): Promise<void> {
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  const versions = await prepareDataSet(engine, dataSet, print);
  const service = await COMPETITORS[mode].start(environmentOf(engine, dataSet));
  const measure = async (
    connections: number,
    warmUp: readonly HttpRequest[],
    requests: readonly HttpRequest[],
  ): Promise<number> => {
    const ask = (asked: readonly HttpRequest[], seconds: number): Promise<Round> =>
      load(service.origin, { connections, seconds, status: 200, requestsOf: shifted(asked) });
    // A first answer may take longer than a round.
    await (await send(service.origin, warmUp[0]!)).arrayBuffer();
    await ask(warmUp, WARM_UP_SECONDS);
    const round = await ask(requests, SECONDS);
    return round.requests / round.seconds;
  };
  try {
    await work(
      {
        throughput: (requests, connections) => measure(connections, requests, requests),
        async time(question) {
          const requests = Array.from({ length: 2 * TIMES }, (_, n) => question(n));
          return 1000 / (await measure(1, requests.slice(TIMES), requests.slice(0, TIMES)));
        },
      },
      versions,
    );
  } finally {
    await service.stop();
  }
}

/** Each connection begins at another request. */
function shifted(requests: readonly HttpRequest[]) {
  return (connection: number): readonly HttpRequest[] => {
    const first = connection % requests.length;
    return [...requests.slice(first), ...requests.slice(0, first)];
  };
}
