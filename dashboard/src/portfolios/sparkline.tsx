import type { JSX } from 'preact';
import type { SparklineValues } from './sparkline-store.js';

const WIDTH = 72;
const HEIGHT = 20;

/** A line without axes, for the eye alone; its last value stands beside it. */
export function Sparkline({
  values,
}: {
  readonly values: SparklineValues | undefined;
}): JSX.Element {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {values && <path d={pathOf(values)} />}
    </svg>
  );
}

/** The line, broken where values are missing. */
function pathOf(values: SparklineValues): string {
  const known = values.filter((value) => value !== null);
  const min = Math.min(...known);
  const spread = Math.max(...known) - min || 1;
  let isBroken = true;
  let path = '';
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const x = (index / Math.max(1, values.length - 1)) * WIDTH;
      const y = HEIGHT - 1 - ((value - min) / spread) * (HEIGHT - 2);
      path += `${isBroken ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
    isBroken = value === null;
  }
  return path;
}
