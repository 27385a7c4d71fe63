const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const INSTANT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const STEPS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** The time of day, as 14:03:12. */
export function formatClock(instant: Date): string {
  return CLOCK.format(instant);
}

export function formatInstant(instant: string | null): string {
  return instant === null ? 'never' : INSTANT.format(new Date(instant));
}

/** "3 hours": the largest unit that a number of seconds fills. */
export function formatSeconds(seconds: number): string {
  for (const [unit, length] of STEPS) {
    if (seconds >= length) return counted(Math.floor(seconds / length), unit);
  }
  return counted(Math.max(0, Math.round(seconds)), 'second');
}

export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
