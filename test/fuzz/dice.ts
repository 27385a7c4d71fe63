import { createRandom } from '../metrics/random.js';

/** Seeded choices: the same seed and number make the same input again. */
export class Dice {
  private readonly random: () => number;

  constructor(seed: number, number: number) {
    this.random = createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  }

  /** Whether something happens that does with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }

  /** So many of the values as the dice say, in their order; at least one. */
  some<Value>(values: readonly Value[], probability: number): readonly Value[] {
    const some = values.filter(() => this.chance(probability));
    return some.length > 0 || values.length === 0 ? some : [this.pick(values)];
  }
}
