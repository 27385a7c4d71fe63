import { BARE, COLD, FRAMED, POSTGRAPHILE, WARM } from '../competitors/competitors.js';
import type { Measurement } from '../run/measurement.js';
import type { WorkloadName } from '../workloads.js';

/** A ratio of two throughputs that should be reached. */
interface Aim {
  readonly workload: WorkloadName;
  readonly dividend: string;
  readonly divisor: string;
  /** Another workload of the divisor, which has none like it. */
  readonly divisorWorkload?: WorkloadName;
  readonly least: number;
}

const aims = (
  workload: WorkloadName,
  [warm, cold, bare]: readonly [number, number, number],
): Aim[] => [
  { workload, dividend: WARM, divisor: POSTGRAPHILE, least: warm },
  { workload, dividend: COLD, divisor: POSTGRAPHILE, least: cold },
  { workload, dividend: WARM, divisor: BARE, least: bare },
];

/** Those of charts were set by what PostGraphile gives with window frames. */
const aimsOfFrames = (workload: WorkloadName, [warm, cold]: readonly [number, number]): Aim[] => [
  { workload, dividend: WARM, divisor: FRAMED, least: warm },
  { workload, dividend: COLD, divisor: FRAMED, least: cold },
];

const AIMS: readonly Aim[] = [
  ...aims('tile', [6, 1.2, 0.35]),
  ...aims('blotter', [6, 1, 0.5]),
  ...aims('chart1y', [10, 5, 0.45]),
  ...aimsOfFrames('chart1y', [10, 5]),
  ...aims('chart4y', [25, 8, 0.45]),
  ...aimsOfFrames('chart4y', [25, 8]),
  {
    workload: 'conditional',
    dividend: WARM,
    divisor: POSTGRAPHILE,
    divisorWorkload: 'tile',
    least: 20,
  },
  { workload: 'conditional', dividend: WARM, divisor: BARE, least: 0.7 },
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
  return AIMS.map(({ workload, dividend, divisor, divisorWorkload = workload, least }) => {
    const above = rate(workload, dividend);
    const below = rate(divisorWorkload, divisor);
    const isOther = divisorWorkload !== workload;
    return {
      workload,
      ratio: `${dividend} ÷ ${divisor}${isOther ? ` (${divisorWorkload})` : ''}`,
      aim: least,
      measured: above === undefined || below === undefined ? null : above / below,
    };
  });
}
