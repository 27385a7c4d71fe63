import type { JSX } from 'preact';
import { countDays, formatRange } from '../format/days.js';
import { counted } from '../format/times.js';
import type { AggregateStatus } from './aggregate-status.js';
import { CalendarStrip } from './calendar-strip.js';

const SHOWN = 6;

/** Which days changed since they were materialized, on a strip and in words. */
export function PendingDays({
  status: { pendingInvalidations: pending, newestSourceDay, materializedThrough },
}: {
  readonly status: AggregateStatus;
}): JSX.Element {
  if (pending.length === 0) return <p class="pending-none">No days are pending.</p>;
  const days = pending.reduce((sum, { from, to }) => sum + countDays(from, to), 0);
  return (
    <div class="pending">
      <p>
        <strong>{counted(days, 'day')} pending</strong>
      </p>
      <CalendarStrip pending={pending} ends={[newestSourceDay, materializedThrough]} />
      <ul>
        {pending.slice(0, SHOWN).map(({ from, to, coveredByPolicy }) => (
          <li key={from}>
            {formatRange(from, to)}
            <span class={coveredByPolicy ? 'quiet' : 'uncovered'}>
              {coveredByPolicy ? ' – the policy will take it' : ' – only a refresh by hand will'}
            </span>
          </li>
        ))}
        {pending.length > SHOWN && <li class="quiet">and {pending.length - SHOWN} more ranges</li>}
      </ul>
    </div>
  );
}
