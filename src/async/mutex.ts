import { until } from './until.js';

/** Work of which one piece at a time may run, in the order in which it came. */
export class Mutex {
  private last: Promise<void> = Promise.resolve();

  /** Waits for the turn of a caller, or until the signal aborts. Gives what ends the turn. */
  async acquire(signal: AbortSignal | undefined): Promise<() => void> {
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
