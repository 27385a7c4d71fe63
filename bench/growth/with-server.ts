import { COMPETITORS } from '../competitors/competitors.js';
import type { DataSet } from '../data/data-set.js';
import { environmentOf, type Engine } from '../data/engine.js';
import { prepareDataSet, type DatabaseVersions } from '../data/prepare-data-set.js';
import { send, type HttpRequest } from '../load/http-request.js';
import { load, type Round } from '../load/load.js';
import type { NthRequest } from './requests.js';

/** Whether the server keeps series in memory. */
export type Mode = 'warm' | 'cold';

/** Measures a server that serves one data set. */
export interface LoadedServer {
  /** Milliseconds a response takes over one connection that sends requests in turn, on average. */
  time(request: NthRequest): Promise<number>;
  /** Responses a second over so many connections. */
  throughput(requests: readonly HttpRequest[], connections: number): Promise<number>;
}

const WARM_UP_SECONDS = 1;
const SECONDS = 2;
/** More responses than one connection gets meanwhile. */
const TIMES = 10_000;

/** Starts this server over the data set, which is built where it is not there, for `work`. */
export async function withServer(
  engine: Engine,
  mode: Mode,
  dataSet: DataSet,
  work: (server: LoadedServer, versions: DatabaseVersions) => Promise<void>,
): Promise<void> {
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  const versions = await prepareDataSet(engine, dataSet, print);
  const service = await COMPETITORS[mode].start(environmentOf(engine, dataSet));
  const measure = async (
    connections: number,
    warmUp: readonly HttpRequest[],
    requests: readonly HttpRequest[],
  ): Promise<number> => {
    const run = (sent: readonly HttpRequest[], seconds: number): Promise<Round> =>
      load(service.origin, { connections, seconds, status: 200, requestsOf: shifted(sent) });
    // A first response may take longer than a round.
    await (await send(service.origin, warmUp[0]!)).arrayBuffer();
    await run(warmUp, WARM_UP_SECONDS);
    const round = await run(requests, SECONDS);
    return round.requests / round.seconds;
  };
  try {
    await work(
      {
        throughput: (requests, connections) => measure(connections, requests, requests),
        async time(request) {
          const requests = Array.from({ length: 2 * TIMES }, (_, n) => request(n));
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
