import { describe, expect, test } from '@jest/globals';
import { AGGREGATE_NAMES } from '../../../src/aggregates/registry.js';
import type {
  AggregateStatus,
  PolicyStatus,
} from '../../../src/aggregates/status/aggregate-status.js';
import { freshnessReport } from '../../../src/aggregates/status/freshness-report.js';
import { DEFAULT_THRESHOLDS } from '../../../src/aggregates/status/health.js';
import { toDay } from '../../../src/metrics/calendar.js';

const NOW = new Date('2018-05-12T12:00:00Z');

const POLICY: PolicyStatus = {
  runner: 'database',
  enabled: true,
  scheduleInterval: { hours: 1 },
  scheduleSeconds: 3600,
  startOffset: { months: 1 },
  endOffset: { hours: 1 },
  endDay: toDay('2018-05-12'),
  nextRun: new Date('2018-05-12T12:30:00Z'),
  lastSuccess: new Date('2018-05-12T11:30:00Z'),
  lastDurationSeconds: 1,
  lastRunStatus: 'Success',
  lastError: null,
  totalRuns: 5,
  totalSuccesses: 5,
  totalFailures: 0,
  recentFailures: 0,
};

const STATUS: AggregateStatus = {
  name: 'PORTFOLIO_METRICS_30D_ROLLING',
  materializedThrough: toDay('2018-05-11'),
  lastRefresh: new Date('2018-05-12T11:30:00Z'),
  pending: [],
  missing: [],
  isUnnoted: false,
  withoutSource: [],
  materializationHypertable: '_timescaledb_internal._materialized_hypertable_2',
  policy: POLICY,
  hasRows: true,
  totalRows: 5040,
  sizeBytes: 999_424,
  newestSourceDay: toDay('2018-05-11'),
  isSample: false,
};

/** The report on the aggregates, of which the first is so. */
function reportOn(status: Partial<AggregateStatus>, now = NOW): string {
  return freshnessReport(
    AGGREGATE_NAMES.map((name, index) => ({ ...STATUS, name, ...(index === 0 ? status : {}) })),
    now,
  );
}

/** What the report says of the first aggregate. */
const sectionOn = (status: Partial<AggregateStatus>): string => reportOn(status).split('\n\n')[1]!;

describe('of an aggregate that is well', () => {
  test('everything is said in human units', () => {
    expect(sectionOn({})).toBe(
      `
portfolio_metrics_30d_rolling
  Last refresh    2018-05-12 11:30 UTC, 30 minutes ago
  Schedule        every 1 hour, the days from 1 month to 1 hour before each run
  Next run        2018-05-12 12:30 UTC, in 30 minutes
  Materialized    to 2018-05-11; the source goes to 2018-05-11
  Rows            5,040
  Size            999 kB
  Pending         nothing
  Verdict         HEALTHY`.trimStart(),
    );
  });

  test('the opening line has the worst verdict and the time', () => {
    expect(reportOn({})).toMatch(
      /^The continuous aggregates are HEALTHY, at 2018-05-12 12:00 UTC\.\n\n/,
    );
    expect(reportOn({ policy: null })).toMatch(/^The continuous aggregates are DEGRADED, /);
  });

  test('a source without new days is said below it', () => {
    const newestSourceDay = toDay('2018-05-06');
    expect(reportOn({ newestSourceDay })).toMatch(
      /^The continuous aggregates are WARNING, at .*\.\n {2}warning +The newest day of portfolio_metrics is 2018-05-06,\s+6 days\s+ago/,
    );
  });
});

describe('what is not well is said plainly', () => {
  test('never refreshed', () => {
    const text = sectionOn({
      lastRefresh: null,
      materializedThrough: null,
      hasRows: false,
      totalRows: 0,
      sizeBytes: 0,
    });
    expect(text).toContain('  Last refresh    never: nothing has refreshed it yet\n');
    expect(text).toContain('  Materialized    nothing; the source goes to 2018-05-11\n');
    expect(text).toContain(
      '  Verdict         DEGRADED\n    issue         portfolio_metrics_30d_rolling holds no rows',
    );
  });

  test('no source rows', () => {
    expect(sectionOn({ newestSourceDay: null })).toContain('to 2018-05-11; the source has no rows');
  });

  test('no policy', () => {
    const text = sectionOn({ policy: null });
    expect(text).toContain(
      '  Schedule        none: it has no refresh policy, so it is only refreshed by hand\n',
    );
    expect(text).not.toContain('Next run');
    expect(text).toContain(
      'issue         There is no refresh policy for portfolio_metrics_30d_rolling',
    );
  });

  test('a policy that is disabled', () => {
    const text = sectionOn({ policy: { ...POLICY, enabled: false } });
    expect(text).toContain('Schedule        disabled; it was every 1 hour, ');
    expect(text).toContain('Next run        none while the policy is disabled\n');
  });

  test('a run that is overdue, and one of which nothing is known', () => {
    const nextRun = new Date('2018-05-12T09:55:00Z');
    expect(sectionOn({ policy: { ...POLICY, nextRun } })).toContain(
      'Next run        2018-05-12 09:55 UTC, overdue by 2 hours, 5 minutes\n',
    );
    expect(sectionOn({ policy: { ...POLICY, nextRun: null } })).toContain(
      'Next run        not known yet\n',
    );
  });

  test('a run that failed', () => {
    const policy = { ...POLICY, lastRunStatus: 'Failed', lastError: 'out of memory' };
    expect(sectionOn({ policy })).toContain('  Last run        failed: out of memory\n');
    expect(sectionOn({ policy: { ...policy, lastError: null } })).toContain(
      'failed: no reason is known\n',
    );
  });

  test('an aggregate that does not exist', () => {
    const text = freshnessReport([], NOW);
    expect(text.split('\n\n')).toHaveLength(1 + AGGREGATE_NAMES.length);
    expect(text).toContain('portfolio_metrics_1y_beta\n  Verdict         DEGRADED\n');
    expect(text).toContain(
      'There is no continuous aggregate portfolio_metrics_1y_beta: run the migrations',
    );
  });
});

test.each([
  [{ startOffset: null }, 'the days from the oldest to 1 hour before each run'],
  [{ endOffset: null }, 'the days from 1 month before each run to the newest'],
  [{ startOffset: null, endOffset: null }, 'the days from the oldest to the newest'],
  [{ scheduleInterval: { days: 1, hours: 6 } }, 'every 1 day 6 hours, '],
])('a policy with %j', (change, text) => {
  expect(sectionOn({ policy: { ...POLICY, ...change } })).toContain(text);
});

describe('pending days', () => {
  const range = (from: string, to: string, coveredByPolicy: boolean) => ({
    from: toDay(from),
    to: toDay(to),
    coveredByPolicy,
  });

  test('are ranges, each with whether the policy will reach it', () => {
    const pending = [
      range('2013-01-02', '2018-04-11', false),
      range('2018-05-11', '2018-05-11', true),
    ];
    expect(sectionOn({ pending })).toContain(
      `
  Pending         2013-01-02 to 2018-04-11, 1,926 days: no policy will reach it
                  2018-05-11, 1 day: the policy will reach it
  Verdict         WARNING
`
        .trimStart()
        .trimEnd(),
    );
  });

  test('of many ranges the first ten are listed', () => {
    const pending = Array.from({ length: 12 }, (_, index) => {
      const day = `2017-${String(index + 1).padStart(2, '0')}-01`;
      return range(day, day, true);
    });
    const text = sectionOn({ pending });
    expect(text).toContain('2017-10-01, 1 day');
    expect(text).not.toContain('2017-11-01');
    expect(text).toContain('                  and 2 more ranges\n');
  });
});

test('no line is longer than 100 columns, and long sentences are whole', () => {
  const lastError =
    `could not extend the file: ${'no space is left on the device, '.repeat(9)}`.trim();
  const policy = { ...POLICY, lastRunStatus: 'Failed', lastError, recentFailures: 4 };
  const text = reportOn({ policy, totalRows: 36_500_000, sizeBytes: 12_345_678_901 });
  const lines = text.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines.filter((line) => line.endsWith(' '))).toEqual([]);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`Last run failed: ${lastError}`);
});

test('the verdict goes by the thresholds of the service', () => {
  const statuses = AGGREGATE_NAMES.map((name) => ({ ...STATUS, name }));
  const strict = {
    ...DEFAULT_THRESHOLDS,
    warningLagSeconds: 60,
    warningLagSchedules: 0.1,
  };
  expect(freshnessReport(statuses, NOW, strict)).toContain('are WARNING, at');
});
