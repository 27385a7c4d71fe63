import { dayOf, formatDay } from '../../metrics/calendar.js';
import { JOB_ERRORS } from '../../timescale/refresh-policies.js';
import type { DayRange } from '../day-ranges.js';
import { formatRange } from '../freshness.js';
import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../registry.js';
import type { AggregateStatus, PolicyStatus } from './aggregate-status.js';
import { formatDuration, type Interval } from './duration.js';

/** From best to worst. */
export const HEALTH_STATUSES = ['HEALTHY', 'WARNING', 'DEGRADED'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** From where on something deserves attention. */
export interface HealthThresholds {
  /** Seconds since the policy last succeeded, and the same in schedule intervals: the longer counts. */
  readonly warningLagSeconds: number;
  readonly warningLagSchedules: number;
  readonly degradedLagSeconds: number;
  readonly degradedLagSchedules: number;
  /** Failures among about the last ten runs of a policy. */
  readonly degradedFailures: number;
  /** Days from the newest day with a row to today; null: any number will do. */
  readonly sourceAgeDays: number | null;
}

export const DEFAULT_THRESHOLDS: HealthThresholds = {
  warningLagSeconds: 6 * 3600,
  warningLagSchedules: 1.25,
  degradedLagSeconds: 24 * 3600,
  degradedLagSchedules: 2,
  degradedFailures: 3,
  // From the Thursday before Easter to the Tuesday after it.
  sourceAgeDays: 5,
};

/** How something is: each issue and warning a sentence with the value and what to do. */
interface Verdict {
  readonly status: HealthStatus;
  /** What makes it DEGRADED. */
  readonly issues: readonly string[];
  /** What makes it at least WARNING. */
  readonly warnings: readonly string[];
}

export interface AggregateHealth extends Verdict {
  readonly name: AggregateName;
}

/** The health of the whole service; a finding about several aggregates is reported once. */
export interface ServiceHealth extends Verdict {
  readonly aggregates: readonly AggregateHealth[];
}

/** The text of a finding, for all aggregates that share it. */
type Sentence = (names: readonly AggregateName[]) => string;

interface Findings {
  readonly issues: readonly Sentence[];
  readonly warnings: readonly Sentence[];
}

/** The health of one aggregate at a time; `status` is undefined when it does not exist. */
export function healthOf(
  name: AggregateName,
  status: AggregateStatus | undefined,
  now: Date,
  thresholds: HealthThresholds = DEFAULT_THRESHOLDS,
): AggregateHealth {
  return aggregateHealth(name, findingsOf(status, now, thresholds));
}

/** The health of the service and of all aggregates, those that do not exist included. */
export function serviceHealth(
  statuses: readonly AggregateStatus[],
  now: Date,
  thresholds: HealthThresholds = DEFAULT_THRESHOLDS,
  /** Findings about replicas, and about the rows of the source. */
  otherWarnings: readonly string[] = [],
): ServiceHealth {
  const all = AGGREGATE_NAMES.map((name) => {
    const status = statuses.find((candidate) => candidate.name === name);
    return { name, findings: findingsOf(status, now, thresholds) };
  });
  const together = (kind: keyof Findings): string[] =>
    sayOnce(all.map(({ name, findings }) => [name, findings[kind]]));
  return {
    ...verdictOf(together('issues'), [
      ...otherWarnings,
      ...sourceWarnings(statuses, now, thresholds),
      ...together('warnings'),
    ]),
    aggregates: all.map(({ name, findings }) => aggregateHealth(name, findings)),
  };
}

function aggregateHealth(name: AggregateName, { issues, warnings }: Findings): AggregateHealth {
  const say = (sentence: Sentence): string => sentence([name]);
  return { name, ...verdictOf(issues.map(say), warnings.map(say)) };
}

function verdictOf(issues: readonly string[], warnings: readonly string[]): Verdict {
  const status = issues.length > 0 ? 'DEGRADED' : warnings.length > 0 ? 'WARNING' : 'HEALTHY';
  return { status, issues, warnings };
}

/** The sentences of all aggregates, those that differ in the aggregate alone as one. */
function sayOnce(all: readonly (readonly [AggregateName, readonly Sentence[]])[]): string[] {
  const said = new Map<string, { readonly sentence: Sentence; readonly names: AggregateName[] }>();
  for (const [name, sentences] of all) {
    for (const sentence of sentences) {
      const key = sentence(AGGREGATE_NAMES);
      const known = said.get(key);
      if (known) known.names.push(name);
      else said.set(key, { sentence, names: [name] });
    }
  }
  return Array.from(said.values(), ({ sentence, names }) => sentence(names));
}

/** Says that the source has got no new days, which no aggregate can know of. */
export function sourceWarnings(
  [status]: readonly AggregateStatus[],
  now: Date,
  { sourceAgeDays }: HealthThresholds,
): string[] {
  const newest = status?.newestSourceDay ?? null;
  if (!status || newest === null || sourceAgeDays === null || status.isSample) return [];
  const age = dayOf(now) - newest;
  if (age <= sourceAgeDays) return [];
  return [
    `The newest day of portfolio_metrics is ${formatDay(newest)}, ${age} days ago, and more than ${sourceAgeDays} are not expected (HEALTH_SOURCE_AGE_DAYS): see whether the feed runs, and import what is missing (rolling-metrics import FILE, or the mutation recordDailyMetrics).`,
  ];
}

function findingsOf(
  status: AggregateStatus | undefined,
  now: Date,
  thresholds: HealthThresholds,
): Findings {
  if (!status) {
    const missing: Sentence = (names) =>
      `There is no continuous aggregate ${listOf(names)}: run the migrations (rolling-metrics migrate).`;
    return { issues: [missing], warnings: [] };
  }
  const ofPolicy = policyFindings(status.policy, now, thresholds);
  const isPolicyWell = ofPolicy.issues.length + ofPolicy.warnings.length === 0;
  return {
    issues: [...rowIssues(status), ...ofPolicy.issues],
    warnings: [
      ...ofPolicy.warnings,
      ...(status.hasRows ? unreachedWarnings(status) : []),
      ...(status.hasRows && isPolicyWell ? laggingWarnings(status) : []),
      ...watermarkWarnings(status, now),
      ...mixedIntervalWarnings(status.policy),
    ],
  };
}

function rowIssues({ hasRows, newestSourceDay }: AggregateStatus): Sentence[] {
  if (hasRows) return [];
  if (newestSourceDay === null) {
    return [(names) => `${holding(names)} no rows: import data (rolling-metrics import FILE).`];
  }
  return [
    (names) =>
      `${holding(names)} no rows, but the source goes to ${formatDay(newestSourceDay)}: refresh ${refreshing(names)}.`,
  ];
}

/** At most one sentence: the most severe fault of a policy explains the others. */
function policyFindings(
  policy: PolicyStatus | null,
  now: Date,
  thresholds: HealthThresholds,
): Findings {
  const issue = (sentence: Sentence): Findings => ({ issues: [sentence], warnings: [] });
  const warning = (sentence: Sentence): Findings => ({ issues: [], warnings: [sentence] });
  if (!policy) {
    return issue(
      (names) =>
        `There is no refresh policy for ${listOf(names)}: add one (the mutation setRefreshPolicy).`,
    );
  }
  const { lastRunStatus, recentFailures, totalRuns } = policy;
  if (!policy.enabled) {
    return issue(
      (names) =>
        `The refresh policy of ${listOf(names)} is disabled: enable it (the mutation setRefreshPolicy).`,
    );
  }
  if (recentFailures >= thresholds.degradedFailures) {
    return issue(
      (names) =>
        `The refresh policy of ${listOf(names)} failed ${recentFailures} times in about its last ten runs: ${failureOf(policy, names)}`,
    );
  }
  if (lastRunStatus === 'Failed') {
    return issue(
      (names) =>
        `The last run of the refresh policy of ${listOf(names)} failed: ${failureOf(policy, names)}`,
    );
  }
  if (totalRuns === 0) {
    return warning(
      (names) =>
        `The refresh policy of ${listOf(names)} has not run yet. If it stays so: ${runRemedy(policy)}, or refresh by hand ${refreshing(names)}.`,
    );
  }
  const lag = lagSeconds(policy, now);
  const late: Sentence = (names) => {
    const schedule = formatDuration(policy.scheduleInterval);
    const since = policy.lastSuccess
      ? `last succeeded ${(lag / 3600).toFixed(1)} hours ago`
      : 'never succeeded';
    const error = policy.lastError === null ? '' : `, and its last error is: ${policy.lastError}`;
    return `The refresh policy of ${listOf(names)}, which runs every ${schedule}, ${since}${error}. ${capitalized(runRemedy(policy))}, or refresh by hand ${refreshing(names)}.`;
  };
  if (lag > lagLimit(policy, thresholds, 'degraded')) return issue(late);
  if (lag > lagLimit(policy, thresholds, 'warning')) return warning(late);
  return { issues: [], warnings: [] };
}

/** Why a policy fails, and what to do. */
function failureOf(policy: PolicyStatus, names: readonly AggregateName[]): string {
  const reason = policy.lastError ?? 'no reason is known';
  const remedy = policy.runner === 'database' ? `fix that, or ${runRemedy(policy)}` : 'fix that';
  return `${reason}. ${capitalized(remedy)}, then refresh ${refreshing(names)}.`;
}

/** TimescaleDB's scheduler found no worker for a job. */
const NO_WORKER = /failed to (start|launch) job/i;

/** What brings policies to run that do not. */
function runRemedy({ runner, lastError }: PolicyStatus): string {
  if (runner === 'application') {
    return 'look into the logs of the instances, of which one must be running';
  }
  const workers =
    lastError !== null && NO_WORKER.test(lastError)
      ? 'raise max_worker_processes and timescaledb.max_background_workers in postgresql.conf, of which the jobs of all databases take their workers'
      : `see whether TimescaleDB's jobs run on the server (${JOB_ERRORS})`;
  return `${workers}, or have this program run the policies itself (POLICIES=application)`;
}

function unreachedWarnings({ pending }: AggregateStatus): Sentence[] {
  const unreached = pending.filter(({ coveredByPolicy }) => !coveredByPolicy);
  if (unreached.length === 0) return [];
  const days = unreached.map(formatRange).join(', ');
  const hull = { from: unreached[0]!.from, to: unreached.at(-1)!.to };
  return [
    (names) =>
      `No policy will reach pending days of ${listOf(names)}: ${days}; refresh them ${refreshing(names, hull)}.`,
  ];
}

/** Days above the watermark that the last successful run of the policy should have taken. */
function laggingWarnings(status: AggregateStatus): Sentence[] {
  const { policy, pending, materializedThrough, newestSourceDay } = status;
  const through = materializedThrough ?? Number.NEGATIVE_INFINITY;
  const due = Math.min(
    newestSourceDay ?? Number.NEGATIVE_INFINITY,
    (policy?.endDay ?? Infinity) - 1,
  );
  const left = pending.find(
    ({ from, to, coveredByPolicy }) => coveredByPolicy && to > through && from <= due,
  );
  if (!left || due <= through) return [];
  const held =
    materializedThrough === null ? 'nothing' : `days to ${formatDay(materializedThrough)}`;
  const days = { from: Math.max(left.from, through + 1), to: Math.min(left.to, due) };
  return [
    (names) =>
      `${holding(names)} ${held}, but the source has ${formatRange(days)}, which the policy should have reached: refresh ${refreshing(names, days)}.`,
  ];
}

function watermarkWarnings({ materializedThrough }: AggregateStatus, now: Date): Sentence[] {
  if (materializedThrough === null || materializedThrough <= dayOf(now) + 1) return [];
  return [
    (names) =>
      `The watermark of ${listOf(names)} stands at ${formatDay(materializedThrough)}, after tomorrow: look for rows with a wrong day.`,
  ];
}

function mixedIntervalWarnings(policy: PolicyStatus | null): Sentence[] {
  if (!policy) return [];
  const intervals = [
    ['schedule interval', policy.scheduleInterval],
    ['start offset', policy.startOffset],
    ['end offset', policy.endOffset],
  ] as const;
  return intervals.flatMap(([what, interval]): Sentence[] =>
    interval && mixesMonths(interval)
      ? [
          (names) =>
            `The ${what} of ${listOf(names)}, ${formatDuration(interval)}, mixes months with days: it is not of one length; use one or the other.`,
        ]
      : [],
  );
}

/** "a holds", "a, b hold" */
function holding(names: readonly AggregateName[]): string {
  return `${listOf(names)} ${names.length === 1 ? 'holds' : 'hold'}`;
}

function listOf(names: readonly AggregateName[]): string {
  return names.map((name) => AGGREGATES[name].sqlName).join(', ');
}

/** How to refresh aggregates, in parentheses: the command and the mutation. */
function refreshing(names: readonly AggregateName[], days?: DayRange): string {
  const [name] = names;
  const which = names.length === 1 ? ` --aggregate ${AGGREGATES[name!].sqlName}` : '';
  const range = days ? ` --from ${formatDay(days.from)} --to ${formatDay(days.to)}` : '';
  const mutation = names.length === 1 ? 'refreshAggregate' : 'refreshAllAggregates';
  return `(rolling-metrics refresh${which}${range}, or the mutation ${mutation})`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Seconds since the policy last succeeded. */
function lagSeconds({ lastSuccess }: PolicyStatus, now: Date): number {
  return lastSuccess ? (now.getTime() - lastSuccess.getTime()) / 1000 : Infinity;
}

function lagLimit(
  { scheduleSeconds }: PolicyStatus,
  thresholds: HealthThresholds,
  level: 'warning' | 'degraded',
): number {
  const seconds = thresholds[`${level}LagSeconds`];
  return Math.max(seconds, thresholds[`${level}LagSchedules`] * scheduleSeconds);
}

function mixesMonths({
  years = 0,
  months = 0,
  days = 0,
  hours = 0,
  minutes = 0,
  seconds = 0,
}: Interval): boolean {
  return years + months !== 0 && (days !== 0 || hours !== 0 || minutes !== 0 || seconds !== 0);
}
