import { formatDuration } from '../format/durations.js';
import { formatInstant } from '../format/times.js';
import type { AggregateStatus } from './aggregate-status.js';

/** When the policy runs and which days it takes. */
export function policySentence({
  refreshPolicyEnabled,
  scheduleInterval,
  startOffset,
  endOffset,
  nextRefresh,
}: Pick<
  AggregateStatus,
  'refreshPolicyEnabled' | 'scheduleInterval' | 'startOffset' | 'endOffset' | 'nextRefresh'
>): string {
  if (scheduleInterval === null) return 'None: only refreshes by hand.';
  const from = startOffset === null ? 'the oldest day' : `${formatDuration(startOffset)} before`;
  const to = endOffset === null ? 'the newest day' : `${formatDuration(endOffset)} before`;
  const days = `Every ${formatDuration(scheduleInterval)}, from ${from} to ${to}.`;
  if (!refreshPolicyEnabled) return `Disabled. ${days}`;
  return nextRefresh === null ? days : `${days} Next: ${formatInstant(nextRefresh)}.`;
}
