/**
 * What is gained up to each day, compounded from the first. A missing return breaks the line and is
 * left out of the product, as in CUMULATIVE_RETURN.
 */
export function compounded(returns: readonly (number | null)[]): (number | null)[] {
  let growth = 1;
  return returns.map((value) => {
    if (value === null) return null;
    growth *= 1 + value;
    return growth - 1;
  });
}
