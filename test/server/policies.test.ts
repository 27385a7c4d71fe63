/**
 * What the embedded engine cannot show, on a TimescaleDB server of any version that is supported:
 * several connections have locks against each other there, and jobs run by themselves.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshAllAndWait, RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { Scheduler } from '../../src/aggregates/refresh/scheduler.js';
import { AGGREGATE_NAMES } from '../../src/aggregates/registry.js';
import { readAggregatePerformance } from '../../src/aggregates/status/aggregate-performance.js';
import { readAggregateStatuses } from '../../src/aggregates/status/aggregate-status.js';
import { connect, type OpenDatabase } from '../../src/database/open-database.js';
import { deleteDays, deletePortfolios } from '../../src/ingest/delete-rows.js';
import { refreshRows } from '../../src/ingest/refresh-rows.js';
import { importSampleData } from '../../src/ingest/sample-data.js';
import { WRITE_LOCK } from '../../src/ingest/staging.js';
import { toDay } from '../../src/metrics/calendar.js';
import { SAMPLE_PORTFOLIO_IDS } from '../../src/sample-portfolios.js';
import { chunksOf, CONTINUOUS_AGGREGATES } from '../../src/timescale/catalog.js';
import { checkTimescale } from '../../src/timescale/check-timescale.js';
import { copyIn } from '../helpers/copy-in.js';
import { createServerDatabase, type ServerDatabase } from '../helpers/server-database.js';
import { statementsOf } from '../helpers/snippets.js';

const POOL_SIZE = 12;
const TODAY = toDay('2024-06-28');

describe('on a server', () => {
  let server: ServerDatabase;
  let opened: OpenDatabase;
  let refreshes: RefreshService;

  beforeAll(async () => {
    server = await createServerDatabase();
    const connection = { url: server.url, replicaUrls: [], poolSize: POOL_SIZE };
    opened = await connect('server', connection, { check: checkTimescale });
    refreshes = new RefreshService(opened.database);
    const options = { today: TODAY, progress: () => undefined };
    const { daily } = await importSampleData(opened.database, options);
    await refreshRows(refreshes, daily, options);
  });
  afterAll(async () => {
    await refreshes.close();
    await opened.close();
    await server.drop();
  });

  test('the chunks are those that TimescaleDB lists', async () => {
    const { database } = opened;
    const [row] = await database.read<{ ours: string[]; theirs: string[] }>(`
      SELECT (SELECT array_agg(chunk.relid::regclass::text ORDER BY chunk.relid)
          FROM (${CONTINUOUS_AGGREGATES}) AS aggregate
          CROSS JOIN LATERAL (${chunksOf('aggregate.relid')}) AS chunk) AS ours,
        (SELECT array_agg(chunk::text ORDER BY chunk::oid)
          FROM timescaledb_information.continuous_aggregates AS aggregate
          CROSS JOIN LATERAL show_chunks(format('%I.%I', view_schema, view_name)::regclass) AS chunk
          WHERE view_schema = current_schema()) AS theirs`);
    expect(row!.ours.length).toBeGreaterThanOrEqual(AGGREGATE_NAMES.length);
    expect(row!.ours).toEqual(row!.theirs);
  });

  test('deletions of rows in compressed chunks are recorded, with all their days', async () => {
    const { database } = opened;
    const id = SAMPLE_PORTFOLIO_IDS[3];
    const options = { tenant: '*', dryRun: false };
    await database.write(
      `SELECT compress_chunk(chunk, true) FROM show_chunks('portfolio_metrics') AS chunk`,
    );
    const days = { portfolioId: id, from: '2014-01-02', to: '2014-01-31', pricingPackId: null };
    const changesOf = async (): Promise<unknown> => {
      const [row] = await database.read<{ days: string }>(
        `SELECT range_agg(days)::text AS days FROM (
          SELECT unnest(days) AS days FROM metric_changes WHERE portfolio_id = $1) AS each`,
        [id],
      );
      await database.write('DELETE FROM metric_changes WHERE portfolio_id = $1', [id]);
      return row!.days;
    };
    await changesOf();
    expect(await deleteDays(database, days, options)).toEqual({
      deleted: 21,
      from: '2014-01-02',
      to: '2014-01-31',
    });
    const changes = await changesOf();
    // Once for all rows: recorded day by day, each adds to a range that grows.
    expect(changes).toBe('{[2014-01-02,2014-02-01)}');
    const statuses = await readAggregateStatuses(database, 'application');
    for (const { pending } of statuses) {
      expect(pending.some(({ from }) => from <= toDay('2014-01-02'))).toBe(true);
    }
    const gone = await deletePortfolios(database, [id], options);
    expect(gone).toEqual({ deleted: 1239, from: '2013-05-13', to: '2018-05-11' });
    expect(await changesOf()).toBe('{[2013-05-13,2018-05-12)}');
    const options2 = { today: TODAY, progress: () => undefined };
    const { daily } = await importSampleData(database, options2);
    await refreshRows(refreshes, daily, options2);
  });

  test('rows of the documented COPY are pending until they are refreshed', async () => {
    const { database } = opened;
    const id = '5a3f1c00-0000-4000-8000-000000000001';
    const [, copy] = await statementsOf('docs/importing.md');
    await copyIn(await server.connect(), copy!, `${id},2018-05-14,0.25\n`);
    const day = toDay('2018-05-14');
    const pending = async (): Promise<boolean[]> =>
      (await readAggregateStatuses(database, 'database')).map((status) =>
        status.pending.some(({ from, to }) => from <= day && day <= to),
      );
    expect(await pending()).toEqual([true, true, true, true]);
    expect(
      await database.read(
        `SELECT portfolio_id, pricing_pack_id, twr_1d FROM portfolio_metrics WHERE asof_date = '2018-05-14'`,
      ),
    ).toEqual([{ portfolio_id: id, pricing_pack_id: 'default', twr_1d: 0.25 }]);
    await database.write(`DELETE FROM portfolio_metrics WHERE asof_date = '2018-05-14'`);
    await refreshAllAndWait(refreshes, { from: day, to: day });
    expect(await pending()).toEqual([false, false, false, false]);
  });

  test('status and performance count rows and analyze, by whatever process the policies run', async () => {
    const { database } = opened;
    for (const runner of ['database', 'application'] as const) {
      const statuses = await readAggregateStatuses(database, runner);
      expect(statuses.map(({ totalRows }) => totalRows)).toEqual(Array(4).fill(5040));
      const performances = await readAggregatePerformance(database, runner);
      expect(performances).toHaveLength(4);
      for (const { liveRows, lastAnalyze } of performances) {
        expect(liveRows).toBe(5040);
        expect(lastAnalyze).toBeInstanceOf(Date);
      }
    }
  });

  test('writers that wait for an import hold no connection: reads go on', async () => {
    const { database } = opened;
    const importing = await server.connect();
    await importing.query('BEGIN');
    await importing.query('SELECT pg_advisory_xact_lock($1)', [WRITE_LOCK]);
    let ended = 0;
    const writers = Array.from({ length: 3 * POOL_SIZE }, () =>
      database.exclusiveTransaction(WRITE_LOCK, async () => ++ended),
    );
    for (let times = 0; times < 20; times++) {
      const started = performance.now();
      await Promise.all(Array.from({ length: 5 }, () => database.read('SELECT 1')));
      expect(performance.now() - started).toBeLessThan(1000);
    }
    expect(ended).toBe(0);
    await importing.query('COMMIT');
    await Promise.all(writers);
    expect(ended).toBe(3 * POOL_SIZE);
  });

  test('of two instances that run the policies, each job is run by one', async () => {
    const { database } = opened;
    await database.write('DELETE FROM scheduled_jobs');
    const runs = async (): Promise<(number | undefined)[]> =>
      (await readAggregateStatuses(database, 'application')).map(({ policy }) => policy?.totalRuns);
    const before = await runs();
    const errors: unknown[] = [];
    const now = (): Date => new Date();
    const others = new RefreshService(database);
    const instances = [refreshes, others].map(
      (service) => new Scheduler(database, service, now, (error) => errors.push(error)),
    );
    for (let round = 0; round < 3; round++) {
      await Promise.all(instances.map((instance) => instance.runDueJobs()));
    }
    await Promise.all(instances.map((instance) => instance.close()));
    await others.close();
    expect(errors).toEqual([]);
    expect(await runs()).toEqual(before.map((count) => count! + 1));
    const held = await database.read(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    expect(held).toEqual([]);
  });
});
