import { Client } from 'pg';
import { AGGREGATE_NAMES, AGGREGATES } from '../../src/aggregates/registry.js';
import type { RecordedRow } from '../competitors/competitor.js';
import { LAST_DAY, portfolioId } from '../data/data-set.js';
import type { Contestant } from './contestant.js';

const EVERY_MS = 1000;
/** The last row that is recorded: the data set is the same after every run. */
const FINAL_RETURN = 0.001;

type Record = (row: RecordedRow) => Promise<void>;

/** Runs `work` while a row a second is recorded, always another one, and refreshed. */
export async function whileRecording<Result>(
  contestant: Contestant,
  databaseUrl: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const { competitor, service } = contestant;
  const client = databaseUrl === undefined ? null : new Client({ connectionString: databaseUrl });
  await client?.connect();
  try {
    const record: Record = (row) =>
      competitor.record ? competitor.record(service.origin, row) : recordBySql(client!, row);
    const recorder = start(record);
    try {
      return await work();
    } finally {
      await recorder.stop();
    }
  } finally {
    await client?.end();
  }
}

/** Starts to record. Stopping waits, records the final row and throws what had failed. */
function start(record: Record): { stop(): Promise<void> } {
  const row = (dailyReturn: number): RecordedRow => ({
    portfolioId: portfolioId(0),
    day: LAST_DAY,
    dailyReturn,
  });
  let last: Promise<void> = Promise.resolve();
  const next = (): void => {
    // One after the other; a failure ends them all and is thrown in the end.
    last = last.then(() => record(row(FINAL_RETURN + (Date.now() % 1e9) * 1e-12)));
    last.catch(() => undefined);
  };
  // After half of the time, so that a round of two seconds has two rows and not three.
  let timer = setTimeout(() => {
    next();
    timer = setInterval(next, EVERY_MS);
  }, EVERY_MS / 2);
  return {
    async stop() {
      clearInterval(timer);
      await last;
      await record(row(FINAL_RETURN));
    },
  };
}

/** The same for contestants that only read: the row is recorded beside them. */
async function recordBySql(client: Client, { portfolioId: id, day, dailyReturn }: RecordedRow) {
  await client.query(
    `UPDATE portfolio_metrics SET twr_1d = $3, portfolio_value_base = 1000000,
      recorded_at = now(), recorded_no = nextval('portfolio_metrics_recorded_no')
    WHERE portfolio_id = $1 AND asof_date = $2`,
    [id, day, dailyReturn],
  );
  for (const name of AGGREGATE_NAMES) {
    await client.query('CALL refresh_continuous_aggregate($1::regclass, $2::date, $2::date + 1)', [
      AGGREGATES[name].sqlName,
      day,
    ]);
  }
}
