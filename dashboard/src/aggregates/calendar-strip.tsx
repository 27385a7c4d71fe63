import type { JSX } from 'preact';
import { addDays, countDays, formatRange, monthsBefore, timeOf } from '../format/days.js';
import type { AggregateStatus } from './aggregate-status.js';

type Pending = AggregateStatus['pendingInvalidations'];

const WIDTH = 600;
/** A single day has to be seen among decades. */
const MIN_WIDTH = 3;
const MAX_TICKS = 8;

/** A line of time with the pending ranges on it; the list beside it says the same in words. */
export function CalendarStrip({
  pending,
  ends,
}: {
  readonly pending: Pending;
  readonly ends: readonly (string | null)[];
}): JSX.Element {
  const last = [...ends, ...pending.map(({ to }) => to)].reduce<string>(
    (latest, day) => (day !== null && day > latest ? day : latest),
    pending[0]!.to,
  );
  const yearBefore = monthsBefore(last, 12);
  const first = pending[0]!.from < yearBefore ? pending[0]!.from : yearBefore;
  const total = countDays(first, last);
  const x = (day: string): number => ((countDays(first, day) - 1) / total) * WIDTH;
  return (
    <svg class="strip" viewBox={`0 0 ${WIDTH} 34`} aria-hidden="true">
      <rect class="strip-ground" width={WIDTH} height="14" rx="2" />
      {pending.map(({ from, to, coveredByPolicy }) => (
        <rect
          key={from}
          class={coveredByPolicy ? 'is-covered' : 'is-uncovered'}
          x={Math.min(x(from), WIDTH - MIN_WIDTH)}
          width={Math.max(MIN_WIDTH, x(addDays(to, 1)) - x(from))}
          height="14"
        >
          <title>{formatRange(from, to)}</title>
        </rect>
      ))}
      {ticksBetween(first, last).map(({ day, text }) => (
        <g key={day} transform={`translate(${x(day)} 0)`}>
          <line y1="14" y2="18" />
          <text y="30">{text}</text>
        </g>
      ))}
    </svg>
  );
}

/** The first days of years, or of quarters where there are few years. */
function ticksBetween(first: string, last: string): { day: string; text: string }[] {
  const [from, to] = [first, last].map((day) => new Date(timeOf(day)).getUTCFullYear());
  const years = Array.from({ length: to! - from! + 1 }, (_, index) => from! + index);
  const step = Math.ceil(years.length / MAX_TICKS);
  const ticks =
    years.length > 3
      ? years
          .filter((year) => year % step === 0)
          .map((year) => ({ day: `${year}-01-01`, text: String(year) }))
      : years.flatMap((year) =>
          QUARTERS.map(([month, name]) => ({
            day: `${year}-${month}-01`,
            text: `${name} ${year}`,
          })),
        );
  return ticks.filter(({ day }) => day >= first && day <= last);
}

const QUARTERS = [
  ['01', 'Jan'],
  ['04', 'Apr'],
  ['07', 'Jul'],
  ['10', 'Oct'],
] as const;
