/** Batches that may be under way at once before others are held back. */
const FREE = 2;
/** How long one is held back at most, in milliseconds: those before it may be large. */
const MAX_WAIT_MS = 5;

/**
 * When to send what has been gathered: at once while little is under way, else when something of
 * that ends or after a moment. So under load more goes into one statement, which
 * costs each load less; a load by itself waits for nothing.
 */
export class BatchSchedule {
  private underWay = 0;
  private held: (() => void) | undefined;

  constructor(private readonly maxWaitMs = MAX_WAIT_MS) {}

  /** Calls `send` when it is time; until then there is no other to be called. */
  schedule(send: () => void): void {
    if (this.underWay < FREE) {
      // After the promises that are settled now, for they may request more.
      void Promise.resolve().then(() => process.nextTick(send));
      return;
    }
    const timer = setTimeout(() => this.release(), this.maxWaitMs);
    this.held = () => {
      clearTimeout(timer);
      send();
    };
  }

  /** Work that was sent. */
  async track<Result>(work: () => Promise<Result>): Promise<Result> {
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
      this.release();
    }
  }

  private release(): void {
    const { held } = this;
    this.held = undefined;
    held?.();
  }
}
