/** How long work holds the event loop before requests that came meanwhile are looked at. */
const TURN_MS = 15;

/**
 * Turns of the event loop, shared by all work that takes long: whatever asks for the next one
 * goes on at once while the present turn has time left, and else waits in line until the loop has
 * been round. So nothing else waits longer than a turn and one piece of work, however much is
 * computed and for however many.
 */
export class Turns {
  private readonly line: (() => void)[] = [];
  private startedMs: number | null = null;

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Undefined: go on at once. */
  next(): Promise<void> | undefined {
    if (this.startedMs === null) this.start();
    const isOver = this.clock() - this.startedMs! >= TURN_MS;
    if (!isOver && this.line.length === 0) return undefined;
    return new Promise((resolve) => this.line.push(resolve));
  }

  /** The value, as soon as there is a turn for what is made of it. */
  with<Value>(value: Value): Value | Promise<Value> {
    return this.next()?.then(() => value) ?? value;
  }

  private start(): void {
    this.startedMs = this.clock();
    setImmediate(() => {
      const proceed = this.line.shift();
      this.startedMs = null;
      if (!proceed) return;
      this.start();
      proceed();
    });
  }
}
