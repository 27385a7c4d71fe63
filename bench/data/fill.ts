import { AGGREGATE_NAMES, AGGREGATES } from '../../src/aggregates/registry.js';
import type { Database } from '../../src/database/database.js';
import { LAST_DAY, type DataSet } from './data-set.js';

/** Portfolios an INSERT writes. */
const BATCH = 50;

/** Raised when other rows come out of the same parameters: what was built before is built again. */
const GENERATION = 1;

/** Numbers in [-0.5, 0.5) that look random and are the same on every machine. */
const noise = (key: string, seed: number): string =>
  `((hashint8extended((${key})::bigint, ${seed}) & 1048575)::float8 / 1048576 - 0.5)`;

const ID = `('5eed0000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;

const PORTFOLIOS = `
  INSERT INTO portfolios (id, name, base_currency, benchmark_id)
  SELECT ${ID}, 'Portfolio ' || lpad(n::text, 6, '0'), 'USD', 'INDEX'
  FROM generate_series(0, $1::int - 1) AS n`;

const METRICS = `
  INSERT INTO portfolio_metrics (portfolio_id, asof_date, twr_1d, portfolio_value_base,
    benchmark_twr_1d, beta_1y, alpha_1y, tracking_error_1y)
  SELECT ${ID}, day, daily_return,
    round((1e6 * (1 + n % 7) * exp(sum(ln(1 + daily_return)) OVER (PARTITION BY n ORDER BY number DESC)))::numeric, 2),
    market, sensitivity + 0.01 * ${noise('n * 100003 + number', 3)}, 0.02 * ${noise('n * 100003 + number', 4)},
    0.06 + 0.01 * ${noise('n * 100003 + number', 5)}
  FROM generate_series($1::int, $2::int - 1) AS n
  CROSS JOIN LATERAL (SELECT 0.7 + 0.6 * (0.5 + ${noise('n', 1)}) AS sensitivity) AS portfolio
  CROSS JOIN generate_series(0, $3::int - 1) AS number
  CROSS JOIN LATERAL (
    SELECT date '${LAST_DAY}' - number - 2 * (number / 5) AS day,
      0.0003 + 0.03 * ${noise('number', 2)} AS market
  ) AS calendar
  CROSS JOIN LATERAL (
    SELECT sensitivity * market + 0.01 * ${noise('n * 100003 + number', 6)} AS daily_return
  ) AS made`;

const descriptionOf = (dataSet: DataSet): string =>
  JSON.stringify({ generation: GENERATION, ...dataSet });

/** Whether the database holds the whole data set. */
export async function isFilled(database: Database, dataSet: DataSet): Promise<boolean> {
  const [table] = await database.read<{ found: boolean }>(
    `SELECT to_regclass('bench_data_set') IS NOT NULL AS found`,
  );
  if (!table!.found) return false;
  const rows = await database.read<{ description: string }>(
    'SELECT description FROM bench_data_set',
  );
  return rows[0]?.description === descriptionOf(dataSet);
}

/** Fills an empty database that has been migrated, and refreshes the aggregates over all days. */
export async function fill(
  database: Database,
  dataSet: DataSet,
  progress: (done: number, of: number) => void,
): Promise<void> {
  const { portfolios, days } = dataSet;
  const steps = Math.ceil(portfolios / BATCH) + AGGREGATE_NAMES.length + 1;
  let done = 0;
  await database.write(PORTFOLIOS, [portfolios]);
  for (let first = 0; first < portfolios; first += BATCH) {
    await database.write(METRICS, [first, Math.min(first + BATCH, portfolios), days]);
    progress(++done, steps);
  }
  const [range] = await database.read<{ from: string; end: string }>(
    `SELECT min(asof_date) AS "from", max(asof_date) + 1 AS "end" FROM portfolio_metrics`,
  );
  for (const name of AGGREGATE_NAMES) {
    await database.write('CALL refresh_continuous_aggregate($1::regclass, $2::date, $3::date)', [
      AGGREGATES[name].sqlName,
      range!.from,
      range!.end,
    ]);
    progress(++done, steps);
  }
  await database.write('VACUUM ANALYZE');
  await database.write('CREATE TABLE bench_data_set (description text NOT NULL)');
  await database.write('INSERT INTO bench_data_set VALUES ($1)', [descriptionOf(dataSet)]);
  progress(++done, steps);
}
