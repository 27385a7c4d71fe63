/**
 * Two instances on a primary with a replica, for an hour, with a writer, a refresher and readers;
 * meanwhile the replica is lost, the primary restarts, and the instances are restarted one by one:
 * `TEST_POSTGRES_BIN=… npm run soak [-- --minutes N]`. Fails where a request does, but those during
 * the restart of the primary that docs/operating.md allows, where a caller does not read what it
 * wrote, and where an instance takes 10 % more memory at the end than ten minutes after its start.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.js';
import { dayOf, formatDay } from '../../src/metrics/calendar.js';
import { createPostgresServer } from '../helpers/postgres-cluster.js';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';

const PORTFOLIOS = 500;
const DAYS = 500;
const READERS = 6;
const READ_EVERY_MS = 10;
const WRITE_EVERY_MS = 250;
const REFRESH_EVERY_MS = 20_000;
const SAMPLE_EVERY_MS = 1000;
/** How long after the primary is back requests may fail still. */
const RECOVERY_MS = 10_000;
/** How long after its start an instance has read what it reads; in a shorter run memory is not judged. */
const WARM_MS = 600_000;
/** How much more memory an instance may take at the end. */
const MAX_GROWTH = 1.1;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const totalMs = Number(values.minutes) * 60_000;
const today = dayOf(new Date());
let startedAt = performance.now();
const elapsed = (): number => performance.now() - startedAt;
const say = (text: string): boolean =>
  process.stdout.write(`${(elapsed() / 1000).toFixed(0).padStart(5)} s  ${text}\n`);

const primary = await createPostgresServer('max_connections = 100\n');
await primary.query('CREATE DATABASE metrics');
const replica = await primary.standby();
const processes = new Processes(new URL('../../src/', import.meta.url));
const start = (): Promise<RunningServer> =>
  processes.server('/nowhere', {
    DATABASE_URL: primary.url('metrics'),
    DATABASE_REPLICA_URLS: replica.url('metrics'),
    RATE_LIMIT: '0',
    LOG_LEVEL: 'error',
  });

let targets = [await start(), await start()];
const pick = (below: number): number => Math.floor(Math.random() * below);
const target = (): RunningServer => targets[pick(targets.length)]!;

await primary.query(
  `INSERT INTO portfolios (id, name, base_currency)
  SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Portfolio ' || n, 'USD'
  FROM generate_series(1, ${PORTFOLIOS}) AS n;
  INSERT INTO portfolio_metrics (portfolio_id, asof_date, twr_1d, portfolio_value_base, benchmark_twr_1d)
  SELECT id, day::date, random() / 50 - 0.01, 100 + random(), random() / 50 - 0.01
  FROM portfolios, generate_series(now() - interval '${DAYS} days', now() - interval '1 day', interval '1 day') AS day`,
  'metrics',
);
await targets[0]!.data('mutation { refreshAllAggregates { id } }');
while ((await pendingRefreshes()) > 0) await delay(200);
startedAt = performance.now();
say(`${PORTFOLIOS} portfolios of ${DAYS} days are refreshed`);

async function pendingRefreshes(): Promise<number> {
  const [row] = await primary.query<{ count: string }>(
    `SELECT count(*) FROM aggregate_refreshes WHERE state IN ('QUEUED', 'RUNNING')`,
    'metrics',
  );
  return Number(row!.count);
}

const end = new AbortController();
/** From when to when requests may fail. */
let outage = { from: Infinity, to: -Infinity };
const counts = { reads: 0, writes: 0, refreshes: 0, allowed: 0 };
const faults: string[] = [];

/** Sends requests until the end. */
async function repeat(
  kind: 'reads' | 'writes' | 'refreshes',
  everyMs: number,
  send: () => Promise<void>,
): Promise<void> {
  while (!end.signal.aborted) {
    const sentAt = performance.now();
    try {
      await send();
      counts[kind]++;
    } catch (error) {
      const isAllowed = performance.now() >= outage.from && sentAt <= outage.to;
      if (isAllowed && /DATABASE_UNAVAILABLE|"state":"FAILED"/.test(messageOf(error)))
        counts.allowed++;
      else {
        faults.push(`${kind}: ${messageOf(error)}`);
        say(`FAULT ${faults.at(-1)}`);
      }
    }
    await delay(everyMs);
  }
}

const SERIES = `rollingSeries(window: ONE_YEAR, metrics: [AVERAGE_RETURN, VOLATILITY],
  from: "${formatDay(today - 100)}", to: "${formatDay(today)}") { columns { values } }`;
const read = async (): Promise<void> => {
  const id = portfolioId(1 + pick(PORTFOLIOS));
  const queries = [
    `{ portfolio(id: "${id}") { rolling30d { averageReturn freshness { isStale } } rolling1y { beta } } }`,
    `{ portfolio(id: "${id}") { ${SERIES} } }`,
    '{ ranking(window: THIRTY_DAYS, metric: AVERAGE_RETURN) { asOf } }',
  ];
  await target().data(queries[pick(10) === 0 ? 2 : pick(2)]!);
};

/** Every tenth write refreshes, and its caller then reads what it wrote. */
let writes = 0;
const write = async (): Promise<void> => {
  const instance = target();
  const id = portfolioId(1 + pick(PORTFOLIOS));
  const asofDate = formatDay(today - 1 - pick(20));
  const refresh = ++writes % 10 === 0;
  const twr1d = writes / 1e7;
  const { recordDailyMetrics } = await instance.data(
    `mutation ($rows: [DailyMetricsInput!]!, $refresh: Boolean!) {
      recordDailyMetrics(rows: $rows, refresh: $refresh) { refreshes { state error } } }`,
    { rows: [{ portfolioId: id, asofDate, twr1d, portfolioValueBase: 100 + writes }], refresh },
  );
  const { refreshes } = recordDailyMetrics;
  if (!refresh) return;
  if (refreshes.some(({ state }: { state: string }) => state !== 'SUCCEEDED')) {
    throw new Error(JSON.stringify(refreshes));
  }
  const { portfolio } = await instance.data(
    `query ($id: UUID!, $day: LocalDate!) { portfolio(id: $id) {
      rolling30d(asOf: $day) { peakValue freshness { isStale } } } }`,
    { id, day: asofDate },
  );
  // Values grow, so what was written last is the greatest of its portfolio.
  const { peakValue } = portfolio.rolling30d;
  if (peakValue !== 100 + writes) throw new Error(`wrote ${100 + writes}, and read ${peakValue}`);
};

const refresh = async (): Promise<void> => {
  await target().data('mutation { refreshAllAggregates { id } }');
};

/** Resident memory by process, every second since the start. */
const memory = new Map<number, { readonly at: number; readonly bytes: number }[]>();
async function sample(): Promise<void> {
  while (!end.signal.aborted) {
    for (const { pid } of targets) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
      if (!kilobytes) continue;
      if (!memory.has(pid)) memory.set(pid, []);
      memory.get(pid)!.push({ at: elapsed(), bytes: Number(kilobytes) * 1024 });
    }
    await delay(SAMPLE_EVERY_MS);
  }
}

const at = (share: number): Promise<void> => delay(Math.max(0, share * totalMs - elapsed()));

async function disturb(): Promise<void> {
  await at(0.15);
  say('the replica is lost');
  await replica.stop('SIGQUIT');
  await at(0.2);
  await replica.start();
  say('the replica is back');
  await at(0.25);
  outage = { from: performance.now(), to: Infinity };
  say('the primary restarts');
  await primary.stop('SIGINT');
  await primary.start();
  outage = { ...outage, to: performance.now() + RECOVERY_MS };
  say('the primary is back');
  await at(0.35);
  for (const old of targets) {
    const next = await start();
    targets = [...targets.filter((each) => each !== old), next];
    const { code } = await old.stop();
    if (code !== 0) faults.push(`an instance ended with ${code}: ${old.stderr()}`);
  }
  say('both instances were restarted');
  await at(1);
  end.abort();
}

/** The mean of a process's memory over a twentieth of the time from then on. */
function level(pid: number, from: number): number {
  const samples = memory.get(pid)!.filter((one) => one.at >= from && one.at < from + totalMs / 20);
  return samples.reduce((sum, { bytes }) => sum + bytes, 0) / samples.length;
}

try {
  await Promise.all([
    disturb(),
    sample(),
    repeat('writes', WRITE_EVERY_MS, write),
    repeat('refreshes', REFRESH_EVERY_MS, refresh),
    ...Array.from({ length: READERS }, () => repeat('reads', READ_EVERY_MS, read)),
  ]);
  for (const { pid } of targets) {
    const warmAt = memory.get(pid)![0]!.at + WARM_MS;
    const late = level(pid, 0.95 * totalMs);
    const early = warmAt < 0.9 * totalMs ? level(pid, warmAt) : Number.NaN;
    const [before, after] = [early, late].map((bytes) => (bytes / 2 ** 20).toFixed(0));
    say(`process ${pid}: ${before} MiB ten minutes after its start, ${after} at the end`);
    if (late > early * MAX_GROWTH) faults.push(`process ${pid} takes more memory`);
  }
  say(JSON.stringify(counts));
  say(faults.length === 0 ? 'no fault' : `${faults.length} faults:\n${faults.join('\n')}`);
} finally {
  await processes.close();
  await primary.close();
}
process.exitCode = faults.length === 0 ? 0 : 1;
