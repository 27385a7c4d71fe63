import type { Changed } from './changes.js';

/** More portfolios than this are not counted one by one: all count as changed. */
const MAX_PORTFOLIOS = 100_000;

/** The number of the last snapshot in which each portfolio changed. */
export class RevisionCounter {
  /** The last one in which all did. */
  private all = 0;
  /** The last one in which any did. */
  private any = 0;
  private readonly portfolios = new Map<string, number>();

  of(portfolioId: string): number {
    return this.portfolios.get(portfolioId) ?? this.all;
  }

  ofAny(): number {
    return this.any;
  }

  advance(number: number, changed: Changed): void {
    if (changed !== 'all' && changed.size === 0) return;
    this.any = number;
    if (changed === 'all' || this.portfolios.size + changed.size > MAX_PORTFOLIOS) {
      this.all = number;
      this.portfolios.clear();
      return;
    }
    for (const portfolioId of changed) this.portfolios.set(portfolioId, number);
  }
}
