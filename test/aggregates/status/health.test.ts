import { describe, expect, test } from '@jest/globals';
import type {
  AggregateStatus,
  PolicyStatus,
} from '../../../src/aggregates/status/aggregate-status.js';
import {
  DEFAULT_THRESHOLDS,
  healthOf,
  healthOfAll,
  worstOf,
} from '../../../src/aggregates/status/health.js';
import type { AggregateHealth, HealthThresholds } from '../../../src/aggregates/status/health.js';
import { AGGREGATE_NAMES } from '../../../src/aggregates/registry.js';
import { toDay } from '../../../src/metrics/calendar.js';
import { healthyPolicy, healthyStatus, hoursBefore, NOW } from '../../helpers/aggregate-status.js';

const NAME = 'PORTFOLIO_METRICS_30D_ROLLING';
const POLICY = 'The refresh policy of portfolio_metrics_30d_rolling';
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
        'portfolio_metrics_30d_rolling does not exist: run the migrations (npm run migrate).',
      ),
    );
  });

  test('one without a refresh policy', () => {
    expect(health({ policy: null })).toEqual(
      degraded('portfolio_metrics_30d_rolling has no refresh policy: add one (setRefreshPolicy).'),
    );
  });

  test('one whose policy is disabled', () => {
    expect(policyHealth({ enabled: false })).toEqual(
      degraded(`${POLICY} is disabled: enable it (setRefreshPolicy).`),
    );
  });

  test('one without rows', () => {
    expect(health({ hasRows: false })).toEqual(
      degraded(
        'portfolio_metrics_30d_rolling holds no rows: import data, or refresh it (refreshAggregate).',
      ),
    );
  });

  test('one whose last run failed, with the reason', () => {
    expect(policyHealth({ lastRunStatus: 'Failed', lastError: 'the disk is full' })).toEqual(
      degraded(
        'The last run of the refresh policy of portfolio_metrics_30d_rolling failed: the disk is full; mend that, then refresh it (refreshAggregate).',
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
        `${POLICY} failed 3 times in about its last ten runs: deadlock detected; mend that, or it falls behind.`,
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
      degraded(`${HOURLY} never succeeded: see whether jobs run (no way), or refresh by hand.`),
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
      warned(
        `${HOURLY} last succeeded 10.0 hours ago: see whether jobs run (no error is known), or refresh by hand.`,
      ),
    );
  });

  test('one whose policy has never run', () => {
    expect(policyHealth({ totalRuns: 0, lastSuccess: null, lastRunStatus: null })).toEqual(
      warned(`${POLICY} has not run yet: if it stays so, see whether jobs run at all.`),
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
        'No policy will reach pending days of portfolio_metrics_30d_rolling: 2018-05-01 to 2018-05-11, 2020-01-01; refresh them (refreshAggregate).',
      ),
    );
    expect(health({ pending: [{ ...range, coveredByPolicy: true }] })).toEqual(HEALTHY);
  });

  test('source days that the policy has left behind', () => {
    const holds = (materializedThrough: string | null, endDay: string | null) =>
      health({
        newestSourceDay: toDay('2024-06-16'),
        materializedThrough: materializedThrough === null ? null : toDay(materializedThrough),
        policy: healthyPolicy({ endDay: endDay === null ? null : toDay(endDay) }),
      });
    // The policy ends before the 15th.
    expect(holds('2024-06-14', '2024-06-15')).toEqual(HEALTHY);
    expect(holds('2024-06-13', '2024-06-15')).toEqual(
      warned(
        'portfolio_metrics_30d_rolling holds days to 2024-06-13, but its source goes on to 2024-06-14 and its policy should have got there: refresh it (refreshAggregate).',
      ),
    );
    expect(holds(null, '2024-06-15').warnings[0]).toContain('holds nothing, but');
    // Without an end offset it goes to the newest day.
    expect(holds('2024-06-15', null).warnings[0]).toContain('holds days to 2024-06-15, but');
    expect(holds('2024-06-16', null)).toEqual(HEALTHY);
    expect(health({ newestSourceDay: null, materializedThrough: null })).toEqual(HEALTHY);
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
  };
  const at = (hours: number) => policyHealth({ lastSuccess: hoursBefore(hours) }, strict).status;
  expect([0.9, 1.1, 2.9, 3.1].map(at)).toEqual(['HEALTHY', 'WARNING', 'WARNING', 'DEGRADED']);
  expect(policyHealth({ recentFailures: 1 }, strict).status).toBe('DEGRADED');
});

test('issues outrank warnings, and each is told', () => {
  const both = health({
    hasRows: false,
    materializedThrough: toDay('2024-07-01'),
    policy: healthyPolicy({
      enabled: false,
      recentFailures: 4,
      startOffset: { months: 1, days: 1 },
    }),
  });
  expect(both).toMatchObject({ status: 'DEGRADED' });
  expect(both.issues).toHaveLength(3);
  expect(both.warnings).toHaveLength(2);
});

test('healthOfAll speaks of all aggregates, those that do not exist included', () => {
  const healths = healthOfAll([healthyStatus()], NOW);
  expect(healths.map(({ name }) => name)).toEqual(AGGREGATE_NAMES);
  expect(healths.map(({ status }) => status)).toEqual([
    'HEALTHY',
    'DEGRADED',
    'DEGRADED',
    'DEGRADED',
  ]);
});

test('worstOf gives the worst', () => {
  const of = (...statuses: AggregateHealth['status'][]) =>
    worstOf(statuses.map((status) => ({ status })));
  expect(of()).toBe('HEALTHY');
  expect(of('HEALTHY', 'HEALTHY')).toBe('HEALTHY');
  expect(of('HEALTHY', 'WARNING')).toBe('WARNING');
  expect(of('WARNING', 'DEGRADED', 'HEALTHY')).toBe('DEGRADED');
});
