import { counted } from './times.js';

export const DURATION_UNITS = ['minute', 'hour', 'day', 'month', 'year'] as const;
export type DurationUnit = (typeof DURATION_UNITS)[number];

/** A duration of one unit, such as 3 months. */
export interface SimpleDuration {
  readonly amount: number;
  readonly unit: DurationUnit;
}

/** What stands before and after the amount in ISO 8601. */
const AFFIXES: Readonly<Record<DurationUnit, readonly [before: string, after: string]>> = {
  minute: ['PT', 'M'],
  hour: ['PT', 'H'],
  day: ['P', 'D'],
  month: ['P', 'M'],
  year: ['P', 'Y'],
};
/** In the order of ISO 8601. */
const PARTS = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second'] as const;

/** An ISO 8601 duration in words: PT1H is "1 hour". */
export function formatDuration(duration: string): string {
  const words = partsOf(duration).map(({ amount, unit }) => counted(amount, unit));
  return words.join(' ') || duration;
}

/** An ISO 8601 duration of a single unit that is offered; null for another. */
export function parseDuration(duration: string): SimpleDuration | null {
  const [part, ...others] = partsOf(duration);
  const unit = DURATION_UNITS.find((name) => name === part?.unit);
  return part && unit && others.length === 0 ? { amount: part.amount, unit } : null;
}

/** In ISO 8601: 3 months as P3M, 3 minutes as PT3M. */
export function isoDuration({ amount, unit }: SimpleDuration): string {
  const [before, after] = AFFIXES[unit];
  return `${before}${amount}${after}`;
}

function partsOf(duration: string): { amount: number; unit: (typeof PARTS)[number] }[] {
  const [, ...amounts] =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(
      duration,
    ) ?? [];
  return PARTS.flatMap((unit, index) => {
    const amount = Number(amounts[index] ?? 0);
    return amount > 0 ? { amount, unit } : [];
  });
}
