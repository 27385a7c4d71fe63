import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from '../../helpers/test-api.js';
import { openTestDatabase, type TestDatabase } from '../../helpers/test-database.js';

const NAME = 'PORTFOLIO_METRICS_60D_ROLLING';
const SQL_NAME = 'portfolio_metrics_60d_rolling';

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await openTestDatabase();
  api = await createTestApi(db.database);
});
afterAll(async () => {
  await api.close();
  await db.close();
});
beforeEach(async () => {
  await set({ enabled: true, scheduleInterval: 'PT6H', startOffset: 'P2M', endOffset: 'PT1H' });
});

const MUTATION = `mutation ($input: RefreshPolicyInput!) {
  setRefreshPolicy(viewName: ${NAME}, input: $input) {
    viewName refreshPolicyEnabled scheduleInterval startOffset endOffset nextRefresh
    health { issues warnings }
  }
}`;

interface Policy {
  readonly health: { readonly issues: string[]; readonly warnings: string[] };
}

async function set(input: Record<string, unknown>): Promise<Policy> {
  return ((await api.data(MUTATION, { input })) as { setRefreshPolicy: Policy }).setRefreshPolicy;
}

async function refusalOf(input: Record<string, unknown>): Promise<string> {
  const { errors } = await api.execute(MUTATION, { input });
  expect(errors).toHaveLength(1);
  expect(errors![0]!.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  return errors![0]!.message;
}

/** The aggregate's job as TimescaleDB has it. */
async function jobs(): Promise<Record<string, unknown>[]> {
  return db.database.read(
    `SELECT job.job_id, job.scheduled, job.schedule_interval::text AS schedule,
      job.config ->> 'start_offset' AS start, job.config ->> 'end_offset' AS "end"
    FROM timescaledb_information.jobs AS job
    JOIN _timescaledb_catalog.continuous_agg AS view
      ON view.mat_hypertable_id = (job.config ->> 'mat_hypertable_id')::int
    WHERE job.proc_name = 'policy_refresh_continuous_aggregate' AND view.user_view_name = $1`,
    [SQL_NAME],
  );
}

const DEFAULTS = {
  viewName: NAME,
  refreshPolicyEnabled: true,
  scheduleInterval: 'PT6H',
  startOffset: 'P2M',
  endOffset: 'PT1H',
};

describe('setRefreshPolicy', () => {
  test('disables and enables', async () => {
    const disabled = await set({ enabled: false });
    expect(disabled).toMatchObject({ ...DEFAULTS, refreshPolicyEnabled: false });
    expect(disabled.health.issues).toContain(
      `The refresh policy of ${SQL_NAME} is disabled: enable it (the mutation setRefreshPolicy).`,
    );
    expect(await jobs()).toMatchObject([{ scheduled: false }]);
    expect(await set({ enabled: true })).toMatchObject(DEFAULTS);
    expect(await jobs()).toMatchObject([{ scheduled: true }]);
  });

  test('changes one thing and leaves the rest, and the job keeps its number', async () => {
    const [before] = await jobs();
    expect(await set({ scheduleInterval: 'P1D' })).toMatchObject({
      ...DEFAULTS,
      scheduleInterval: 'P1D',
    });
    expect(await set({ startOffset: 'P10D' })).toMatchObject({
      ...DEFAULTS,
      scheduleInterval: 'P1D',
      startOffset: 'P10D',
    });
    expect(await set({ endOffset: 'P2D' })).toMatchObject({
      ...DEFAULTS,
      scheduleInterval: 'P1D',
      startOffset: 'P10D',
      endOffset: 'P2D',
    });
    expect(await jobs()).toEqual([
      {
        job_id: before!['job_id'],
        scheduled: true,
        schedule: '1 day',
        start: '10 days',
        end: '2 days',
      },
    ]);
  });

  test('with nothing to change changes nothing', async () => {
    const before = await jobs();
    expect(await set({})).toMatchObject(DEFAULTS);
    expect(await set({ enabled: null, scheduleInterval: null })).toMatchObject(DEFAULTS);
    expect(await jobs()).toEqual(before);
  });

  test('takes null for an unlimited offset, and each alone', async () => {
    expect(await set({ startOffset: null })).toMatchObject({ ...DEFAULTS, startOffset: null });
    expect(await set({ startOffset: 'P1M', endOffset: null })).toMatchObject({
      ...DEFAULTS,
      startOffset: 'P1M',
      endOffset: null,
    });
    expect(await set({ startOffset: null })).toMatchObject({
      ...DEFAULTS,
      startOffset: null,
      endOffset: null,
    });
    expect(await jobs()).toMatchObject([{ start: null, end: null }]);
    // TimescaleDB takes it so too.
    await db.database.write('CALL run_job($1)', [(await jobs())[0]!['job_id']]);
  });

  test.each([
    ['P3D', 'PT1H', 'P3D', 'PT1H'],
    ['P4W', 'P1W', 'P28D', 'P7D'],
    ['PT72.5H', 'PT0S', 'PT72H30M', 'PT0S'],
    ['P1Y6M', 'P-1D', 'P1Y6M', 'P-1D'],
  ])('takes the offsets %s and %s', async (startOffset, endOffset, start, end) => {
    expect(await set({ startOffset, endOffset })).toMatchObject({
      startOffset: start,
      endOffset: end,
    });
  });

  test('takes a schedule of less than a second', async () => {
    expect(await set({ scheduleInterval: 'PT0.5S' })).toMatchObject({ scheduleInterval: 'PT0.5S' });
  });

  test.each([
    ['P2D', 'PT1H'],
    ['P1D', 'P1D'],
    ['PT1H', 'P1M'],
  ])(
    'refuses the window from %s to %s, under two buckets, with the reason',
    async (startOffset, endOffset) => {
      const before = await jobs();
      expect(await refusalOf({ startOffset, endOffset })).toBe(
        `The refresh policy of ${SQL_NAME} cannot be so: policy refresh window too small. The start and end offsets must cover at least two buckets in the valid time range of type "date".`,
      );
      expect(await jobs()).toEqual(before);
    },
  );

  test('refuses a window that is too small with the offset that stays', async () => {
    expect(await refusalOf({ startOffset: 'P1D' })).toContain('window too small');
    expect(await refusalOf({ endOffset: 'P2M' })).toContain('window too small');
    expect(await set({})).toMatchObject(DEFAULTS);
  });

  test.each([
    ['PT0S', 'PT0S'],
    ['P0D', 'P0D'],
    ['P-1D', 'P-1D'],
    ['PT1H-90M', 'PT1H-90M'],
  ])('refuses the schedule %s', async (scheduleInterval, value) => {
    const before = await jobs();
    expect(await refusalOf({ scheduleInterval })).toBe(
      `scheduleInterval must be longer than nothing, but got ${value}`,
    );
    expect(await jobs()).toEqual(before);
  });

  test.each(['1 hour', '', 'P', 'PT', 'P1H', 'hourly'])(
    'refuses "%s", which is no duration',
    async (text) => {
      for (const field of ['scheduleInterval', 'startOffset', 'endOffset']) {
        expect(await refusalOf({ [field]: text })).toContain(`"${text}"`);
      }
      expect(await set({})).toMatchObject(DEFAULTS);
    },
  );

  test('warns of months mixed with days', async () => {
    const mixed = await set({ startOffset: 'P1M15D' });
    expect(mixed).toMatchObject({ startOffset: 'P1M15D' });
    expect(mixed.health.warnings).toContain(
      `The start offset of ${SQL_NAME}, P1M15D, mixes months with days: it is not of one length; use one or the other.`,
    );
    const schedule = await set({ startOffset: 'P45D', scheduleInterval: 'P1MT1H' });
    expect(schedule.health.warnings).toContain(
      `The schedule interval of ${SQL_NAME}, P1MT1H, mixes months with days: it is not of one length; use one or the other.`,
    );
    expect((await set({ scheduleInterval: 'P45D' })).health.warnings.join()).not.toContain('mixes');
  });

  test('makes the policy that is missing, one whose window must do too', async () => {
    await db.database.write('SELECT remove_continuous_aggregate_policy($1::regclass)', [SQL_NAME]);
    const startOffset = 'P1D';
    expect(await refusalOf({ startOffset })).toContain('window too small');
    expect(await jobs()).toEqual([]);
    expect(await set({ startOffset: 'P5D', enabled: false })).toMatchObject({
      ...DEFAULTS,
      refreshPolicyEnabled: false,
      scheduleInterval: 'PT1H',
      startOffset: 'P5D',
    });
    expect(await jobs()).toHaveLength(1);
  });
});
