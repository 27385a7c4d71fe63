import { monthsBefore } from '../format/days.js';
import type { Parameters } from '../shell/parameters.js';

/** First and last day. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** The days that the charts show. */
export interface Period extends Days {
  /** The one of PERIODS that it is, if any. */
  readonly preset: PresetName | undefined;
}

export const PERIODS = [
  { value: '6M', name: '6 months', months: 6 },
  { value: '1Y', name: '1 year', months: 12 },
  { value: '4Y', name: '4 years', months: 48 },
  { value: 'ALL', name: 'All', months: Infinity },
] as const;
type PresetName = (typeof PERIODS)[number]['value'];
const DEFAULT: PresetName = '4Y';
/** What a series may have; the server refuses more. */
const LONGEST_MONTHS = 480;

/** The period of the address, within the days that the portfolio has. */
export function periodOf(
  { from, to, period }: Parameters,
  { firstDay, lastDay }: { readonly firstDay: string; readonly lastDay: string },
): Period {
  if (from !== undefined || to !== undefined) {
    return { from: from ?? firstDay, to: to ?? lastDay, preset: undefined };
  }
  const { value, months } = PERIODS.find((preset) => preset.value === period) ?? presetOf(DEFAULT);
  const start = monthsBefore(lastDay, Math.min(months, LONGEST_MONTHS));
  return { from: start > firstDay ? start : firstDay, to: lastDay, preset: value };
}

function presetOf(name: PresetName): (typeof PERIODS)[number] {
  return PERIODS.find(({ value }) => value === name)!;
}
