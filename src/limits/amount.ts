import type { GivenArguments } from './given-arguments.js';

/** What one request brings to a plan: its variables, and amounts that were computed for it already. */
export interface Run {
  readonly variables: Readonly<Record<string, unknown>>;
  /** The arguments of the series that a field is in. */
  readonly series: GivenArguments;
  readonly known: Map<object, number>;
}

/** A number, at once or, where variables decide, once a request has brought them. */
export type Amount = number | ((run: Run) => number);

export function amountOf(amount: Amount, run: Run): number {
  return typeof amount === 'number' ? amount : amount(run);
}

/** What is known beforehand is added beforehand. */
export function sum(amounts: readonly Amount[]): Amount {
  let known = 0;
  const open: ((run: Run) => number)[] = [];
  for (const amount of amounts) {
    if (typeof amount === 'number') known += amount;
    else open.push(amount);
  }
  if (open.length === 0) return known;
  return (run) => {
    let total = known;
    for (const amount of open) total += amount(run);
    return total;
  };
}

export function product(one: Amount, other: Amount): Amount {
  if (typeof one === 'number' && typeof other === 'number') return one * other;
  if (one === 1) return other;
  if (other === 1) return one;
  return (run) => amountOf(one, run) * amountOf(other, run);
}

/** The same amount, computed once a request, however many fields need it. */
export function once(amount: Amount): Amount {
  if (typeof amount === 'number') return amount;
  return (run) => {
    let value = run.known.get(amount);
    if (value === undefined) run.known.set(amount, (value = amount(run)));
    return value;
  };
}
