import { describe, expect, test } from '@jest/globals';
import { AGGREGATE_NAMES, AGGREGATES } from '../../../src/aggregates/registry.js';
import type {
  AggregateStatus,
  PolicyStatus,
} from '../../../src/aggregates/status/aggregate-status.js';
import {
  DEFAULT_THRESHOLDS,
  healthOf,
  serviceHealth,
  type AggregateHealth,
  type HealthThresholds,
} from '../../../src/aggregates/status/health.js';
import { toDay } from '../../../src/metrics/calendar.js';
import { healthyPolicy, healthyStatus, hoursBefore, NOW } from '../../helpers/aggregate-status.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const POLICY = 'The refresh policy of portfolio_metrics_30d_rolling';
const REFRESH =
  '(rolling-metrics refresh --aggregate portfolio_metrics_30d_rolling, or the mutation refreshAggregate)';
const JOBS =
  "ee whether TimescaleDB's jobs run on the server (timescaledb_information.job_errors), or have this program run the policies itself (POLICIES=application)";
const HOURLY = `${POLICY}, which runs every PT1H,`;

const DAY_SECONDS = 86_400;
const DAILY = { scheduleInterval: { days: 1 }, scheduleSeconds: DAY_SECONDS };
const EVERY_TWO_DAYS = { scheduleInterval: { days: 2 }, scheduleSeconds: 2 * DAY_SECONDS };

function health(
  changes: Partial<AggregateStatus>,
  thresholds?: Partial<HealthThresholds>,
): AggregateHealth {
  const status = healthyStatus(changes);
  return healthOf(NAME, status, NOW, { ...DEFAULT_THRESHOLDS, ...thresholds });
}

const policyHealth = (changes: Partial<PolicyStatus>, thresholds?: Partial<HealthThresholds>) =>
  health({ policy: healthyPolicy(changes) }, thresholds);

const HEALTHY = { name: NAME, status: 'HEALTHY', issues: [], warnings: [] };
const degraded = (...issues: string[]) => ({
  name: NAME,
  status: 'DEGRADED',
  issues,
  warnings: [],
});
const warned = (...warnings: string[]) => ({ name: NAME, status: 'WARNING', issues: [], warnings });

test('an aggregate with which nothing is wrong is HEALTHY', () => {
  expect(health({})).toEqual(HEALTHY);
});

describe('DEGRADED is', () => {
  test('an aggregate that does not exist', () => {
    expect(healthOf(NAME, undefined, NOW)).toEqual(
      degraded(
        'There is no continuous aggregate portfolio_metrics_30d_rolling: run the migrations (rolling-metrics migrate).',
      ),
    );
  });

  test('one without a refresh policy', () => {
    expect(health({ policy: null })).toEqual(
      degraded(
        'There is no refresh policy for portfolio_metrics_30d_rolling: add one (the mutation setRefreshPolicy).',
      ),
    );
  });

  test('one whose policy is disabled', () => {
    expect(policyHealth({ enabled: false })).toEqual(
      degraded(`${POLICY} is disabled: enable it (the mutation setRefreshPolicy).`),
    );
  });

  test('one without rows', () => {
    expect(health({ hasRows: false })).toEqual(
      degraded(
        `portfolio_metrics_30d_rolling holds no rows, but the source goes to 2024-06-14: refresh ${REFRESH}.`,
      ),
    );
    expect(health({ hasRows: false, newestSourceDay: null })).toEqual(
      degraded(
        'portfolio_metrics_30d_rolling holds no rows: import data (rolling-metrics import FILE).',
      ),
    );
  });

  test('one whose last run failed, with the reason', () => {
    expect(policyHealth({ lastRunStatus: 'Failed', lastError: 'the disk is full' })).toEqual(
      degraded(
        `The last run of the refresh policy of portfolio_metrics_30d_rolling failed: the disk is full. Fix that, or s${JOBS}, then refresh ${REFRESH}.`,
      ),
    );
    // An error of before.
    expect(policyHealth({ lastRunStatus: 'Success', lastError: 'the disk is full' })).toEqual(
      HEALTHY,
    );
    expect(policyHealth({ lastRunStatus: 'Failed' }).issues[0]).toContain('no reason is known');
  });

  test('one with three failures in the last ten runs', () => {
    expect(policyHealth({ recentFailures: 3, lastError: 'deadlock detected' })).toEqual(
      degraded(
        `${POLICY} failed 3 times in about its last ten runs: deadlock detected. Fix that, or s${JOBS}, then refresh ${REFRESH}.`,
      ),
    );
    expect(policyHealth({ recentFailures: 2 })).toEqual(HEALTHY);
    expect(policyHealth({ recentFailures: 2 }, { degradedFailures: 2 }).status).toBe('DEGRADED');
  });

  test.each([
    ['over 24 hours late', {}, 24],
    ['over twice its schedule late, where that is longer', EVERY_TWO_DAYS, 96],
  ])('one %s', (_when, schedule, hours) => {
    const late = policyHealth({ ...schedule, lastSuccess: hoursBefore(hours + 0.01) });
    expect(late).toMatchObject({ status: 'DEGRADED', warnings: [] });
    expect(late.issues).toEqual([expect.stringContaining(`last succeeded ${hours}.0 hours ago`)]);
    expect(policyHealth({ ...schedule, lastSuccess: hoursBefore(hours) }).status).toBe('WARNING');
  });

  test('one whose policy ran and never succeeded', () => {
    expect(policyHealth({ lastSuccess: null, lastError: 'no way' })).toEqual(
      degraded(
        `${HOURLY} never succeeded, and its last error is: no way. S${JOBS}, or refresh by hand ${REFRESH}.`,
      ),
    );
  });
});

describe('WARNING is', () => {
  test.each([
    ['over six hours late', {}, 6],
    ['a daily one over 30 hours late', DAILY, 30],
    ['one of every two days over 60 hours late', EVERY_TWO_DAYS, 60],
  ])('%s', (_when, schedule, hours) => {
    const late = policyHealth({ ...schedule, lastSuccess: hoursBefore(hours + 0.01) });
    expect(late).toMatchObject({ status: 'WARNING', issues: [] });
    expect(late.warnings).toEqual([expect.stringContaining(`last succeeded ${hours}.0 hours ago`)]);
    expect(policyHealth({ ...schedule, lastSuccess: hoursBefore(hours) })).toEqual(HEALTHY);
  });

  test('not a daily one at hour seven', () => {
    expect(policyHealth({ ...DAILY, lastSuccess: hoursBefore(7) })).toEqual(HEALTHY);
  });

  test('judged by the runs of the policy: a refresh by hand hides no dead job', () => {
    const dead = { policy: healthyPolicy({ lastSuccess: hoursBefore(10) }), lastRefresh: NOW };
    expect(health(dead)).toEqual(
      warned(`${HOURLY} last succeeded 10.0 hours ago. S${JOBS}, or refresh by hand ${REFRESH}.`),
    );
  });

  test('one whose policy has never run', () => {
    expect(policyHealth({ totalRuns: 0, lastSuccess: null, lastRunStatus: null })).toEqual(
      warned(`${POLICY} has not run yet. If it stays so: s${JOBS}, or refresh by hand ${REFRESH}.`),
    );
  });

  test('pending days that no policy will reach', () => {
    const range = { from: toDay('2018-05-01'), to: toDay('2018-05-11') };
    const day = { from: toDay('2020-01-01'), to: toDay('2020-01-01') };
    const pending = [
      { ...range, coveredByPolicy: false },
      { ...day, coveredByPolicy: false },
    ];
    expect(health({ pending })).toEqual(
      warned(
        'No policy will reach pending days of portfolio_metrics_30d_rolling: 2018-05-01 to 2018-05-11, 2020-01-01; refresh them (rolling-metrics refresh --aggregate portfolio_metrics_30d_rolling --from 2018-05-01 --to 2020-01-01, or the mutation refreshAggregate).',
      ),
    );
    expect(health({ pending: [{ ...range, coveredByPolicy: true }] })).toEqual(HEALTHY);
  });

  test('source days that the policy has left behind', () => {
    const holds = (materializedThrough: string | null, endDay: string | null, covered = true) => {
      const through = materializedThrough === null ? null : toDay(materializedThrough);
      const from = (through ?? toDay('2024-06-11')) + 1;
      return health({
        newestSourceDay: toDay('2024-06-16'),
        materializedThrough: through,
        pending: [{ from, to: toDay('2024-06-16'), coveredByPolicy: covered }],
        policy: healthyPolicy({ endDay: endDay === null ? null : toDay(endDay) }),
      });
    };
    // The policy ends before the 15th.
    expect(holds('2024-06-14', '2024-06-15')).toEqual(HEALTHY);
    expect(holds('2024-06-13', '2024-06-15')).toEqual(
      warned(
        'portfolio_metrics_30d_rolling holds days to 2024-06-13, but the source has 2024-06-14, which the policy should have reached: refresh (rolling-metrics refresh --aggregate portfolio_metrics_30d_rolling --from 2024-06-14 --to 2024-06-14, or the mutation refreshAggregate).',
      ),
    );
    expect(holds(null, '2024-06-15').warnings[0]).toContain(
      'holds nothing, but the source has 2024-06-12 to 2024-06-14, which',
    );
    // Without an end offset it goes to the newest day.
    expect(holds('2024-06-15', null).warnings[0]).toContain('holds days to 2024-06-15, but');
    expect(health({ newestSourceDay: null, materializedThrough: null })).toEqual(HEALTHY);
    // What no policy reaches, its policy cannot be expected to have reached.
    expect(holds('2024-06-13', '2024-06-15', false).warnings).toEqual([
      expect.stringContaining('No policy will reach'),
    ]);
  });

  test('a watermark beyond tomorrow', () => {
    expect(health({ materializedThrough: toDay('2024-06-16') })).toEqual(HEALTHY);
    expect(health({ materializedThrough: toDay('2024-06-17') })).toEqual(
      warned(
        'The watermark of portfolio_metrics_30d_rolling stands at 2024-06-17, after tomorrow: look for rows with a wrong day.',
      ),
    );
  });

  test.each([
    ['schedule interval', 'P1MT1H', { scheduleInterval: { months: 1, hours: 1 } }],
    ['start offset', 'P1M15D', { startOffset: { months: 1, days: 15 } }],
    ['end offset', 'P1Y1D', { endOffset: { years: 1, days: 1 } }],
  ])('a %s that mixes months with days', (what, text, changes) => {
    expect(policyHealth(changes)).toEqual(
      warned(
        `The ${what} of portfolio_metrics_30d_rolling, ${text}, mixes months with days: it is not of one length; use one or the other.`,
      ),
    );
  });

  test('no offset in months, or in days and hours, or none', () => {
    for (const startOffset of [{ years: 1, months: 6 }, { days: 3, hours: 12 }, null]) {
      expect(policyHealth({ startOffset, endOffset: startOffset })).toEqual(HEALTHY);
    }
  });
});

test('thresholds can be others', () => {
  const strict: HealthThresholds = {
    warningLagSeconds: 60,
    warningLagSchedules: 1,
    degradedLagSeconds: 120,
    degradedLagSchedules: 3,
    degradedFailures: 1,
    sourceAgeDays: null,
  };
  const at = (hours: number) => policyHealth({ lastSuccess: hoursBefore(hours) }, strict).status;
  expect([0.9, 1.1, 2.9, 3.1].map(at)).toEqual(['HEALTHY', 'WARNING', 'WARNING', 'DEGRADED']);
  expect(policyHealth({ recentFailures: 1 }, strict).status).toBe('DEGRADED');
});

test('issues outrank warnings, and each is said', () => {
  const both = health({
    hasRows: false,
    materializedThrough: toDay('2024-07-01'),
    policy: healthyPolicy({ enabled: false, startOffset: { months: 1, days: 1 } }),
  });
  expect(both).toMatchObject({ status: 'DEGRADED' });
  expect(both.issues).toHaveLength(2);
  expect(both.warnings).toHaveLength(2);
});

test.each<[string, Partial<PolicyStatus>]>([
  ['failed', { lastRunStatus: 'Failed', recentFailures: 4, lastSuccess: null, lastError: 'full' }],
  ['disabled', { enabled: false, lastRunStatus: 'Failed', recentFailures: 4, lastSuccess: null }],
  ['late', { lastSuccess: hoursBefore(60) }],
])('of a policy that %s one sentence is said, with the rest that follows from it', (_what, is) => {
  const pending = [{ from: toDay('2024-06-13'), to: toDay('2024-06-14'), coveredByPolicy: true }];
  const behind = { materializedThrough: toDay('2024-06-12'), pending };
  const { issues, warnings } = health({ ...behind, policy: healthyPolicy(is) });
  expect([...issues, ...warnings]).toHaveLength(1);
});

describe('policies that do not run', () => {
  const failing = { lastRunStatus: 'Failed', lastError: 'failed to start job' };

  test('for want of workers: the setting of the server is named, and POLICIES', () => {
    expect(policyHealth(failing).issues).toEqual([
      `The last run of the refresh policy of portfolio_metrics_30d_rolling failed: failed to start job. Fix that, or raise max_worker_processes and timescaledb.max_background_workers in postgresql.conf, of which the jobs of all databases take their workers, or have this program run the policies itself (POLICIES=application), then refresh ${REFRESH}.`,
    ]);
  });

  test('though this program is to run them: its logs are named', () => {
    const late = { runner: 'application', lastSuccess: hoursBefore(60) } as const;
    for (const policy of [late, { ...late, totalRuns: 0 }]) {
      const { issues, warnings } = policyHealth(policy);
      const [sentence] = [...issues, ...warnings];
      expect(sentence).toContain('ook into the logs of the instances');
      expect(sentence).not.toContain('POLICIES');
    }
  });
});

describe('the health of the service', () => {
  const all = (changes: Partial<AggregateStatus>) =>
    AGGREGATE_NAMES.map((name) => healthyStatus({ name, ...changes }));
  const SQL_NAMES = AGGREGATE_NAMES.map((name) => AGGREGATES[name].sqlName).join(', ');

  test('speaks of all aggregates, those that do not exist included', () => {
    const { status, aggregates } = serviceHealth([healthyStatus()], NOW);
    expect(status).toBe('DEGRADED');
    expect(aggregates.map(({ name }) => name)).toEqual(AGGREGATE_NAMES);
    const [first, ...others] = aggregates.map((aggregate) => aggregate.status);
    expect(first).toBe('HEALTHY');
    expect(new Set(others)).toEqual(new Set(['DEGRADED']));
    expect(serviceHealth(all({}), NOW)).toMatchObject({ status: 'HEALTHY', issues: [] });
  });

  test('says once what is true of several, with one command', () => {
    const day = toDay('2020-01-01');
    const pending = [{ from: day, to: day, coveredByPolicy: false }];
    const late = { pending, newestSourceDay: toDay('2024-06-14') };
    expect(serviceHealth(all(late), NOW)).toMatchObject({
      status: 'WARNING',
      issues: [],
      warnings: [
        `No policy will reach pending days of ${SQL_NAMES}: 2020-01-01; refresh them (rolling-metrics refresh --from 2020-01-01 --to 2020-01-01, or the mutation refreshAllAggregates).`,
      ],
    });
    const [first, ...others] = all({});
    const differing = [{ ...first!, pending: [{ ...pending[0]!, to: day + 1 }] }, ...others];
    expect(serviceHealth([...differing.slice(0, 3), all(late)[3]!], NOW).warnings).toEqual([
      expect.stringContaining('portfolio_metrics_30d_rolling: 2020-01-01 to 2020-01-02;'),
      expect.stringContaining('portfolio_metrics_1y_beta: 2020-01-01;'),
    ]);
  });

  test('warns once of a source without new days, unless it is the sample or not to be looked at', () => {
    const old = { newestSourceDay: toDay('2024-06-09'), materializedThrough: toDay('2024-06-09') };
    expect(serviceHealth(all(old), NOW)).toMatchObject({
      status: 'WARNING',
      issues: [],
      warnings: [
        'The newest day of portfolio_metrics is 2024-06-09, 6 days ago, and more than 5 are not expected (HEALTH_SOURCE_AGE_DAYS): see whether the feed runs, and import what is missing (rolling-metrics import FILE, or the mutation recordDailyMetrics).',
      ],
    });
    const statusOf = (changes: Partial<AggregateStatus>, sourceAgeDays: number | null) =>
      serviceHealth(all({ ...old, ...changes }), NOW, { ...DEFAULT_THRESHOLDS, sourceAgeDays })
        .status;
    expect(statusOf({}, 6)).toBe('HEALTHY');
    expect(statusOf({}, null)).toBe('HEALTHY');
    expect(statusOf({ isSample: true }, 5)).toBe('HEALTHY');
    expect(statusOf({ newestSourceDay: null }, 5)).toBe('HEALTHY');
  });
});
