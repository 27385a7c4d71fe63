import Table from 'cli-table3';
import humanizeDuration from 'humanize-duration';
import prettyBytes from 'pretty-bytes';
import { formatDay } from '../../metrics/calendar.js';
import type { PendingRange } from '../aggregate-state.js';
import { countDays } from '../day-ranges.js';
import { formatRange } from '../freshness.js';
import { AGGREGATES } from '../registry.js';
import type { AggregateStatus, PolicyStatus } from './aggregate-status.js';
import type { Interval } from './duration.js';
import {
  DEFAULT_THRESHOLDS,
  serviceHealth,
  sourceWarnings,
  type AggregateHealth,
  type HealthThresholds,
} from './health.js';

/** The widths of labels and texts in columns: 100 together. */
const WIDTHS = [16, 84];
const INDENT = 2;
/** At most so many pending ranges of an aggregate are listed. */
const MAX_RANGES = 10;

/** What a line is about, and what there is to say. */
type Line = readonly [label: string, text: string];

/**
 * A readable report on how fresh the aggregates are, those that do not exist included: plain text
 * of at most 100 columns, with sizes and durations in human units and instants in UTC.
 */
export function freshnessReport(
  statuses: readonly AggregateStatus[],
  now: Date,
  thresholds: HealthThresholds = DEFAULT_THRESHOLDS,
): string {
  const service = serviceHealth(statuses, now, thresholds);
  const sections = service.aggregates.map((health) => {
    const status = statuses.find(({ name }) => name === health.name);
    const lines = [...(status ? linesOf(status, now) : []), ...verdictOf(health)];
    return `${AGGREGATES[health.name].sqlName}\n${layOut(lines)}`;
  });
  const opening = `The continuous aggregates are ${service.status}, at ${formatInstant(now)}.`;
  const warnings = sourceWarnings(statuses, now, thresholds).map((text): Line => ['warning', text]);
  const head = warnings.length > 0 ? `${opening}\n${layOut(warnings)}` : opening;
  return `${[head, ...sections].join('\n\n')}\n`;
}

function linesOf(status: AggregateStatus, now: Date): Line[] {
  const { policy, lastRefresh, materializedThrough, newestSourceDay, pending } = status;
  const held = materializedThrough === null ? 'nothing' : `to ${formatDay(materializedThrough)}`;
  const source =
    newestSourceDay === null
      ? 'the source has no rows'
      : `the source goes to ${formatDay(newestSourceDay)}`;
  return [
    [
      'Last refresh',
      lastRefresh
        ? `${formatInstant(lastRefresh)}, ${apart(now, lastRefresh)} ago`
        : 'never: nothing has refreshed it yet',
    ],
    ...(policy
      ? policyLines(policy, now)
      : [['Schedule', 'none: it has no refresh policy, so it is only refreshed by hand'] as const]),
    ['Materialized', `${held}; ${source}`],
    ['Rows', status.totalRows.toLocaleString('en')],
    ['Size', prettyBytes(status.sizeBytes)],
    ...pendingLines(pending),
  ];
}

function policyLines(policy: PolicyStatus, now: Date): Line[] {
  const { enabled, scheduleInterval, startOffset, endOffset, nextRun, lastError } = policy;
  const run = ' before each run';
  const from = startOffset ? `${formatInterval(startOffset)}${endOffset ? '' : run}` : 'the oldest';
  const to = endOffset ? `${formatInterval(endOffset)}${run}` : 'the newest';
  const schedule = `every ${formatInterval(scheduleInterval)}, the days from ${from} to ${to}`;
  return [
    ['Schedule', enabled ? schedule : `disabled; it was ${schedule}`],
    ['Next run', enabled ? nextRunOf(nextRun, now) : 'none while the policy is disabled'],
    ...(policy.lastRunStatus === 'Failed'
      ? [['Last run', `failed: ${lastError ?? 'no reason is known'}`] as const]
      : []),
  ];
}

function nextRunOf(nextRun: Date | null, now: Date): string {
  if (!nextRun) return 'not known yet';
  const wait = apart(now, nextRun);
  return `${formatInstant(nextRun)}, ${nextRun >= now ? `in ${wait}` : `overdue by ${wait}`}`;
}

function pendingLines(ranges: readonly PendingRange[]): Line[] {
  if (ranges.length === 0) return [['Pending', 'nothing']];
  const texts = ranges.slice(0, MAX_RANGES).map((range) => {
    const days = countDays([range]);
    const count = `${days.toLocaleString('en')} ${days === 1 ? 'day' : 'days'}`;
    const how = range.coveredByPolicy ? 'the policy will reach it' : 'no policy will reach it';
    return `${formatRange(range)}, ${count}: ${how}`;
  });
  const more = ranges.length - texts.length;
  if (more > 0)
    texts.push(`and ${more.toLocaleString('en')} more ${more === 1 ? 'range' : 'ranges'}`);
  return texts.map((text, index) => [index === 0 ? 'Pending' : '', text]);
}

function verdictOf({ status, issues, warnings }: AggregateHealth): Line[] {
  return [
    ['Verdict', status],
    ...issues.map((text): Line => ['  issue', text]),
    ...warnings.map((text): Line => ['  warning', text]),
  ];
}

/** "2018-05-11 14:30 UTC" */
function formatInstant(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** How far two instants are apart, in the two largest units: "1 hour, 5 minutes". */
function apart(one: Date, other: Date): string {
  return humanizeDuration(one.getTime() - other.getTime(), {
    largest: 2,
    round: true,
    units: ['y', 'mo', 'd', 'h', 'm', 's'],
  });
}

/** "1 month", "1 hour 30 minutes" */
function formatInterval(interval: Interval): string {
  return Object.entries(interval)
    .map(([unit, count]: [string, number]) => `${count} ${count === 1 ? unit.slice(0, -1) : unit}`)
    .join(' ');
}

/** Labels and texts in two columns, long texts wrapped. */
function layOut(lines: readonly Line[]): string {
  const places = ['top', 'mid', 'bottom', 'left', 'right'];
  const joints = places.flatMap((place) => [
    place,
    `${place}-mid`,
    `${place}-left`,
    `${place}-right`,
  ]);
  const table = new Table({
    colWidths: WIDTHS,
    wordWrap: true,
    chars: Object.fromEntries([...joints, 'middle'].map((name) => [name, ''])),
    style: { 'padding-left': INDENT, 'padding-right': 0 },
  });
  table.push(...lines.map((line) => [...line]));
  return table.toString().replaceAll(/ +$/gm, '');
}
