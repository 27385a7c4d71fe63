import { timeOf } from '../format/days.js';

const DAY_SECONDS = 86_400;
/** A weekend with holidays is no gap. */
const MIN_GAP_DAYS = 7;
/** Where rows are further apart, so many usual distances are one. */
const GAP_DISTANCES = 4;

export interface Line {
  readonly name: string;
  /** The custom property of the style sheet that has its colour. */
  readonly color: string;
  readonly values: readonly (number | null)[];
}

/** What a chart draws: values[i] of every line belongs to days[i]. */
export interface ChartData {
  readonly days: readonly string[];
  readonly lines: readonly Line[];
}

/** As uPlot takes it: seconds, then the values of each line, null where it is to be broken. */
export type DrawnData = [number[], ...(number | null)[][]];

/** Breaks lines not only at missing values, but also where days without a row are missing. */
export function drawnData({ days, lines }: ChartData): DrawnData {
  const seconds = days.map((day) => timeOf(day) / 1000);
  const longest = longestDistance(seconds);
  const times: number[] = [];
  const columns: (number | null)[][] = lines.map(() => []);
  for (const [index, time] of seconds.entries()) {
    const before = seconds[index - 1];
    if (before !== undefined && time - before > longest) {
      times.push(before + DAY_SECONDS);
      for (const column of columns) column.push(null);
    }
    times.push(time);
    for (const [line, column] of columns.entries()) {
      column.push(lines[line]!.values[index] ?? null);
    }
  }
  return [times, ...columns];
}

/** The longest distance between two rows that are neighbours, by what is usual in the series. */
function longestDistance(seconds: readonly number[]): number {
  const distances = seconds.slice(1).map((time, index) => time - seconds[index]!);
  const usual = distances.toSorted((a, b) => a - b)[(distances.length - 1) >> 1] ?? 0;
  return Math.max(MIN_GAP_DAYS * DAY_SECONDS, GAP_DISTANCES * usual);
}

/** All days of several charts, in order. */
export function unionOfDays(charts: readonly ChartData[]): readonly string[] {
  const [first] = charts;
  if (first && charts.every(({ days }) => days === first.days)) return first.days;
  return [...new Set(charts.flatMap(({ days }) => days))].toSorted();
}
