import { until } from './until.js';

/** Work of which one piece at a time may run, in the order in which it came. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  /** Waits for a turn, or until the signal aborts. What it gives ends the turn. */
  async wait(signal: AbortSignal | undefined): Promise<() => void> {
    const before = this.last;
    let end!: () => void;
    this.last = new Promise((resolve) => (end = resolve));
    try {
      await until(before, signal);
    } catch (error) {
      // The next in line still waits for those before.
      void before.then(end);
      throw error;
    }
    return end;
  }
}
