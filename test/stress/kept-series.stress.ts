import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AggregateState } from '../../src/aggregates/aggregate-state.js';
import { RefreshService } from '../../src/aggregates/refresh/refresh-service.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../../src/aggregates/registry.js';
import { pruneChanges } from '../../src/aggregates/revisions/change-log.js';
import { Revisions } from '../../src/aggregates/revisions/revisions.js';
import { readPendingDays } from '../../src/aggregates/revisions/snapshot.js';
import type { Database } from '../../src/database/database.js';
import { formatDay, toDay } from '../../src/metrics/calendar.js';
import { insertPortfolio, portfolioId } from '../helpers/test-data.js';
import { createRandom } from '../metrics/random.js';
import { openStressDatabase } from './stress-database.js';

/**
 * Random writes, refreshes and everything that writes unseen, one after the other, and after each
 * a snapshot: a portfolio whose revision stayed must have the same rows in the aggregate as before.
 */
const STEPS = Number(process.env['STRESS_STEPS'] ?? 1500);
const SEED = Number(process.env['STRESS_SEED'] ?? Date.now() % 1_000_000);
const IDS = [1, 2, 3, 4, 5, 6].map(portfolioId);
const FIRST = toDay('2024-01-01');
const DAYS = 500;
/** Two suffice: what one refreshes is pending in the other. */
const NAMES: readonly AggregateName[] = [AGGREGATE_NAMES[0]!, AGGREGATE_NAMES[3]!];

const random = createRandom(SEED);
const pick = (below: number): number => Math.floor(random() * below);
const oneOf = <Item>(items: readonly Item[]): Item => items[pick(items.length)]!;
const day = (): string => `date '${formatDay(FIRST + pick(DAYS))}'`;
const id = (): string => `'${oneOf(IDS)}'`;
const value = (): number => pick(1000) / 10_000;

let database: Database;
let close: () => Promise<void>;
/** Whether TimescaleDB logs what is written as a replica: before 2.28 no refresh takes it. */
let logsReplicas = false;

beforeAll(async () => {
  ({ database, close } = await openStressDatabase());
  for (const portfolio of IDS) await insertPortfolio(database, portfolio);
  const [version] = await database.read<{ logs: boolean }>(
    `SELECT string_to_array(split_part(extversion, '-', 1), '.')::int[] >= '{2,28}' AS logs FROM pg_extension WHERE extname = 'timescaledb'`,
  );
  logsReplicas = version!.logs;
});
afterAll(() => close());

type Step = readonly string[] | (() => Promise<unknown>);

const insert = (): string =>
  `INSERT INTO portfolio_metrics (portfolio_id, asof_date, twr_1d)
  SELECT ${id()}, day, ${value()} FROM generate_series(${day()}, ${day()}, '1 day') AS day LIMIT 20
  ON CONFLICT (portfolio_id, asof_date, pricing_pack_id) DO UPDATE SET twr_1d = excluded.twr_1d`;
const update = (): string =>
  `UPDATE portfolio_metrics SET twr_1d = ${value()} WHERE portfolio_id = ${id()} AND asof_date >= ${day()}`;
const remove = (): string =>
  `DELETE FROM portfolio_metrics WHERE portfolio_id = ${id()} AND asof_date BETWEEN ${day()} AND ${day()}`;
const refresh = (): string => {
  const from = FIRST + pick(DAYS);
  const to = from + 1 + pick(120);
  return `CALL refresh_continuous_aggregate('${AGGREGATES[oneOf(NAMES)].sqlName}', '${formatDay(from)}', '${formatDay(to)}')`;
};
const refreshWhole = (): string =>
  `CALL refresh_continuous_aggregate('${AGGREGATES[oneOf(NAMES)].sqlName}', NULL, NULL)`;

/** What may happen, each as often as its number says. */
const STEPS_OF: Readonly<Record<string, readonly [number, () => Step]>> = {
  insert: [4, () => [insert()]],
  update: [3, () => [update()]],
  remove: [1, () => [remove()]],
  move: [
    1,
    () => [
      `UPDATE portfolio_metrics SET portfolio_id = ${id()} WHERE portfolio_id = ${id()}
        AND asof_date = ${day()} AND NOT EXISTS (SELECT FROM portfolio_metrics AS other
          WHERE other.asof_date = portfolio_metrics.asof_date AND other.portfolio_id <> portfolio_metrics.portfolio_id)`,
    ],
  ],
  severalStatements: [1, () => ['BEGIN', insert(), update(), remove(), 'COMMIT']],
  rolledBackSavepoint: [
    2,
    () => ['BEGIN', 'SAVEPOINT s', update(), 'ROLLBACK TO SAVEPOINT s', 'COMMIT'],
  ],
  rolledBack: [1, () => ['BEGIN', update(), 'ROLLBACK']],
  asReplica: [
    1,
    () =>
      logsReplicas
        ? [
            'SET session_replication_role = replica',
            update(),
            'SET session_replication_role = origin',
          ]
        : [update()],
  ],
  refresh: [6, () => [refresh()]],
  refreshWhole: [3, () => [refreshWhole()]],
  // As this software refreshes days that lost their materialization.
  refreshByForce: [
    2,
    () => async () => {
      const name = oneOf(NAMES);
      const refreshes = new RefreshService(database);
      await refreshes.run({ name, from: null, to: null, origin: 'REQUEST' });
      await refreshes.close();
    },
  ],
  compress: [
    1,
    () => [
      `SELECT compress_chunk(chunk, if_not_compressed => true) FROM show_chunks('portfolio_metrics') AS chunk LIMIT 1`,
    ],
  ],
  drop: [
    1,
    () =>
      pick(4) > 0
        ? [refresh()]
        : [
            `SELECT drop_chunks('${oneOf(['portfolio_metrics', AGGREGATES[oneOf(NAMES)].sqlName])}', ${day()})`,
          ],
  ],
  truncate: [1, () => (pick(25) > 0 ? [refreshWhole()] : ['TRUNCATE portfolio_metrics'])],
  prune: [
    2,
    () => async () => {
      await database.write(
        `UPDATE metric_changes_pruned SET pruned_at = '-infinity', remaining = -1000`,
      );
      await pruneChanges(database, readPendingDays);
    },
  ],
};
const NAMES_OF_STEPS = Object.entries(STEPS_OF).flatMap(([name, [weight]]) =>
  Array<string>(weight).fill(name),
);

async function take(step: Step): Promise<void> {
  if (typeof step === 'function') {
    await step();
    return;
  }
  await database.session(async (session) => {
    for (const sql of step) {
      try {
        await session.query(sql);
      } catch (error) {
        if (step[0] === 'BEGIN') await session.query('ROLLBACK');
        if (!isExpected(error)) throw error;
        if (step[0] === 'BEGIN') return;
      }
    }
  });
}

/** A move to a row that is there; chunks that are compressed already; a job of the server; a move out of a compressed chunk on 2.29. */
function isExpected(error: unknown): boolean {
  return /duplicate key|already (un)?compressed|concurrent refresh|unexpected tuple operation/.test(
    String(error),
  );
}

/** A digest of each portfolio's rows in an aggregate. */
async function digests(name: AggregateName): Promise<Map<string, string>> {
  const rows = await database.write<{ id: string; digest: string }>(
    `SELECT portfolio_id AS id, md5(string_agg(daily::text, ';' ORDER BY day)) AS digest
    FROM ${AGGREGATES[name].sqlName} AS daily GROUP BY portfolio_id`,
  );
  return new Map(rows.map((row) => [row.id, row.digest]));
}

/** The days of an aggregate that differ from their source, though they are not pending. */
async function differences(name: AggregateName, { pending, withoutSource }: AggregateState) {
  const days = await database.write<{ day: number }>(
    `SELECT DISTINCT coalesce(source.day, daily.day) - date '1970-01-01' AS day
    FROM (
      SELECT portfolio_id, asof_date AS day, last(twr_1d, recorded_no) AS value
      FROM portfolio_metrics GROUP BY portfolio_id, asof_date
    ) AS source
    FULL JOIN ${AGGREGATES[name].sqlName} AS daily
      ON daily.portfolio_id = source.portfolio_id AND daily.day = source.day
    WHERE source.value IS DISTINCT FROM daily.daily_return`,
  );
  const others = [...pending, ...withoutSource];
  return days.filter(({ day: at }) => !others.some(({ from, to }) => from <= at && at <= to));
}

test(`rows of a revision stay the same, and rows that are not pending are right (seed ${SEED}, ${STEPS} steps)`, async () => {
  const revisions = new Revisions(database, 0);
  const seen = new Map<
    string,
    { revision: number; digest: string | undefined; identity: string }
  >();
  const counts = { kept: 0, keptOverARefresh: 0, changed: 0 };
  const faults: string[] = [];
  const steps: string[] = [];
  for (let n = 0; n < STEPS; n++) {
    const name = oneOf(NAMES_OF_STEPS);
    steps.push(name);
    await take(STEPS_OF[name]![1]());
    await revisions.current();
    for (const aggregate of NAMES) {
      const all = await digests(aggregate);
      const { identity, state } = revisions.latest!.snapshot.aggregates[aggregate];
      for (const { day: at } of await differences(aggregate, state)) {
        faults.push(`step ${n}: ${aggregate} ${formatDay(at)} after ${steps.slice(-4).join()}`);
      }
      for (const portfolio of IDS) {
        const key = `${aggregate} ${portfolio}`;
        const before = seen.get(key);
        const revision = revisions.ofSeries(aggregate, portfolio);
        const digest = all.get(portfolio);
        seen.set(key, { revision, digest, identity });
        if (before?.revision !== revision) {
          counts.changed++;
          continue;
        }
        counts.kept++;
        if (before.identity !== identity) counts.keptOverARefresh++;
        if (before.digest !== digest)
          faults.push(`step ${n}: ${key} after ${steps.slice(-4).join()}`);
      }
    }
  }
  // What a run did is the point of running it.
  console.info(JSON.stringify({ ...counts, faults: faults.length }));
  expect(faults).toEqual([]);
  expect(counts.keptOverARefresh).toBeGreaterThan(STEPS / 10);
}, 600_000);
