import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CacheMemory } from '../../src/aggregates/cache-memory.js';
import { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../../src/aggregates/registry.js';
import { Revisions } from '../../src/aggregates/revisions/revisions.js';
import type { DailySeriesRange } from '../../src/aggregates/series/daily-series-reader.js';
import { DailySeriesStore } from '../../src/aggregates/series/daily-series-store.js';
import { SeriesCache } from '../../src/aggregates/series/series-cache.js';
import type { Database } from '../../src/database/database.js';
import { connect } from '../../src/database/open-database.js';
import { createContext } from '../../src/graphql/context.js';
import { createSchema } from '../../src/graphql/schema.js';
import { WRITE_LOCK } from '../../src/ingest/staging.js';
import { dayOf, formatDay, toDay, windowStart } from '../../src/metrics/calendar.js';
import type { Services } from '../../src/services.js';
import { insertPortfolio, portfolioId, refreshAll } from '../helpers/test-data.js';
import { createTestServices } from '../helpers/test-services.js';
import { resolvedOf, startTestServer, type TestServer } from '../http/test-server.js';
import { createRandom } from '../metrics/random.js';
import { openStressDatabase, POOL_SIZE } from './stress-database.js';

/**
 * Writers, refreshers and readers against each other, on two instances and, where
 * STRESS_REPLICA_URL names one, on a third that reads a streaming replica. Every value written is
 * greater than all before it, so of each day a later state of an aggregate never has a lesser one:
 * a response must lie between what the aggregate held one bound before the request, and what it
 * holds after.
 */
const MAX_AGE_MS = 500;
const SECONDS = Number(process.env['STRESS_SECONDS'] ?? 60);
const SEED = Number(process.env['STRESS_SEED'] ?? Date.now() % 1_000_000);
const IDS = [1, 2, 3, 4, 5].map(portfolioId);
const DAYS = 40;
/** Recent days: a policy's job takes no others. */
const FIRST = dayOf(new Date()) - DAYS;
const LAST = FIRST + DAYS - 1;
/** Of a mean, relative. */
const ROUNDING = 1e-9;
const MEAN = `query Mean($id: UUID!, $window: RollingWindow!, $from: LocalDate!, $to: LocalDate!) {
  portfolio(id: $id) {
    rollingSeries(window: $window, metrics: [AVERAGE_RETURN], from: $from, to: $to) { columns { values } }
  }
}`;

interface MeanResponse {
  readonly data: {
    readonly portfolio: {
      readonly rollingSeries: { readonly columns: [{ readonly values: readonly number[] }] };
    };
  };
}

const random = createRandom(SEED);
const pick = (below: number): number => Math.floor(random() * below);
const oneOf = <Item>(items: readonly Item[]): Item => items[pick(items.length)]!;

/** A process of its own but for the database: on the embedded engine there is one. */
interface Instance {
  readonly database: Database;
  readonly store: DailySeriesStore;
  readonly services: Services;
  readonly server: TestServer;
  readonly close: () => Promise<void>;
}

let database: Database;
let instances: Instance[];
let refreshes: RefreshService;
/** What was read: instance, aggregate, revision and portfolio. */
const reads = new Set<string>();
let repeated = 0;
/** Series in memory whose aggregate was refreshed meanwhile. */
let kept = 0;

async function startInstance(
  number: number,
  { database: own, close }: { readonly database: Database; readonly close: () => Promise<void> },
): Promise<Instance> {
  const seriesCache = new SeriesCache(new CacheMemory(10_000_000), 3_600_000);
  const store = new DailySeriesStore(own, new Revisions(own, MAX_AGE_MS), seriesCache);
  const { cache, revisions } = store;
  const identities = new Map<string, string>();
  const set = cache.set.bind(cache);
  // Every read is of whole series, so one a revision is enough.
  cache.set = (name, id, revision, known) => {
    const key = `${number} ${name} ${revision} ${id}`;
    if (reads.has(key)) repeated++;
    reads.add(key);
    identities.set(`${name} ${id}`, revisions.latest!.snapshot.aggregates[name].identity);
    set(name, id, revision, known);
  };
  const get = cache.get.bind(cache);
  cache.get = (name, id, revision) => {
    const found = get(name, id, revision);
    const { identity } = revisions.latest!.snapshot.aggregates[name];
    if (found && identities.get(`${name} ${id}`) !== identity) kept++;
    if (found) identities.set(`${name} ${id}`, identity);
    return found;
  };
  const services = { ...createTestServices(own), dailySeries: store };
  const server = await startTestServer({
    schema: await createSchema(),
    database: own,
    revisions,
    createContext: (info) => createContext(services, info),
  });
  return {
    database: own,
    store,
    services,
    server,
    async close() {
      await server.close();
      await services.refreshes.close();
      await close();
    },
  };
}

/** A database for another instance. */
async function openAgain(
  first: Database,
): Promise<{ readonly database: Database; readonly close: () => Promise<void> }> {
  if (process.env['STRESS_DATABASE_URL']) return openStressDatabase();
  return { database: first, close: async () => undefined };
}

beforeAll(async () => {
  const first = await openStressDatabase();
  ({ database } = first);
  const rows = Array.from({ length: DAYS }, (_, n) => ({ day: formatDay(FIRST + n), return: 0 }));
  for (const id of IDS) await insertPortfolio(database, id, rows);
  await refreshAll(database, formatDay(FIRST), formatDay(FIRST + DAYS));
  refreshes = new RefreshService(database);
  instances = [await startInstance(1, first), await startInstance(2, await openAgain(database))];
  const [url, replica] = [process.env['STRESS_DATABASE_URL'], process.env['STRESS_REPLICA_URL']];
  if (url && replica) {
    const reading = await connect('server', { url, replicaUrls: [replica], poolSize: POOL_SIZE });
    instances.push(await startInstance(3, reading));
  }
});
afterAll(async () => {
  await refreshes.close();
  for (const instance of instances.toReversed()) await instance.close();
});

let written = 0;

async function write(): Promise<void> {
  const insert = `INSERT INTO portfolio_metrics (portfolio_id, asof_date, twr_1d) VALUES ($1, $2::date, $3)
    ON CONFLICT (portfolio_id, asof_date, pricing_pack_id) DO UPDATE SET twr_1d = excluded.twr_1d,
      recorded_no = excluded.recorded_no`;
  const kind = pick(4);
  const id = oneOf(IDS);
  await oneOf(instances)
    .database.transaction(async (session) => {
      const row = (): unknown[] => [id, formatDay(FIRST + pick(DAYS)), ++written];
      await session.query('SELECT pg_advisory_xact_lock(4711)');
      await session.query(insert, row());
      if (kind === 1) await session.query(insert, row());
      if (kind === 2) {
        await session.query('SAVEPOINT part');
        await session.query(insert, row());
        await session.query('ROLLBACK TO SAVEPOINT part');
      }
      if (kind === 3) throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
}

class RolledBack extends Error {}

/**
 * A long import, and more writers waiting for it than there are connections: they hold none, or the
 * read would wait for the import, which waits for the read. On a server; the embedded engine has
 * one connection.
 */
async function holdWriters(): Promise<void> {
  const { database: own } = oneOf(instances);
  let waiting: Promise<unknown> = Promise.resolve();
  await own.exclusiveTransaction(WRITE_LOCK, async () => {
    const writers = Array.from({ length: 2 * POOL_SIZE }, () =>
      own.exclusiveTransaction(WRITE_LOCK, async () => undefined),
    );
    waiting = Promise.all(writers);
    await own.read('SELECT 1');
    holds++;
  });
  await waiting;
}

async function refresh(): Promise<void> {
  const name = oneOf(AGGREGATE_NAMES);
  const from = FIRST + pick(DAYS);
  const to = from + pick(DAYS);
  const { sqlName } = AGGREGATES[name];
  const kind = pick(3);
  try {
    if (kind === 0) {
      await database.write(
        `CALL refresh_continuous_aggregate('${sqlName}', '${formatDay(from)}', '${formatDay(to + 1)}')`,
      );
    } else if (kind === 1) {
      const [job] = await database.read<{ id: number }>(
        `SELECT job.job_id AS id FROM timescaledb_information.jobs AS job
        JOIN _timescaledb_catalog.continuous_agg AS view
          ON view.mat_hypertable_id = (job.config ->> 'mat_hypertable_id')::int
        WHERE view.user_view_name = '${sqlName}'
          AND job.proc_name = 'policy_refresh_continuous_aggregate'`,
      );
      await database.write(`CALL run_job(${job!.id})`);
    } else {
      await oneOf(instances).services.refreshes.run({ name, from, to, origin: 'REQUEST' });
    }
  } catch (error) {
    // Two refreshes of one aggregate at a time, as two people may start by hand.
    if ((error as { code?: string }).code !== '55P03') throw error;
  }
}

/** What the aggregate holds now of a portfolio, by day, where an instance reads. */
async function held(
  { database: own }: Instance,
  name: AggregateName,
  id: string,
): Promise<Map<number, number>> {
  // Where the instance reads: a replica may be behind.
  const rows = await own.read<{ day: string; value: number }>(
    `SELECT day, daily_return AS value FROM ${AGGREGATES[name].sqlName} WHERE portfolio_id = $1`,
    [id],
  );
  return new Map(rows.map(({ day, value }) => [toDay(day), value]));
}

const faults: string[] = [];
let responses = 0;
let requested = 0;
let holds = 0;

/** What the charts that are requested over HTTP read: so nothing is read twice for want of a column. */
const COLUMNS = ['returns'] as const;

/** What a chart of all days reads, too: so nothing is read twice for want of a day. */
function wholeSeries(name: AggregateName, id: string): DailySeriesRange {
  const from = windowStart(FIRST, AGGREGATES[name].length);
  return { portfolioId: id, from, to: Infinity, latest: false };
}

async function read(): Promise<void> {
  const instance = oneOf(instances);
  const { store } = instance;
  const name = oneOf(AGGREGATE_NAMES);
  const id = oneOf(IDS);
  const before = await held(instance, name, id);
  const until = performance.now() + MAX_AGE_MS;
  const range = wholeSeries(name, id);
  // Requested all the while, so that what is in memory is never idle; the last one counts.
  let response = await store.load(name, range, COLUMNS);
  while (performance.now() < until) {
    await new Promise((resolve) => setImmediate(resolve));
    response = await store.load(name, range, COLUMNS);
  }
  const after = await held(instance, name, id);
  responses++;
  for (const [index, day] of response.series.days.entries()) {
    const value = response.series.returns[index]!;
    const least = before.get(day) ?? -Infinity;
    const greatest = after.get(day) ?? Infinity;
    if (value < least || value > greatest) {
      faults.push(`${name} ${formatDay(day)}: ${value} is not from ${least} to ${greatest}`);
    }
  }
}

/** What is sent over HTTP, where responses are cached: the mean of a window's values. */
async function execute(): Promise<void> {
  const instance = oneOf(instances);
  const { server } = instance;
  const name = oneOf(AGGREGATE_NAMES);
  const id = oneOf(IDS);
  const least = meanOf(name, await held(instance, name, id));
  const until = performance.now() + MAX_AGE_MS;
  const { window } = AGGREGATES[name];
  const variables = { id, window, from: formatDay(FIRST), to: formatDay(LAST) };
  // The last one counts: it is requested after the bound.
  let isLast = false;
  let value: number;
  do {
    isLast = performance.now() >= until;
    const { body } = await server.post({ query: MEAN, variables });
    value = (body as MeanResponse).data.portfolio.rollingSeries.columns[0].values.at(-1)!;
    requested++;
  } while (!isLast);
  const greatest = meanOf(name, await held(instance, name, id));
  if (value < least - ROUNDING * least || value > greatest + ROUNDING * greatest) {
    faults.push(`response of ${name}: ${value} is not from ${least} to ${greatest}`);
  }
}

function meanOf(name: AggregateName, values: ReadonlyMap<number, number>): number {
  const first = windowStart(LAST, AGGREGATES[name].length);
  const inside = [...values].flatMap(([day, value]) => (day >= first ? [value] : []));
  return inside.reduce((sum, value) => sum + value, 0) / inside.length;
}

test(
  `no response is older than the bound, and no series read twice (seed ${SEED}, ${SECONDS} s)`,
  async () => {
    const end = performance.now() + SECONDS * 1000;
    const keepOn = async (work: () => Promise<void>): Promise<void> => {
      while (performance.now() < end) await work();
    };
    await Promise.all([
      ...[write, write, write].map(keepOn),
      ...[refresh, refresh].map(keepOn),
      ...Array.from({ length: 6 }, () => keepOn(read)),
      ...Array.from({ length: 2 }, () => keepOn(execute)),
      ...(database.engine === 'server' ? [keepOn(holdWriters)] : []),
    ]);
    let computed = 0;
    for (const { server } of instances) computed += await resolvedOf(server, 'portfolio');
    const summary = {
      writes: written,
      responses,
      requested,
      computed,
      reads: reads.size,
      repeated,
      kept,
      holds,
    };
    // What a run did is the point of running it.
    console.info(JSON.stringify(summary));
    expect(faults).toEqual([]);
    expect(repeated).toBe(0);
    expect(responses).toBeGreaterThan(SECONDS);
    // Else the responses in memory were not put to the test.
    expect(computed).toBeLessThan(requested / 2);
    expect(reads.size).toBeGreaterThan(SECONDS / 10);
  },
  (SECONDS + 120) * 1000,
);
