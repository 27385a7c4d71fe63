import type { RunningServer } from '../helpers/processes.js';
import { faultOf, type Ledger, type Stored } from './ledger.js';

/** How long the responses may take together: a server in good health needs a few seconds. */
const RESPONSES_MS = 30_000;
const FIRST_DAY = '2000-01-01';
const LAST_DAY = '2039-12-31';

/**
 * Says what is wrong with a server that was started after a kill, and with its database. It sends
 * requests of the API only: the engine has one session, and a second client of it would disturb
 * the server.
 */
export async function check(server: RunningServer, ledgers: readonly Ledger[]): Promise<string[]> {
  const signal = AbortSignal.timeout(RESPONSES_MS);
  const faults: string[] = [];
  const ready = await fetch(new URL('/health/ready', server.url), { signal });
  if (ready.status !== 200) faults.push(`it is not ready: ${await ready.text()}`);
  const refreshed = server.data('mutation { refreshAllAggregates { viewName state error } }');
  const { refreshAllAggregates: refreshes } = await orAborted(refreshed, signal);
  for (const { viewName, state, error } of refreshes) {
    if (state !== 'SUCCEEDED') faults.push(`the refresh of ${viewName} is ${state}: ${error}`);
  }
  for (const ledger of ledgers) {
    const stored = await orAborted(readStored(server, ledger.portfolioId), signal);
    const fault = faultOf(ledger, stored);
    if (fault !== null) faults.push(fault);
    // What was sent without a response may be there or not; from here on it is known.
    ledger.acknowledged = Math.max(ledger.acknowledged, stored.least ?? 0);
  }
  return faults;
}

/**
 * What is stored, by the means of windows: where all rows are of one batch, all are the same. The
 * first window of prices has no return, and no mean.
 */
async function readStored(server: RunningServer, portfolioId: string): Promise<Stored> {
  const { portfolio } = await server.data(
    `{ portfolio(id: "${portfolioId}") {
      rollingSeries(window: THIRTY_DAYS, metrics: [AVERAGE_RETURN], from: "${FIRST_DAY}", to: "${LAST_DAY}") {
        columns { values } freshness { isStale staleReason }
      }
    } }`,
  );
  const { columns, freshness } = portfolio.rollingSeries;
  if (freshness.isStale) throw new Error(`stale after a refresh: ${freshness.staleReason}`);
  const values: (number | null)[] = columns[0].values;
  const means = values.filter((mean) => mean !== null).map((mean) => Math.round(mean * 1e9) / 1e3);
  return {
    rows: means.length,
    least: means.length > 0 ? Math.min(...means) : null,
    greatest: means.length > 0 ? Math.max(...means) : null,
  };
}

async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () =>
        reject(new Error(`no response in ${RESPONSES_MS} ms`)),
      );
    }),
  ]);
}
