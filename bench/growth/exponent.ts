/** A size and what it took. */
export interface Point {
  readonly size: number;
  readonly milliseconds: number;
}

/**
 * The exponent p of time = c · size^p that fits best: the slope of the logarithms by least
 * squares. 1 is linear, 0 does not grow; a fixed cost beside the growing one makes it smaller.
 */
export function fittedExponent(points: readonly Point[]): number {
  const logs = points.map(({ size, milliseconds }) => [Math.log(size), Math.log(milliseconds)]);
  const mean = (column: 0 | 1): number =>
    logs.reduce((sum, log) => sum + log[column]!, 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const products = logs.reduce((sum, log) => sum + (log[0]! - x) * (log[1]! - y), 0);
  const squares = logs.reduce((sum, log) => sum + (log[0]! - x) ** 2, 0);
  return products / squares;
}
