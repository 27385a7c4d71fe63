import { portfolioId } from '../data/data-set.js';
import type { Engine } from '../data/engine.js';
import type { DatabaseVersions } from '../data/prepare-data-set.js';
import type { Point } from './exponent.js';
import {
  blotterRequests,
  rankingRequests,
  seriesRequests,
  tileRequest,
  type NthRequest,
} from './requests.js';
import { withServer, type Mode } from './with-server.js';

/** The time that responses took as something grew. */
export interface Growth {
  readonly request: string;
  readonly mode: Mode;
  readonly points: readonly Point[];
}

export interface Throughput {
  readonly mode: Mode;
  readonly connections: number;
  readonly requestsPerSecond: number;
}

/** Portfolios of the data sets. */
const PORTFOLIOS = [100, 1000, 10_000];
/** The data set over which the connections are measured. */
const LOADED_BY_MANY = 1000;
/** A year of business days and some. */
const DAYS_OF_MANY = 275;
const DAYS = [250, 500, 1000, 2500, 5000];
/** So many portfolios have all those days, and a year before. */
const FEW = 20;
const DAYS_OF_FEW = 5300;
export const CONNECTIONS = [1, 2, 4, 8, 16, 32, 64];

/** Rankings, blotters and tiles over data sets up to the largest. */
export async function growthOfPortfolios(engine: Engine, mode: Mode, largest: number) {
  const rankings: Point[] = [];
  const blotters: Point[] = [];
  const throughputs: Throughput[] = [];
  for (const portfolios of PORTFOLIOS.filter((size) => size <= largest)) {
    await withServer(engine, mode, { portfolios, days: DAYS_OF_MANY }, async (server) => {
      const ids = Array.from({ length: 100 }, (_, n) => portfolioId((n * portfolios) / 100));
      const add = async (points: Point[], request: NthRequest) =>
        points.push({ size: portfolios, milliseconds: await server.time(request) });
      await add(rankings, rankingRequests());
      await add(blotters, blotterRequests(ids));
      if (portfolios !== LOADED_BY_MANY) return;
      for (const connections of CONNECTIONS) {
        const requestsPerSecond = await server.throughput(ids.map(tileRequest), connections);
        throughputs.push({ mode, connections, requestsPerSecond });
      }
    });
  }
  const growths: Growth[] = [
    { request: 'ranking, by portfolios', mode, points: rankings },
    { request: 'blotter of 100, by portfolios', mode, points: blotters },
  ];
  return { growths, throughputs };
}

/** Series of the longest and the shortest window, by their days. */
export async function growthOfDays(engine: Engine, mode: Mode) {
  const growths: Growth[] = [];
  let versions: DatabaseVersions | undefined;
  await withServer(engine, mode, { portfolios: FEW, days: DAYS_OF_FEW }, async (server, found) => {
    versions = found;
    const ids = Array.from({ length: FEW }, (_, n) => portfolioId(n));
    for (const window of ['ONE_YEAR', 'THIRTY_DAYS'] as const) {
      const points: Point[] = [];
      for (const size of DAYS) {
        const milliseconds = await server.time(seriesRequests(ids, window, size));
        points.push({ size, milliseconds });
      }
      growths.push({ request: `series of ${window}, by days`, mode, points });
    }
  });
  return { growths, versions: versions! };
}
