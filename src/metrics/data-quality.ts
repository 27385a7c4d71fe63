import { formatDay, type DayNumber } from './calendar.js';
import { requireColumns, type DailySeries } from './daily-series.js';
import { Moments } from './moments.js';

/** What can look wrong in a daily series, in the order in which it is listed. */
export const DATA_FAULT_KINDS = [
  'GAP',
  'REPEATED_VALUE',
  'EXTREME_RETURN',
  'UNEXPLAINED_VALUE',
  'MISSING_BENCHMARK',
] as const;
export type DataFaultKind = (typeof DATA_FAULT_KINDS)[number];

/** Something that looks wrong: an inclusive range of days, and a sentence that has them. */
export interface DataFault {
  readonly kind: DataFaultKind;
  readonly from: DayNumber;
  readonly to: DayNumber;
  readonly sentence: string;
}

/** Of each kind so many are listed one by one; the others are one more. */
const MAX_OF_A_KIND = 20;
/** The maximum number of faults that can be found. */
export const MAX_FINDINGS = DATA_FAULT_KINDS.length * (MAX_OF_A_KIND + 1);

/** Usual days in a row without a row that are no holidays, where weekends have none. */
const MISSING_DAYS = 4;
/** A pause between irregular rows that is so many times the usual one is a gap. */
const LONG_PAUSE = 1.5;
/** Rows in a row with the same figure. */
const REPETITIONS = 10;
/** Robust standard deviations. */
const EXTREME = 10;
/** Returns on each side that one is compared with, and how many there have to be in all. */
const NEIGHBOURS = 30;
const MIN_NEIGHBOURS = 20;
/** A normal distribution's standard deviation, in median absolute deviations: 1 / Φ⁻¹(3/4). */
const DEVIATIONS_A_MAD = 1.4826;
/** Part of the value that has moved without a return. */
const UNEXPLAINED = 0.1;
/** Rows in a row without a benchmark return. */
const MISSING_BENCHMARKS = 5;

/** Weekdays from Sunday. */
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/**
 * What looks wrong in a daily series: by kind, then day; pure, of one pass a kind. Nothing here says
 * that it is wrong: a deposit moves a value, and a fund may be priced on other days than most.
 */
export function findDataFaults(
  series: DailySeries,
  { hasBenchmark }: { readonly hasBenchmark: boolean },
): DataFault[] {
  requireColumns(series, ['returns', 'values', 'benchmarkReturns']);
  return [
    findGaps(series.days),
    findRepetitions(series),
    findExtremeReturns(series),
    findUnexplainedValues(series),
    hasBenchmark ? findMissingBenchmarks(series) : [],
  ].flatMap(firstOf);
}

/** The first faults of a kind, and one for all further ones. */
function firstOf(faults: readonly DataFault[]): readonly DataFault[] {
  const further = faults.slice(MAX_OF_A_KIND);
  if (further.length <= 1) return faults;
  const { kind, from } = further[0]!;
  const { to } = further.at(-1)!;
  const sentence = `${further.length} more like these from ${formatDay(from)} to ${formatDay(to)}.`;
  return [...faults.slice(0, MAX_OF_A_KIND), { kind, from, to, sentence }];
}

/**
 * Days without a row on which there usually is one: on weekdays that have a row in more than half of
 * the weeks. Holidays are none: four such days in a row, or one where there is a row every day or one
 * a week. Without such weekdays, as of monthly rows, a pause of more than 1.5 times the median one.
 */
function findGaps(days: Int32Array): DataFault[] {
  const usual = usualWeekdays(days);
  const min = usual.length === 1 || usual.length === WEEKDAYS.length ? 1 : MISSING_DAYS;
  const names =
    usual.length === WEEKDAYS.length
      ? 'every day'
      : `on ${usual.map((weekday) => WEEKDAYS[weekday]).join(', ')}`;
  const usualPause = median(pausesOf(days));
  const faults: DataFault[] = [];
  for (let index = 1; index < days.length; index++) {
    const [from, to] = [days[index - 1]! + 1, days[index]! - 1];
    if (from > to) continue;
    const range = `There is no row from ${formatDay(from)} to ${formatDay(to)}`;
    if (usual.length === 0) {
      const pause = to - from + 2;
      if (pause <= LONG_PAUSE * usualPause) continue;
      const sentence = `${range}: ${pause} days from one row to the next, where ${usualPause} are usual.`;
      faults.push({ kind: 'GAP', from, to, sentence });
      continue;
    }
    const missing = countWeekdays(from, to, usual);
    if (missing < min) continue;
    const count = missing === 1 ? '1 day is' : `${missing} days are`;
    const sentence = `${range}: ${count} missing, where there usually is a row ${names}.`;
    faults.push({ kind: 'GAP', from, to, sentence });
  }
  return faults;
}

/** The weekdays, from Sunday, that have a row in more than half of the weeks. */
function usualWeekdays(days: Int32Array): number[] {
  if (days.length === 0) return [];
  const weeks = (days.at(-1)! - days[0]! + 1) / 7;
  const counts = WEEKDAYS.map(() => 0);
  for (const day of days) counts[weekdayOf(day)]!++;
  return [...WEEKDAYS.keys()].filter((weekday) => counts[weekday]! > weeks / 2);
}

function weekdayOf(day: DayNumber): number {
  // Day 0, 1970-01-01, was a Thursday.
  return (((day + 4) % 7) + 7) % 7;
}

function countWeekdays(from: DayNumber, to: DayNumber, weekdays: readonly number[]): number {
  const days = to - from + 1;
  const inWholeWeeks = Math.floor(days / 7) * weekdays.length;
  const rest = Array.from({ length: days % 7 }, (_, index) => weekdayOf(from + index));
  return inWholeWeeks + rest.filter((weekday) => weekdays.includes(weekday)).length;
}

function pausesOf(days: Int32Array): Float64Array {
  return Float64Array.from(days.subarray(1), (day, index) => day - days[index]!);
}

/** Runs of the same value; and of the same return, where no values are recorded. */
function findRepetitions({ days, returns, values }: DailySeries): DataFault[] {
  const faults: DataFault[] = [];
  const find = (column: Float64Array, name: string, isCounted: (index: number) => boolean) => {
    for (const [first, end] of runs(
      days.length,
      (index, start) => isCounted(index) && column[index] === column[start],
    )) {
      if (end - first < REPETITIONS) continue;
      const [from, to] = [days[first]!, days[end - 1]!];
      const sentence = `The ${name} is ${column[first]} on all ${end - first} rows from ${formatDay(from)} to ${formatDay(to)}.`;
      faults.push({ kind: 'REPEATED_VALUE', from, to, sentence });
    }
  };
  find(values, 'value', () => true);
  find(returns, 'return', (index) => Number.isNaN(values[index]!));
  return faults.toSorted((a, b) => a.from - b.from);
}

/** The longest runs [first, end) of indexes that belong to the start of their run. NaN belongs nowhere. */
function* runs(
  length: number,
  belongs: (index: number, start: number) => boolean,
): Generator<readonly [first: number, end: number]> {
  for (let start = 0; start < length;) {
    let end = start;
    while (end < length && belongs(end, start)) end++;
    if (end > start) yield [start, end];
    start = Math.max(end, start + 1);
  }
}

/**
 * Returns more than ten standard deviations from the median of up to 30 returns before and 30 after,
 * without themselves. The deviation is 1.4826 · the median absolute deviation, which other extreme
 * returns do not widen; where that is 0, as of a fund that seldom moves, the sample standard deviation.
 */
function findExtremeReturns({ days, returns }: DailySeries): DataFault[] {
  const indexes = [...days.keys()].filter((index) => !Number.isNaN(returns[index]!));
  const all = Float64Array.from(indexes, (index) => returns[index]!);
  return indexes.flatMap((index, place) => {
    const start = Math.max(0, place - NEIGHBOURS);
    const others = new Float64Array(Math.min(all.length, place + NEIGHBOURS + 1) - start - 1);
    if (others.length < MIN_NEIGHBOURS) return [];
    others.set(all.subarray(start, place));
    others.set(all.subarray(place + 1, start + others.length + 1), place - start);
    const centre = median(others);
    const distance = Math.abs(all[place]! - centre);
    const mad = DEVIATIONS_A_MAD * median(others.map((other) => Math.abs(other - centre)));
    const deviation = mad > 0 ? mad : deviationOf(others);
    if (deviation === 0 || distance <= EXTREME * deviation) return [];
    const day = days[index]!;
    const sentence = `The return of ${formatDay(day)} is ${all[place]}: ${Math.round(distance / deviation)} standard deviations from the ${others.length} returns around it.`;
    return { kind: 'EXTREME_RETURN', from: day, to: day, sentence };
  });
}

/** Values that moved from one row to the next otherwise than the return says, by more than a tenth. */
function findUnexplainedValues({ days, returns, values }: DailySeries): DataFault[] {
  const faults: DataFault[] = [];
  for (let index = 1; index < days.length; index++) {
    const [before, value, dailyReturn] = [values[index - 1]!, values[index]!, returns[index]!];
    if (!(before > 0)) continue;
    const move = value / before - 1;
    // Not so either where one of them is missing.
    if (!(Math.abs(move - dailyReturn) > UNEXPLAINED)) continue;
    const [from, to] = [days[index - 1]!, days[index]!];
    const sentence = `From ${formatDay(from)} to ${formatDay(to)} the value went from ${before} to ${value}, by ${percent(move)}, and the return is ${percent(dailyReturn)}: a deposit or withdrawal, or an error.`;
    faults.push({ kind: 'UNEXPLAINED_VALUE', from, to, sentence });
  }
  return faults;
}

/** Runs of rows with a return and without one of the benchmark. */
function findMissingBenchmarks({ days, returns, benchmarkReturns }: DailySeries): DataFault[] {
  const isMissing = (index: number): boolean =>
    !Number.isNaN(returns[index]!) && Number.isNaN(benchmarkReturns[index]!);
  return Array.from(runs(days.length, isMissing))
    .filter(([first, end]) => end - first >= MISSING_BENCHMARKS)
    .map(([first, end]) => {
      const [from, to] = [days[first]!, days[end - 1]!];
      const sentence = `The ${end - first} rows from ${formatDay(from)} to ${formatDay(to)} have a return and none of the benchmark.`;
      return { kind: 'MISSING_BENCHMARK', from, to, sentence };
    });
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

/** The middle value, of an even count the mean of both; NaN of none. Sorts a copy. */
function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function deviationOf(values: Float64Array): number {
  const moments = new Moments();
  moments.addAll(values, 0, values.length);
  return moments.standardDeviation;
}
