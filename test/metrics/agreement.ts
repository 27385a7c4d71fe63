/**
 * Whether a computed value agrees with the expected one: |a − b| ≤ 1e-12 · |b| + 1e-14, nulls
 * only with nulls. `terms` is for results that are small because larger terms cancel: the size
 * of those terms, at which the absolute part then applies. Below 1 it changes nothing.
 */
export function agrees(actual: number | null, expected: number | null, terms = 1): boolean {
  if (actual === null || expected === null) return actual === expected;
  const tolerance = 1e-12 * Math.abs(expected) + 1e-14 * Math.max(1, terms);
  return Math.abs(actual - expected) <= tolerance;
}

/**
 * The expected value where the actual one agrees with it, and the actual one otherwise, so that
 * `expect(settle(actual, expected)).toBe(expected)` fails with both.
 */
export function settle(actual: number, expected: number): number {
  return agrees(actual, expected) ? expected : actual;
}
