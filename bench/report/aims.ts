import { BARE, COMPUTED, FRAMED, POSTGRAPHILE, WARM } from '../competitors/competitors.js';
import type { Measurement } from '../run/measurement.js';
import type { WorkloadName } from '../workloads.js';

/** A ratio of two throughputs that should be reached. */
interface Aim {
  readonly workload: WorkloadName;
  readonly dividend: string;
  readonly divisor: string;
  /** Another workload of the divisor, which has none like it. */
  readonly divisorWorkload?: WorkloadName;
  readonly min: number;
}

/** There is none of cold reads: the bare server without a cache, which marks the limit, does not reach any (docs/decisions/0014). */
const aims = (
  workload: WorkloadName,
  [warm, computed, bare]: readonly [number, number, number],
): Aim[] => [
  { workload, dividend: WARM, divisor: POSTGRAPHILE, min: warm },
  { workload, dividend: COMPUTED, divisor: POSTGRAPHILE, min: computed },
  { workload, dividend: WARM, divisor: BARE, min: bare },
];

const AIMS: readonly Aim[] = [
  ...aims('tile', [7.7, 3.5, 0.35]),
  ...aims('blotter', [89, 4, 0.5]),
  ...aims('chart1y', [23, 3, 0.45]),
  // That of charts was set by what PostGraphile gives with window frames, too.
  { workload: 'chart1y', dividend: WARM, divisor: FRAMED, min: 10 },
  ...aims('chart4y', [39, 2.5, 0.45]),
  { workload: 'chart4y', dividend: WARM, divisor: FRAMED, min: 25 },
  { workload: 'recording', dividend: WARM, divisor: POSTGRAPHILE, min: 5 },
  {
    workload: 'recording',
    dividend: WARM,
    divisor: WARM,
    divisorWorkload: 'tile',
    min: 0.8,
  },
  {
    workload: 'conditional',
    dividend: WARM,
    divisor: POSTGRAPHILE,
    divisorWorkload: 'tile',
    min: 20,
  },
  { workload: 'conditional', dividend: WARM, divisor: BARE, min: 0.7 },
];

/** What became of an aim. */
export interface Ratio {
  readonly workload: WorkloadName;
  readonly ratio: string;
  readonly aim: number;
  /** Null where one of the two was not measured. */
  readonly measured: number | null;
}

/** The ratios that are aimed at, as they were measured. */
export function ratiosOf(measurements: readonly Measurement[]): Ratio[] {
  const rate = (workload: WorkloadName, competitor: string): number | undefined =>
    measurements.find((each) => each.workload === workload && each.competitor === competitor)
      ?.requestsPerSecond;
  return AIMS.map(({ workload, dividend, divisor, divisorWorkload = workload, min }) => {
    const above = rate(workload, dividend);
    const below = rate(divisorWorkload, divisor);
    const isOther = divisorWorkload !== workload;
    return {
      workload,
      ratio: `${dividend} ÷ ${divisor}${isOther ? ` (${divisorWorkload})` : ''}`,
      aim: min,
      measured: above === undefined || below === undefined ? null : above / below,
    };
  });
}
