import type { Colors } from 'picocolors/types.js';
import prettyBytes from 'pretty-bytes';
import { shortName } from './aggregate-argument.js';
import { shortCount, shortDuration, shortIsoDuration } from './human-units.js';
import { countPendingDays, describeRanges } from './pending-days.js';
import { plainTable, type Column } from './plain-table.js';
import { statusColor } from './status-color.js';
import type { StatusRow } from './status-query.js';

/** Ten columns in a terminal of 100: the headings take two lines. */
const COLUMNS: readonly Column[] = [
  { head: 'portfolio_\nmetrics_…' },
  { head: 'materialized\nthrough' },
  { head: 'newest\nsource day' },
  { head: 'refresh\nlag', align: 'right' },
  { head: 'runs\nevery', align: 'right' },
  { head: 'next\nrun in', align: 'right' },
  { head: '\nrows', align: 'right' },
  { head: '\nsize', align: 'right' },
  { head: 'pending\ndays', align: 'right' },
  { head: '\nhealth' },
];

/** The status of aggregates: a table, a row each, and a sentence on each thing that waits. */
export function renderStatus(rows: readonly StatusRow[], now: Date, colors: Colors): string {
  if (rows.length === 0) return 'There are no continuous aggregates; run the migrations.';
  const table = plainTable(
    COLUMNS.map(({ head, ...column }) => ({ ...column, head: colors.bold(head) })),
    rows.map((row) => cellsOf(row, now, colors)),
  );
  const notes = rows.flatMap(notesOn);
  return notes.length === 0 ? table : `${table}\n\n${notes.join('\n')}`;
}

function cellsOf(row: StatusRow, now: Date, colors: Colors): string[] {
  const { red, dim } = colors;
  return [
    shortName(row.sqlName),
    row.materializedThrough ?? red('nothing'),
    row.newestSourceDay ?? dim('none'),
    row.refreshLagSeconds === null ? red('never') : shortDuration(row.refreshLagSeconds * 1000),
    scheduleOf(row, colors),
    nextRunOf(row, now, colors),
    shortCount(row.totalRows),
    prettyBytes(row.sizeBytes),
    pendingOf(row, colors),
    statusColor(colors, row.health.status)(row.health.status),
  ];
}

function scheduleOf(row: StatusRow, { red }: Colors): string {
  if (row.scheduleInterval === null) return red('never');
  return row.refreshPolicyEnabled ? shortIsoDuration(row.scheduleInterval) : red('off');
}

function nextRunOf(row: StatusRow, now: Date, { yellow, dim }: Colors): string {
  if (!row.refreshPolicyEnabled || row.nextRefresh === null) return dim('-');
  const waitMs = Date.parse(row.nextRefresh) - now.getTime();
  return waitMs >= 0 ? shortDuration(waitMs) : yellow('overdue');
}

/** Red where no scheduled run will reach all of them. */
function pendingOf({ pendingInvalidations: ranges }: StatusRow, colors: Colors): string {
  const days = countPendingDays(ranges).toLocaleString('en');
  if (ranges.length === 0) return colors.green(days);
  const isCovered = ranges.every(({ coveredByPolicy }) => coveredByPolicy);
  return (isCovered ? colors.yellow : colors.red)(days);
}

/** What waits and what failed, in sentences. */
function notesOn({ sqlName, pendingInvalidations, lastRunStatus, lastError }: StatusRow): string[] {
  const name = shortName(sqlName);
  const covered = pendingInvalidations.filter(({ coveredByPolicy }) => coveredByPolicy);
  const left = pendingInvalidations.filter(({ coveredByPolicy }) => !coveredByPolicy);
  return [
    ...(covered.length > 0
      ? [`${name}: ${describeRanges(covered)} will be refreshed by schedule.`]
      : []),
    ...(left.length > 0
      ? [`${name}: no scheduled run will reach ${describeRanges(left)}; cli refresh does.`]
      : []),
    ...(lastRunStatus === 'Failed'
      ? [`${name}: the last run failed: ${lastError ?? 'no reason given'}`]
      : []),
  ];
}
