import { onAbort } from '../async/on-abort.js';
import { ServiceError } from '../errors.js';

/** Operations that cost at most this much never wait, and are not counted. */
const CHEAP_COST = 100_000;
const MAX_WAITING = 500;
const MAX_WAIT_MS = 10_000;

interface Waiting {
  readonly share: number;
  readonly admit: () => void;
}

/**
 * Bounds what all operations that run at the same time cost together, and so the memory they take.
 * A costly one waits until there is room for it, in the order in which they came.
 */
export class CostGate {
  private running = 0;
  private readonly line: Waiting[] = [];

  constructor(
    /** What they may cost together. An operation that costs more runs by itself. */
    private readonly room: number,
    private readonly maxWaiting = MAX_WAITING,
    private readonly maxWaitMs = MAX_WAIT_MS,
  ) {}

  /**
   * Waits for room, or until the signal aborts. Gives what is called when the operation has ended,
   * for a cheap one undefined; throws OVERLOADED where too many wait, or it waited too long.
   */
  async enter(cost: number, signal: AbortSignal | undefined): Promise<(() => void) | undefined> {
    if (cost <= CHEAP_COST) return undefined;
    const share = Math.min(cost, this.room);
    if (this.line.length > 0 || !this.fits(share)) await this.wait(share, signal);
    else this.running += share;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.running -= share;
      this.admit();
    };
  }

  private fits(share: number): boolean {
    return this.running + share <= this.room;
  }

  private async wait(share: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.line.length >= this.maxWaiting) throw overloaded();
    let timer: NodeJS.Timeout | undefined;
    let forget: (() => void) | undefined;
    let waiting: Waiting | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.line.push((waiting = { share, admit: resolve }));
        timer = setTimeout(() => reject(overloaded()), this.maxWaitMs);
        forget = signal && onAbort(signal, () => reject(signal.reason as Error));
      });
    } catch (error) {
      this.line.splice(this.line.indexOf(waiting!), 1);
      // It may have been the first, and the next may fit.
      this.admit();
      throw error;
    } finally {
      clearTimeout(timer);
      forget?.();
    }
  }

  private admit(): void {
    for (let next = this.line[0]; next && this.fits(next.share); next = this.line[0]) {
      this.line.shift();
      this.running += next.share;
      next.admit();
    }
  }
}

function overloaded(): ServiceError {
  return new ServiceError(
    'OVERLOADED',
    'Too many costly operations run or wait already: try again in a moment, or request less at once.',
  );
}
