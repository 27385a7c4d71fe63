/** Two numbers that differ by less are the same figure. */
const TOLERANCE = 1e-9;

/** Says where two responses differ, or null where they are the same up to rounding. */
export function difference(expected: unknown, actual: unknown, path = 'response'): string | null {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const isSame = Math.abs(expected - actual) <= TOLERANCE * Math.max(1, Math.abs(expected));
    return isSame ? null : `${path} is ${expected} and ${actual}`;
  }
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    for (const key of keys) {
      const found = difference(expected[key], actual[key], `${path}.${key}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (expected === actual) return null;
  return `${path} is ${JSON.stringify(expected)} and ${JSON.stringify(actual)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
