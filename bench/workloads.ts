import { firstDayOf, LAST_DAY } from './data/data-set.js';

/** One kind of request. */
export interface Workload {
  readonly title: string;
  /** How many random portfolios a request names. */
  readonly portfolios: number;
  /** The days of its charts, inclusive. */
  readonly range: { readonly from: string; readonly to: string };
  /** Whether a row a second is recorded and refreshed meanwhile. */
  readonly isRecording: boolean;
  /** Whether its requests name the portfolio that is recorded, and no other. */
  readonly readsRecorded: boolean;
  /** The status of every response. */
  readonly status: 200 | 304;
  /** Whether its responses are figures, which must be the same from every competitor. */
  readonly isCompared: boolean;
}

const years = (count: number): Workload['range'] => ({ from: firstDayOf(count), to: LAST_DAY });
const COMMON = {
  portfolios: 1,
  range: years(1),
  isRecording: false,
  readsRecorded: false,
  status: 200,
  isCompared: true,
} as const;

/** The workloads, in the order in which they are measured: what writes comes last. */
const WORKLOADS = {
  tile: { ...COMMON, title: 'Tile: four windows of a portfolio' },
  blotter: { ...COMMON, title: 'Blotter: four windows of 100 portfolios', portfolios: 100 },
  chart1y: { ...COMMON, title: 'Chart: five metrics of the one-year window, one year' },
  chart4y: { ...COMMON, title: 'Chart: the same, four years', range: years(4) },
  dashboard: { ...COMMON, title: 'Dashboard: four windows × three charts of one year' },
  ranking: { ...COMMON, title: 'Ranking of all portfolios', portfolios: 0 },
  status: { ...COMMON, title: 'Status of the aggregates', portfolios: 0, isCompared: false },
  conditional: { ...COMMON, title: 'Tile, conditional GET', status: 304 },
  recording: {
    ...COMMON,
    title: 'Tile, while a row a second is recorded for another portfolio',
    isRecording: true,
  },
  recordingSame: {
    ...COMMON,
    title: 'Tile, while a row a second is recorded for the same portfolio',
    isRecording: true,
    readsRecorded: true,
  },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

/** The workload of this name. */
export function workloadOf(name: WorkloadName): Workload {
  return WORKLOADS[name];
}
