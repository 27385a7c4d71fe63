import { onAbort } from './on-abort.js';

/** The result of `work`, or as soon as the signal aborts its reason; the work goes on for others. */
export function until<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return work;
  return new Promise<Result>((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal.reason as Error));
    work.then(resolve, reject).finally(forget);
  });
}

/**
 * Work that several callers wait for, each with its own signal: one whose signal aborts waits no
 * longer, and when none waits any more the signal that the work was started with aborts.
 */
export class SharedWork<Result> {
  private waiting = 0;
  private isOver = false;
  private readonly stop = new AbortController();
  readonly result: Promise<Result>;

  constructor(start: (signal: AbortSignal) => Promise<Result>) {
    this.result = start(this.stop.signal);
    const end = (): boolean => (this.isOver = true);
    // Callers that wait receive a failure; without any it needs no handler.
    this.result.then(end, end);
  }

  /** Whether it was stopped: too late to wait for it. */
  get isStopped(): boolean {
    return this.stop.signal.aborted;
  }

  async wait(signal: AbortSignal | undefined): Promise<Result> {
    this.waiting += 1;
    try {
      return await until(this.result, signal);
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0 && !this.isOver) {
        this.stop.abort(new Error('no caller waits for this any more'));
      }
    }
  }
}
