import humanizeDuration from 'humanize-duration';
import { parse } from 'iso8601-duration';

/** The two largest units of a duration: "3h 12m", "45s", "1mo 3d". */
const humanize = humanizeDuration.humanizer({
  language: 'short',
  languages: {
    short: {
      y: () => 'y',
      mo: () => 'mo',
      w: () => 'w',
      d: () => 'd',
      h: () => 'h',
      m: () => 'm',
      s: () => 's',
      ms: () => 'ms',
    },
  },
  units: ['y', 'mo', 'd', 'h', 'm', 's'],
  largest: 2,
  round: true,
  spacer: '',
  delimiter: ' ',
});

/** Milliseconds in the two largest units: "3h 12m", "45s". */
export function shortDuration(milliseconds: number): string {
  return humanize(milliseconds);
}

/** An ISO 8601 duration in the same units: "1h" for "PT1H", "1mo" for "P1M". */
export function shortIsoDuration(iso: string): string {
  const { years, months, weeks, days, hours, minutes, seconds } = parse(iso);
  const units = { y: years, mo: months, w: weeks, d: days, h: hours, m: minutes, s: seconds };
  const parts = Object.entries(units).flatMap(([unit, count]) => (count ? `${count}${unit}` : []));
  return parts.join(' ') || '0s';
}

/** A count in at most three digits: "2.51K", "36.5M". */
export function shortCount(count: number): string {
  return count.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
}
